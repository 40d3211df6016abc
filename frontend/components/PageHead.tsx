/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import LiveBadge from "../islands/shell/LiveBadge.tsx";
import { formatUtc } from "../lib/format.ts";
import { formatTime } from "../lib/format-time.ts";
import { usePage } from "../lib/page-info.ts";

/** The title of a page, whether it is live, and what else `children` say or offer. */
export function PageHead({ title, now, children }: {
  title: ComponentChildren;
  /** When the page was made. */
  now: number;
  children?: ComponentChildren;
}) {
  const time = formatTime(now, usePage().zone, now).replace(/^.*, /, "");
  return (
    <div class="head">
      <h1>{title}</h1>
      <LiveBadge time={time} utc={formatUtc(now)} />
      {children}
    </div>
  );
}
