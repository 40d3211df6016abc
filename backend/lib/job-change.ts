import type { JobEvent } from "./events.ts";
import { isFinal, isWaiting, type Job } from "./job.ts";

/** A job as the feed tells of it: without data, result and errors, which may be large or secret. */
export type ChangedJob = Pick<
  Job,
  | "id"
  | "seq"
  | "type"
  | "queue"
  | "status"
  | "priority"
  | "tags"
  | "attempt"
  | "maxAttempts"
  | "progress"
  | "createdAt"
  | "scheduledAt"
  | "startedAt"
  | "finishedAt"
>;

/** Something that happened to a job, and the job as it was right after that. */
export interface JobChange {
  event: JobEvent;
  /** Epoch milliseconds. */
  at: number;
  job: ChangedJob;
}

/**
 * What the feed tells of a job that was stored as `after` in place of `before` (null: it is new); null: nothing.
 *
 * A finished job that becomes pending again is `added` again; one whose process died while running it, and that runs
 * again for it, is `retrying`. What a running handler does is not seen here: `started` and `progress`.
 */
export function eventOf(before: Job | null, after: Job): JobEvent | null {
  if (before === null) return "added";
  if (isFinal(after.status)) return isFinal(before.status) ? null : after.status;
  if (isFinal(before.status)) return isWaiting(after.status) ? "added" : null;
  if (before.status !== "running") return null;
  return after.status === "retrying" || after.deaths > before.deaths ? "retrying" : null;
}

/** Of so many changes at once, what a job went through on its way is left out. */
const MANY = 200;

/** `changes` or, if they are many, those that end an attempt or a job, and of each job the last. */
export function condensed(changes: JobChange[]): JobChange[] {
  if (changes.length <= MANY) return changes;
  const last = new Map(changes.map((change) => [change.job.seq, change]));
  return changes.filter((change) => {
    return isFinal(change.job.status) || change.event === "retrying" || last.get(change.job.seq) === change;
  });
}

/** The part of `job` that the feed tells. */
export function changedJob(job: ChangedJob): ChangedJob {
  return {
    id: job.id,
    seq: job.seq,
    type: job.type,
    queue: job.queue,
    status: job.status,
    priority: job.priority,
    tags: job.tags,
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    progress: job.progress,
    createdAt: job.createdAt,
    scheduledAt: job.scheduledAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
  };
}
