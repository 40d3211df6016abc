/** What the methods of `Store` take and return. */
import type { FinalStatus, Job, JobStatus, Outcome, RunningJob } from "./job.ts";
import type { JobChange } from "./job-change.ts";

/** A job to add, and what to do if its unique key is held. */
export interface Insert {
  job: Job;
  /** @default "keep" */
  onConflict?: "keep" | "replace" | "reject";
}

/** What became of one job given to `insert`. */
export interface Inserted {
  /** The job that now stands for the request: the new one, or the one that held its id or unique key. */
  id: string;
  /**
   * `added`: stored. `exists`: its id or unique key is held, nothing stored. `replaced`: the waiting holder was
   * rewritten. `rejected`: the key is held and `onConflict` is "reject", nothing stored.
   */
  outcome: "added" | "exists" | "replaced" | "rejected";
}

/** What a worker asks for. */
export interface ClaimRequest {
  /** Exact types it handles, with how many of each it can take at the most. */
  types: ReadonlyMap<string, number>;
  /** Only these queues; null = all. */
  queues: readonly string[] | null;
  /** At most this many in all, 1–1,000. */
  limit: number;
  now: number;
}

/** An attempt that ended. */
export interface Settlement {
  job: RunningJob;
  outcome: Outcome;
}

/** What a process says of itself at each heartbeat. */
export interface WorkerReport {
  host: string;
  pid: number;
  version: string;
  status: "running" | "draining";
  concurrency: number;
  types: readonly string[];
  /** It adds the jobs of schedules when they are due. */
  scheduler: boolean;
  /** Attempts since the process started. */
  processed: number;
  succeeded: number;
  failed: number;
  running: number;
  /** Epoch milliseconds. */
  startedAt: number;
  /** How late the event loop is, in milliseconds. */
  eventLoopLag: number;
  /** Resident memory in bytes. */
  memory: number;
}

/** A registered process, as others see it. */
export interface WorkerInfo extends WorkerReport {
  id: string;
  /** Epoch milliseconds of the last heartbeat. */
  heartbeatAt: number;
  alive: boolean;
  /** The `seq` of each job it holds. */
  jobs: readonly string[];
}

/** What the store has to say to a process at its heartbeat. */
export interface HeartbeatAnswer {
  /** Ids (`seq`) of jobs it runs that somebody asked to stop. */
  cancel: readonly string[];
  /** True when somebody asked this process to stop. */
  stop: boolean;
  /** The store's own time in epoch milliseconds, where it has a clock of its own. */
  now?: number;
}

/** Which jobs a list shows. All given conditions must hold. */
export interface JobFilter {
  status?: readonly JobStatus[];
  /** `email` means the type `email` and the family `email:…`. */
  type?: string;
  queue?: string;
  tag?: string;
  /** Text in id, type or data, any case. */
  text?: string;
  /** Each path (`user.id`) of data has this value, compared as text. */
  data?: readonly { path: string; value: string }[];
  createdBy?: string;
  /** Of the last error the job remembers, as `fingerprintOf` makes it. */
  fingerprint?: string;
  /** Epoch milliseconds, inclusive. */
  createdAfter?: number;
  /** Epoch milliseconds, exclusive. */
  createdBefore?: number;
  finishedAfter?: number;
  finishedBefore?: number;
  /** Names of data fields, at any depth, that `text` and `data` never search. */
  redact?: readonly string[];
}

/** One page of a list. */
export interface JobPage {
  jobs: Job[];
  /** Where to go on; null at the end. */
  nextCursor: string | null;
  /** How many entries were read to fill the page. */
  scanned: number;
  /** The `seq` of the jobs whose large `data` or `result` is left out; absent without any. */
  partial?: string[];
}

/** Counts of jobs by status. */
export type StatusCounts = Record<JobStatus, number>;

/** Counts of all jobs, kept, never scanned. */
export interface StoreStats extends StatusCounts {
  byQueue: Record<string, StatusCounts>;
  byType: Record<string, StatusCounts>;
  /** Epoch milliseconds of the pending job that is due longest; null without one. */
  oldestPendingAt: number | null;
  /** The same per queue; queues without a pending job are absent. */
  oldestPendingByQueue: Record<string, number>;
}

/** Who paused a queue, when and why. What nobody said is null. */
export interface QueuePause {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string | null;
  readonly note: string | null;
}

/** A queue. */
export interface QueueInfo {
  name: string;
  paused: boolean;
  /** Absent unless it is paused and somebody said who did it. */
  pause?: QueuePause;
}

/** Which finished jobs to delete. */
export interface PruneRequest {
  /** Per final status: jobs that finished before this (epoch milliseconds) go. A status not given is kept. */
  finishedBefore: Partial<Record<FinalStatus, number>>;
  /**
   * True: a job with a `keepFor` of its own goes when that has passed, and not by `finishedBefore`.
   * False: `finishedBefore` alone decides.
   */
  keepFor: boolean;
  now: number;
  /** At most this many. */
  limit: number;
  /** True: nothing is deleted, only counted. @default false */
  dryRun?: boolean;
}

/** Whose logs to delete. */
export interface PruneLogsRequest {
  /** Jobs that finished before this (epoch milliseconds) lose their lines. */
  finishedBefore: number;
  /** Where the call before stopped. */
  cursor?: string;
  /** At most this many jobs that have lines are looked at. */
  limit: number;
  /** True: nothing is deleted, only counted. @default false */
  dryRun?: boolean;
}

/** What `pruneLogs` did. */
export interface PrunedLogs {
  /** How many jobs lost their lines. */
  jobs: number;
  /** Where to go on; null at the end. */
  nextCursor: string | null;
}

/** One line a handler logged. */
export interface LogLine {
  attempt: number;
  /** Epoch milliseconds. */
  at: number;
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields?: Record<string, unknown>;
}

/** Lines of a job's log, oldest first. */
export interface LogPage {
  lines: LogLine[];
  nextCursor: string | null;
}

/** A value of the store's small table: schedules, endpoints, settings. */
export interface StoredRecord {
  key: string;
  value: unknown;
  /** Changes with every write; opaque. */
  version: string;
}

/** One record to write, if its version is still the expected one (null: there must be none). */
export interface RecordPut {
  kind: string;
  key: string;
  /** undefined deletes the record. */
  value: unknown;
  expect: string | null;
}

/** What the feed holds behind a cursor. */
export interface FeedPage {
  /** The changes of one job in the order they happened. */
  changes: JobChange[];
  /** Behind the last of them; opaque. */
  cursor: string;
  /** There is more to be read at once. */
  more: boolean;
  /** Not all that happened since the cursor is still known: `changes` is empty and `cursor` is the present end. */
  reset: boolean;
}

/** Something others did that a process may want to react to. */
export type StoreChange =
  /** Jobs may have become claimable, or are about to: of these types alone, if it says so. */
  | { kind: "work"; types?: ReadonlySet<string> }
  /** A delayed job is due at this time. */
  | { kind: "due"; at: number }
  /** Jobs this process runs should stop. */
  | { kind: "cancel"; seqs: readonly string[] }
  /** This process lost its leases on these jobs: their outcomes will not be stored. */
  | { kind: "lost"; seqs: readonly string[] }
  /** Somebody asked this process to stop. */
  | { kind: "stop" }
  /** Some job may have finished, here or in another process. */
  | { kind: "jobs" }
  /** The feed holds more. Other processes' changes may be told as "jobs" alone. */
  | { kind: "feed" };
