/** @jsxImportSource preact */
import { ViewList } from "../../components/ViewList.tsx";
import { useValue } from "../../lib/signal.ts";
import { changedViews, type View } from "../../lib/view.ts";

/** The saved views, where somebody can change them. */
export default function Views({ shown, initial }: { shown: string; initial: readonly View[] }) {
  return <ViewList shown={shown} views={useValue(changedViews) ?? initial} />;
}
