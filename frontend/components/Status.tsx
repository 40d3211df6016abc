/** @jsxImportSource preact */
import { Icon } from "./Icon.tsx";

/** In the order in which a job goes through them. */
export const STATUSES = [
  "pending",
  "scheduled",
  "running",
  "retrying",
  "completed",
  "failed",
  "cancelled",
] as const;

export type JobStatus = typeof STATUSES[number];

/** How many jobs have each status. */
export type StatusCounts = Record<JobStatus, number>;

/** A status as icon and word: never by colour alone. */
export function Status({ status }: { status: JobStatus }) {
  return (
    <span class="status" data-status={status}>
      <Icon name={status} />
      {status[0]?.toUpperCase() + status.slice(1)}
    </span>
  );
}
