/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import LiveBadge from "../islands/shell/LiveBadge.tsx";

/** The title of a page, whether it is live, and what else `children` say or offer. */
export function PageHead({ title, now, children }: {
  title: ComponentChildren;
  /** When the page was made. */
  now: number;
  children?: ComponentChildren;
}) {
  return (
    <div class="head">
      <h1>{title}</h1>
      <LiveBadge renderedAt={now} />
      {children}
    </div>
  );
}
