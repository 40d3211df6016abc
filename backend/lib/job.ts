import { InvalidStatusError } from "./errors.ts";

/** Where a job is in its life. The last three are final. */
export type JobStatus =
  | "pending"
  | "scheduled"
  | "running"
  | "retrying"
  | "completed"
  | "failed"
  | "cancelled";

/** The statuses in the order of a job's life. */
export const JOB_STATUSES: readonly JobStatus[] = [
  "pending",
  "scheduled",
  "running",
  "retrying",
  "completed",
  "failed",
  "cancelled",
];

/** A status no job leaves by itself. */
export type FinalStatus = "completed" | "failed" | "cancelled";

/** The final statuses. */
export const FINAL_STATUSES: readonly FinalStatus[] = ["completed", "failed", "cancelled"];

/** True when a job of this status has finished. */
export function isFinal(status: JobStatus): status is FinalStatus {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** True when a job of this status waits: it can be claimed now or will be later. */
export function isWaiting(status: JobStatus): status is "pending" | "scheduled" | "retrying" {
  return status === "pending" || status === "scheduled" || status === "retrying";
}

/** How one attempt went wrong. */
export interface JobError {
  name: string;
  /** At most 1,000 characters. */
  message: string;
  /** At most 1,000 characters. */
  stack?: string;
  attempt: number;
  /** Epoch milliseconds. */
  at: number;
  /** When the attempt began, epoch milliseconds; absent if none had. */
  startedAt?: number;
  /** Who ran it. */
  workerId?: string;
}

/** How far the handler says it is. */
export interface JobProgress {
  /** 0–100. */
  percent: number;
  note: string | null;
  /** Epoch milliseconds. */
  at: number;
}

/** How long to wait before the next attempt. Milliseconds. */
export interface BackoffOptions {
  /** @default "exponential" */
  type: "exponential" | "fixed";
  /** Wait after the first failure. @default 1000 */
  delay: number;
  /** No wait is longer than this. @default 60_000 */
  max: number;
  /** Each exponential wait is this many times the one before. @default 2 */
  factor: number;
  /** Each wait is changed by a random part of up to this fraction, so that failed jobs do not all return at once. @default 0.1 */
  jitter: number;
}

/** The hold a job has on a unique key. */
export interface UniqueHold {
  key: string;
  /** Epoch milliseconds until which the hold counts; null while the job has not finished. */
  until: number | null;
}

/** One stored unit of work. Times are epoch milliseconds. */
export interface Job<Data = unknown> {
  /** The caller's own id, else the same as `seq`. */
  readonly id: string;
  /** A UUIDv7; orders jobs everywhere. */
  readonly seq: string;
  readonly type: string;
  readonly data: Data;
  readonly queue: string;
  readonly status: JobStatus;
  /** −1000…1000, higher first. */
  readonly priority: number;
  readonly tags: readonly string[];
  /** The run it is in, or the last one it was in; 0 before the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly progress: JobProgress | null;
  readonly result: unknown;
  /** Of the last ten attempts that went wrong, oldest first. */
  readonly errors: readonly JobError[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it is due; its time of adding unless it was delayed. */
  readonly scheduledAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly expiresAt: number | null;
  readonly cancelRequestedAt: number | null;
  readonly workerId: string | null;
  readonly createdBy: string | null;
  readonly traceContext: string | null;
  /** null: as the handler's registration or the configuration says. */
  readonly backoff: BackoffOptions | null;
  /** Milliseconds for one attempt; 0 = none; null: as the handler's registration says. */
  readonly timeout: number | null;
  /** Milliseconds to keep it after it finished; null: as the configuration says. */
  readonly keepFor: number | null;
  readonly unique: UniqueHold | null;
  /** How many processes died while they were running it. */
  readonly deaths: number;
  /** The job this one repeats with other data. */
  readonly retryOf: string | null;
}

/** A job in the hands of one worker. */
export interface RunningJob<Data = unknown> extends Job<Data> {
  readonly status: "running";
  readonly startedAt: number;
  readonly workerId: string;
  /** Proof of the claim: settling is refused once it no longer holds. */
  readonly lease: string;
}

/** How an attempt ended. */
export type Outcome =
  | { kind: "completed"; result: unknown }
  /** `retryAt` null: no more retries, whatever attempts are left. */
  | { kind: "failed"; error: JobError; retryAt: number | null }
  | { kind: "cancelled"; reason: string | null }
  /** To run again at `until`, the attempt given back. */
  | { kind: "snoozed"; until: number }
  /** Given back as it was, the attempt too: its worker stops, or never started it. */
  | { kind: "released" };

/** Errors kept with a job. */
const KEPT_ERRORS = 10;

function withError(job: Job, name: string, message: string, now: number): JobError[] {
  return [...job.errors, { name, message, attempt: job.attempt, at: now }].slice(-KEPT_ERRORS);
}

/** A job that has run once no longer expires. */
function started(job: Job): Job {
  return job.expiresAt === null ? job : { ...job, expiresAt: null };
}

/** Returns `job` as it is while `workerId` runs it: its next attempt. Pure. */
export function start(job: Job, claim: { workerId: string; lease: string; now: number }): RunningJob {
  return {
    ...job,
    status: "running",
    attempt: job.attempt + 1,
    startedAt: claim.now,
    workerId: claim.workerId,
    lease: claim.lease,
  };
}

/** `running` in nobody's hands. Field by field: a rest pattern takes ten times as long, and every attempt ends here. */
function unclaimed(running: RunningJob, now: number): Job {
  return {
    id: running.id,
    seq: running.seq,
    type: running.type,
    data: running.data,
    queue: running.queue,
    status: running.status,
    priority: running.priority,
    tags: running.tags,
    attempt: running.attempt,
    maxAttempts: running.maxAttempts,
    progress: running.progress,
    result: running.result,
    errors: running.errors,
    createdAt: running.createdAt,
    updatedAt: now,
    scheduledAt: running.scheduledAt,
    startedAt: running.startedAt,
    finishedAt: running.finishedAt,
    expiresAt: running.expiresAt,
    cancelRequestedAt: running.cancelRequestedAt,
    workerId: null,
    createdBy: running.createdBy,
    traceContext: running.traceContext,
    backoff: running.backoff,
    timeout: running.timeout,
    keepFor: running.keepFor,
    unique: running.unique,
    deaths: running.deaths,
    retryOf: running.retryOf,
  };
}

/**
 * Returns `job` as it must be stored once its attempt has ended. Pure: reads no clock, does no I/O.
 *
 * A failure leads to `retrying` while attempts are left and to `failed` after the last one. A snooze gives
 * its attempt back, which is why the lease, not the attempt number, tells two runs of a job apart. A job
 * that was asked to stop ends cancelled, however its handler ended: the cancel came first.
 */
export function settle(running: RunningJob, outcome: Outcome, now: number): Job {
  const ended = unclaimed(running, now);
  const job: Job = running;
  if (job.cancelRequestedAt !== null) return { ...ended, status: "cancelled", finishedAt: now };
  switch (outcome.kind) {
    case "completed":
      return { ...ended, status: "completed", result: outcome.result ?? null, finishedAt: now };
    case "cancelled": {
      const errors = outcome.reason === null
        ? job.errors
        : withError(job, "CancelledError", outcome.reason, now);
      return { ...ended, status: "cancelled", finishedAt: now, errors };
    }
    case "snoozed":
      return { ...started(ended), status: "scheduled", scheduledAt: outcome.until, attempt: job.attempt - 1 };
    case "released": {
      const attempt = job.attempt - 1;
      return { ...ended, status: "pending", attempt, startedAt: attempt === 0 ? null : job.startedAt };
    }
    case "failed": {
      const errors = [...job.errors, outcome.error].slice(-KEPT_ERRORS);
      return outcome.retryAt !== null && job.attempt < job.maxAttempts
        ? { ...started(ended), status: "retrying", scheduledAt: outcome.retryAt, errors }
        : { ...ended, status: "failed", finishedAt: now, errors };
    }
  }
}

/**
 * Returns a job whose process died as it must be stored. Pure.
 *
 * Only a job whose handler had started is charged its attempt: it may have killed the process, and at its
 * last attempt it is `failed`. The others go back as they were.
 */
export function rescue(running: RunningJob, handlerStarted: boolean, now: number): Job {
  if (!handlerStarted || running.cancelRequestedAt !== null) {
    return settle(running, { kind: "released" }, now);
  }
  const deaths = running.deaths + 1;
  const message = `process died ${deaths} ${deaths === 1 ? "time" : "times"} while running it`;
  const { attempt, startedAt, workerId } = running;
  const error = { name: "ProcessDiedError", message, attempt, at: now, startedAt, workerId };
  const ended = settle(running, { kind: "failed", error, retryAt: now }, now);
  return { ...ended, deaths, status: ended.status === "retrying" ? "pending" : ended.status };
}

/** Returns a waiting job as cancelled, a running one as asked to stop. Pure. @throws {InvalidStatusError} It has finished. */
export function cancel(job: Job, now: number, reason?: { name: string; message: string }): Job {
  if (isFinal(job.status)) throw new InvalidStatusError("cancel", job.id, job.status);
  if (job.status === "running") {
    return job.cancelRequestedAt === null ? { ...job, cancelRequestedAt: now, updatedAt: now } : job;
  }
  const errors = reason === undefined ? job.errors : withError(job, reason.name, reason.message, now);
  return {
    ...job,
    status: "cancelled",
    errors,
    cancelRequestedAt: reason === undefined ? now : job.cancelRequestedAt,
    finishedAt: now,
    updatedAt: now,
  };
}

/** Returns a waiting job that was not started in time as cancelled. Pure. */
export function expire(job: Job, now: number): Job {
  return cancel(job, now, { name: "ExpiredError", message: "expired before it started" });
}

/** True when `job` must be cancelled instead of run: its `expiresIn` passed before it was ever started. */
export function isExpired(job: Job, now: number): boolean {
  return job.expiresAt !== null && job.expiresAt <= now;
}

/**
 * Returns a finished job as pending again, its attempts back at 0, its errors kept. Pure.
 *
 * @throws {InvalidStatusError} It has not finished.
 */
export function retry(job: Job, now: number): Job {
  if (!isFinal(job.status)) throw new InvalidStatusError("retry", job.id, job.status);
  return {
    ...job,
    status: "pending",
    attempt: 0,
    deaths: 0,
    progress: null,
    result: null,
    scheduledAt: now,
    updatedAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    cancelRequestedAt: null,
  };
}

/**
 * Returns a waiting job with another priority or due time. Pure.
 *
 * A due time that has come makes a scheduled job pending; a later one makes a pending job scheduled.
 *
 * @throws {InvalidStatusError} It is running or has finished.
 */
export function update(job: Job, changes: { priority?: number; scheduledAt?: number }, now: number): Job {
  if (!isWaiting(job.status)) throw new InvalidStatusError("update", job.id, job.status);
  const priority = changes.priority ?? job.priority;
  if (changes.scheduledAt === undefined) return { ...job, priority, updatedAt: now };
  const { scheduledAt } = changes;
  const later = job.status === "retrying" ? "retrying" : "scheduled";
  return { ...job, priority, scheduledAt, status: scheduledAt <= now ? "pending" : later, updatedAt: now };
}

/**
 * Returns the waiting `holder` of a unique key with what `fresh` asked for, under the holder's own id. Pure.
 */
export function replace(holder: Job, fresh: Job): Job {
  return { ...fresh, id: holder.id, seq: holder.seq, createdAt: holder.createdAt };
}

/** True while `holder` keeps others from its unique key. */
export function holdsUnique(holder: Job, now: number): boolean {
  if (holder.unique === null) return false;
  return holder.unique.until === null ? !isFinal(holder.status) : holder.unique.until > now;
}
