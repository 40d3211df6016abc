/** @jsxImportSource preact */
import { formatCount } from "../lib/format.ts";
import { Icon } from "./Icon.tsx";
import { Status, type StatusCounts, STATUSES } from "./Status.tsx";

/** Jobs by status, each a link to its list. */
export function Counts({ counts, current, hrefOf }: {
  counts: StatusCounts;
  /** The status that is shown; null: all are, "": neither. */
  current: string | null;
  /** Where the list of a status is; of null, that of all jobs. */
  hrefOf: (status: string | null) => string;
}) {
  const all = STATUSES.reduce((sum, status) => sum + counts[status], 0);
  return (
    <ul class="counts panel" aria-label="Jobs by status">
      <li>
        <a href={hrefOf(null)} aria-current={current === null ? "page" : "false"}>
          <strong>{formatCount(all)}</strong>
          <span class="status">
            <Icon name="jobs" />All jobs
          </span>
        </a>
      </li>
      {STATUSES.map((status) => (
        <li key={status}>
          <a
            href={hrefOf(status)}
            aria-current={current === status ? "page" : "false"}
          >
            <strong>{formatCount(counts[status])}</strong>
            <Status status={status} />
          </a>
        </li>
      ))}
    </ul>
  );
}
