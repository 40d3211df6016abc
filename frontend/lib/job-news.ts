import type { JobData, WholeJob } from "./job.ts";
import { isFinal } from "./job-status.ts";
import type { LiveEvent } from "./live.ts";

/** Milliseconds between two looks at what no event of the job tells: its place in line, its workers, its removal. */
const LOOK = 5_000;

/** The same for what is left to tell of a job that has ended: how long ago, and what else failed for its cause. */
const LOOK_BACK = 60_000;

let lookedAt = 0;

/** True for what happened to this job; now and then for what may tell of its place in line, or that it is gone. */
export function isNews(event: LiveEvent, about: unknown, { job, isGone }: JobData): boolean {
  if (isGone) return false;
  if (event.startsWith("job.")) return (about as { id?: unknown }).id === job.id;
  if (event !== "stats" && !event.startsWith("worker.")) return false;
  const isTime = Date.now() - lookedAt >= LOOK;
  if (isTime) lookedAt = Date.now();
  return isTime;
}

/** True when what the server renders of a job may be other than it was `ms` milliseconds ago. */
export function isStale(job: WholeJob, before: WholeJob, ms: number): boolean {
  return stateOf(job) !== stateOf(before) || ms >= (isFinal(job.status) ? LOOK_BACK : LOOK);
}

/** Progress alone changes little of what the server renders. */
function stateOf({ status, updatedAt, waitsFor }: WholeJob): string {
  return JSON.stringify([status, updatedAt, waitsFor]);
}
