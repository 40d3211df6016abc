/** @jsxImportSource preact */
import { ViewPlace } from "../../components/jobs/ViewPlace.tsx";
import { useValue } from "../../lib/signal.ts";
import { changedViews, type View } from "../../lib/view.ts";

/** Which saved view the list shows, if it is one: somebody may save or remove it here. */
export default function JobsPlace({ shown, initial }: { shown: string; initial: readonly View[] }) {
  const view = (useValue(changedViews) ?? initial).find(({ path }) => path === shown);
  if (view === undefined) return null;
  return (
    <nav class="row soft" aria-label="Place">
      <ViewPlace view={view} />
    </nav>
  );
}
