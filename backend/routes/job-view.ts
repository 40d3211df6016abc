import type { z } from "@hono/zod-openapi";
import { fingerprintOfLast } from "../lib/fingerprint.ts";
import { headOf } from "../lib/job-head.ts";
import { isWaiting, type Job } from "../lib/job.ts";
import type { Redactor } from "../lib/redact.ts";
import type { LogLine, QueueInfo, WorkerInfo } from "../lib/store.ts";
import type { jobSchema, listedJobSchema, logLineSchema, wholeJobSchema } from "./job-schemas.ts";
import { viewPause } from "./queue-pause.ts";
import { iso } from "./schemas.ts";

/** A job as answers show it: times in ISO 8601, secrets masked. */
export type JobView = z.infer<typeof jobSchema>;

type ListedJob = z.infer<typeof listedJobSchema>;
type WholeJob = z.infer<typeof wholeJobSchema>;
type Reason = WholeJob["waitsFor"][number];

/** The longest JSON of data or of a result that a list shows, in characters: 200 jobs of 5 MiB would be a gigabyte. */
const LISTED_LENGTH = 20_000;

/** Returns `job` as answers show it. */
export function viewJob(job: Job, redactor: Redactor): JobView {
  return {
    ...headOf(job, redactor, iso),
    seq: job.seq,
    data: redactor.value(job.data),
    result: redactor.value(job.result),
    errors: job.errors.map((error) => ({
      name: error.name,
      message: redactor.text(error.message),
      ...(error.stack === undefined ? {} : { stack: redactor.text(error.stack) }),
      attempt: error.attempt,
      at: iso(error.at),
      ...(error.startedAt === undefined ? {} : { startedAt: iso(error.startedAt) }),
      ...(error.workerId === undefined ? {} : { workerId: error.workerId }),
    })),
    updatedAt: iso(job.updatedAt),
    expiresAt: iso(job.expiresAt),
    cancelRequestedAt: iso(job.cancelRequestedAt),
    workerId: job.workerId,
    createdBy: job.createdBy,
    traceContext: job.traceContext,
    backoff: job.backoff,
    timeout: job.timeout,
    keepFor: job.keepFor,
    unique: job.unique && { key: job.unique.key, until: iso(job.unique.until) },
    deaths: job.deaths,
    retryOf: job.retryOf,
  };
}

/**
 * Returns `job` as a list shows it: without data or a result that is too long for one.
 *
 * @param isPartial The store has left out one of them, or both: what is null may be it.
 */
export function viewListed(job: Job, redactor: Redactor, isPartial = false): ListedJob {
  const omitted = (["data", "result"] as const).filter((name) => {
    return isLong(job[name]) ||
      (isPartial && job[name] === null && (name === "data" || job.status === "completed"));
  });
  if (omitted.length === 0) return viewJob(job, redactor);
  const short = { ...job, ...Object.fromEntries(omitted.map((name) => [name, null])) };
  return { ...viewJob(short, redactor), omitted };
}

/** True when the JSON of `value` has more than about `LISTED_LENGTH` characters. Looks at no more of it than that. */
function isLong(value: unknown): boolean {
  let left = LISTED_LENGTH;
  const waiting = [value];
  while (waiting.length > 0 && left >= 0) {
    const part = waiting.pop();
    left -= typeof part === "string" ? part.length + 2 : 4;
    if (typeof part !== "object" || part === null) continue;
    for (const [name, inner] of Object.entries(part)) {
      left -= Array.isArray(part) ? 1 : name.length + 3;
      if (left < 0) return true;
      waiting.push(inner);
    }
  }
  return left < 0;
}

/** What a job may wait for. */
interface Around {
  now: number;
  queues: readonly QueueInfo[];
  workers: readonly WorkerInfo[];
  /** Jobs that will be claimed before it; null: not counted. */
  ahead: { jobs: number; isMore: boolean } | null;
}

