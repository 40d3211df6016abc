/** @jsxImportSource preact */
import { formatCount } from "../../lib/format.ts";
import type { JobView } from "../../lib/job.ts";
import { useBase } from "../../lib/page-info.ts";
import type { View } from "../../lib/view.ts";
import { Icon } from "../Icon.tsx";
import { ViewPlace } from "../jobs/ViewPlace.tsx";

/** Where a job stands: the list it was opened from, and what is beside it there. */
export function JobPlace({ view: { previous, next, place }, list, saved }: {
  view: JobView;
  list: string;
  /** The saved view that the list is; null: it is none. */
  saved: View | null;
}) {
  const base = useBase();
  const step = (path: string | null, icon: string, label: string) =>
    path === null
      ? null
      : (
        <a class="btn bare square" href={base + path} aria-label={label} title={label} aria-current="false">
          <Icon name={icon} />
        </a>
      );
  return (
    <nav class="row soft" aria-label="Place">
      {saved !== null
        ? <ViewPlace view={saved} href={base + list} />
        : (
          <a class="link" href={base + list} aria-current="false">
            {list === "/admin/jobs" ? "All jobs" : "Back to the list"}
          </a>
        )}
      <span class="row end">
        {place !== null && <span>No. {formatCount(place)} of the list</span>}
        {step(previous, "left", "Previous job (k)")}
        {step(next, "right", "Next job (j)")}
      </span>
    </nav>
  );
}
