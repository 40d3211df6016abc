import { v7 } from "uuid";
import type { Job } from "../lib/job.ts";
import type { ClaimRequest, Insert, QueuePause, WorkerReport } from "../lib/store.ts";
import { START } from "./fake-clock.ts";

let made = 0;

/**
 * A whole job, pending since `START` unless `overrides` say otherwise. Of two jobs created at the same time, the one
 * made later has the later `seq`. Without an `id` it is the `seq`; without a `scheduledAt`, the time it was created.
 */
export function makeJob(overrides: Partial<Job> = {}): Job {
  const createdAt = overrides.createdAt ?? START;
  const seq = v7({ msecs: createdAt, seq: made++ });
  return {
    id: overrides.seq ?? seq,
    seq,
    type: "test",
    data: {},
    queue: "default",
    status: "pending",
    priority: 0,
    tags: [],
    attempt: 0,
    maxAttempts: 3,
    progress: null,
    result: null,
    errors: [],
    createdAt,
    updatedAt: createdAt,
    scheduledAt: createdAt,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    cancelRequestedAt: null,
    workerId: null,
    createdBy: null,
    traceContext: null,
    backoff: null,
    timeout: null,
    keepFor: null,
    unique: null,
    deaths: 0,
    retryOf: null,
    ...overrides,
  };
}

/** `count` jobs, `overrides` the same for all. */
export function makeJobs(count: number, overrides: Partial<Job> = {}): Job[] {
  return Array.from({ length: count }, () => makeJob(overrides));
}

/** A job that is due `delay` milliseconds after it was added. */
export function makeScheduled(delay: number, overrides: Partial<Job> = {}): Job {
  const createdAt = overrides.createdAt ?? START;
  return makeJob({ status: "scheduled", scheduledAt: createdAt + delay, ...overrides });
}

/** `jobs` as `insert` wants them. */
export function insertsOf(jobs: readonly Job[], onConflict?: Insert["onConflict"]): Insert[] {
  return jobs.map((job) => insertOf(job, onConflict));
}

/** `job` as `insert` wants it. */
function insertOf(job: Job, onConflict?: Insert["onConflict"]): Insert {
  return onConflict === undefined ? { job } : { job, onConflict };
}

/** What a worker asks for that handles `types`: up to `limit` of each and in all. */
export function claimBy(
  now: number,
  options: { types?: readonly string[]; limit?: number; queues?: readonly string[] } = {},
): ClaimRequest {
  const { types = ["test"], limit = 10, queues = null } = options;
  return { types: new Map(types.map((type) => [type, limit])), queues, limit, now };
}

/** A pause of which nothing is known but when it began. */
export function makePause(overrides: Partial<QueuePause> = {}): QueuePause {
  return { at: START, by: null, note: null, ...overrides };
}

/** What a process says of itself at a heartbeat. */
export function makeReport(overrides: Partial<WorkerReport> = {}): WorkerReport {
  return {
    host: "host-1",
    pid: 1,
    version: "0.0.0",
    status: "running",
    concurrency: 5,
    types: ["test"],
    scheduler: false,
    processed: 0,
    succeeded: 0,
    failed: 0,
    running: 0,
    startedAt: START,
    eventLoopLag: 0,
    memory: 1_000_000,
    ...overrides,
  };
}