/** Returns `job` with what happened to it, when it may end and what it waits for. */
export function viewWhole(
  job: Job,
  redactor: Redactor,
  around: Around,
): WholeJob {
  const view = viewJob(job, redactor);
  return {
    ...view,
    timeline: timelineOf(job, view),
    estimatedFinishAt: iso(estimateFinish(job, around.now)),
    fingerprint: fingerprintOfLast(job),
    waitsFor: reasonsToWait(job, redactor, around),
  };
}

/** What happened to a job, oldest first: as far as the job itself remembers it. */
function timelineOf(job: Job, view: JobView): WholeJob["timeline"] {
  const events: { at: number; event: string; message?: string }[] = [{ at: job.createdAt, event: "added" }];
  for (const [i, error] of job.errors.entries()) {
    const message = `Attempt ${error.attempt}: ${view.errors[i]?.message ?? ""}`;
    events.push({ at: error.at, event: "error", message });
  }
  if (job.scheduledAt > job.createdAt) events.push({ at: job.scheduledAt, event: "due" });
  if (job.startedAt !== null) {
    events.push({ at: job.startedAt, event: "started", message: `Attempt ${job.attempt}` });
  }
  if (job.progress !== null && view.progress !== null) {
    const { percent, note } = view.progress;
    const message = note === null ? `${percent} %` : `${percent} %: ${note}`;
    events.push({ at: job.progress.at, event: "progress", message });
  }
  if (job.cancelRequestedAt !== null) events.push({ at: job.cancelRequestedAt, event: "cancel_requested" });
  if (job.finishedAt !== null) events.push({ at: job.finishedAt, event: job.status });
  return events.sort((a, b) => a.at - b.at).map((event) => ({ ...event, at: iso(event.at) }));
}

/** When a running job ends if it goes on as fast as it did; null while it has not said how far it is. */
function estimateFinish(job: Job, now: number): number | null {
  if (job.status !== "running" || job.startedAt === null || job.progress === null) return null;
  const { percent, at } = job.progress;
  if (percent <= 0 || at < job.startedAt) return null; // said by an earlier attempt
  return Math.max(now, Math.round(job.startedAt + (at - job.startedAt) * 100 / percent));
}

/** Why a job does not run now, each reason that would keep it waiting alone; empty unless it waits. */
function reasonsToWait(
  job: Job,
  redactor: Redactor,
  { now, queues, workers, ahead = null }: Around,
): Reason[] {
  if (!isWaiting(job.status)) return [];
  const reasons: Reason[] = [];
  const line = ahead === null ? {} : { ahead };
  if (job.status !== "pending" && job.scheduledAt > now) {
    reasons.push({
      reason: job.status === "retrying" ? "retry_time" : "due_time",
      message: job.status === "retrying"
        ? `Attempt ${job.attempt} failed; the next one is due later`
        : "It is due later",
      until: iso(job.scheduledAt),
    });
  }
  const queue = queues.find(({ name }) => name === job.queue);
  if (queue?.paused) {
    const pause = queue.pause && { pause: viewPause(queue.pause, redactor) };
    reasons.push({ reason: "queue_paused", message: `Queue "${job.queue}" is paused`, ...pause });
  }
  const able = workers.filter(({ alive, status, types }) => {
    return alive && status === "running" && types.includes(job.type);
  });
  if (able.length === 0) {
    reasons.push({ reason: "no_worker", message: `No worker that runs now handles "${job.type}"` });
  } else if (able.every(({ jobs, concurrency }) => jobs.length >= concurrency)) {
    reasons.push({ reason: "busy_workers", message: "All workers that handle it are busy", ...line });
  }
  if (reasons.length === 0) {
    reasons.push({ reason: "next_claim", message: "A worker will claim it in a moment", ...line });
  }
  return reasons;
}

/** Returns a line of a job's log as answers show it. */
export function viewLogLine({ attempt, at, level, message, fields }: LogLine, redactor: Redactor) {
  const line: z.infer<typeof logLineSchema> = {
    attempt,
    at: iso(at),
    level,
    message: redactor.text(message),
  };
  if (fields !== undefined) line.fields = redactor.value(fields) as Record<string, unknown>;
  return line;
}
