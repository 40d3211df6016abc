/**
 * The contract every store keeps. A store moves jobs, it does not decide: what a job becomes is computed by the
 * pure functions of `job.ts`; a store compares (lease, version) and swaps.
 *
 * One `Store` object stands for one process under one worker id. Every call that depends on time is given
 * `now`, epoch milliseconds. All methods may be called concurrently. Objects given are read before the call
 * returns its promise, so the caller may change them afterwards.
 *
 * Every method may reject with `StoreUnavailableError`; what is then stored is said at each. After
 * `close()` every method rejects with `ClosedError`.
 */
import type { HistoryPoint } from "./history.ts";
import type { Job, JobProgress, RunningJob } from "./job.ts";
import type {
  ClaimRequest,
  FeedPage,
  HeartbeatAnswer,
  Insert,
  Inserted,
  JobFilter,
  JobPage,
  LogLine,
  LogPage,
  PrunedLogs,
  PruneLogsRequest,
  PruneRequest,
  QueueInfo,
  QueuePause,
  RecordPut,
  Settlement,
  StoreChange,
  StoredRecord,
  StoreStats,
  WorkerInfo,
  WorkerReport,
} from "./store-types.ts";

export type * from "./store-types.ts";

/** Where jobs live. */
export interface Store {
  /** What it is called, for people: "Deno KV". No address, which may hold a password. */
  readonly title: string;
  /** The id under which this process is registered. Known once `open()` has resolved. */
  readonly workerId: string;
  /** How durable an acknowledged write is, said at start and in the docs. */
  readonly durability: string;

  /**
   * Connects and takes the worker id. Jobs of a former process under the same id are rescued before it resolves.
   *
   * @throws {WorkerIdInUseError} If a running process uses the id.
   */
  open(now: number): Promise<void>;

  /**
   * Adds jobs in the order given. Resolves when they are durable.
   *
   * A job whose id is taken, or whose unique key is held, is not stored (see `Inserted`); each job of a call is
   * judged by what those before it left. Racing adds of one id or key store exactly one. Every `seq` is new: the
   * store itself looks up what became of a write whose answer was lost. If the process dies, a prefix may be
   * stored, which may lack jobs that replace another, or whose id or key others add at the same time; if the call
   * rejects, some of the jobs.
   */
  insert(inserts: readonly Insert[], now: number): Promise<Inserted[]>;

  /**
   * Moves up to `limit` jobs from `pending` to `running`, for this process alone.
   *
   * Jobs come by priority (highest first), then `scheduledAt`, then `seq`; none of a paused queue. Each has its
   * `attempt` raised by one. One whose `expiresAt` has passed may be among them: the caller cancels it. What
   * other processes made pending may be missed until `watch` tells of work, or for up to a second. Callers may
   * race: a job is handed to exactly one of them, and a caller that loses a race gets fewer jobs, never an error.
   * Nothing is claimed if it rejects.
   */
  claim(request: ClaimRequest): Promise<RunningJob[]>;

  /**
   * Says that the handler of `job` is about to run: from now until `ended` the death of this process is charged to
   * it. Await the promise, if there is one, before calling the handler.
   */
  started(job: RunningJob): Promise<void> | void;

  /** Says that the handler of `job` has returned. */
  ended(job: RunningJob): void;

  /**
   * Stores how attempts ended, if this process still holds them. One lost lease never rejects the others.
   *
   * A cancel that was requested before the settlement is stored wins: the job ends cancelled.
   *
   * @returns For each, in order, the job as stored, or "lost" if the lease no longer held.
   */
  settle(settlements: readonly Settlement[], now: number): Promise<(Job | "lost")[]>;

  /** Shows that this process lives, and registers what it says of itself. */
  heartbeat(report: WorkerReport, now: number): Promise<HeartbeatAnswer>;

  /**
   * Makes due scheduled and retrying jobs pending.
   *
   * @returns How many, and when the next one is due (epoch milliseconds; null: none).
   */
  promote(now: number): Promise<{ promoted: number; nextDueAt: number | null }>;

  /**
   * Gives the jobs of dead processes back, by `rescue` of `job.ts`. Bounded batches; racing callers are fine.
   *
   * @returns How many jobs.
   */
  rescue(now: number): Promise<number>;

  /** Cancels waiting jobs whose `expiresAt` has passed before their first start. @returns How many. */
  expire(now: number): Promise<number>;

  /**
   * Deletes finished jobs, with logs, indexes, alias and unique key, the oldest of a type first.
   *
   * @returns How many; call again while it is `limit`.
   */
  prune(request: PruneRequest): Promise<number>;

  /** The job of this id (or `seq`), its status as of now; null if there is none. */
  get(id: string): Promise<Job | null>;

  /**
   * One page of jobs, at most `limit` of 1–200.
   *
   * Order: without status by `seq`, newest first (with type or tag: unfinished jobs first, as they will be claimed,
   * then the finished); `pending` as it will be claimed; `scheduled` and `retrying` by due time; finished by
   * `finishedAt`, newest first; running jobs longest-running first; several statuses one after the other, in the
   * order of a job's life. At most 2,000 entries are read; the cursor then goes on behind them. Large `data` and
   * `result` may be left out (null).
   *
   * @throws {InputRangeError} The cursor (`path` is "cursor") is not one this list returned.
   */
  list(filter: JobFilter, page: { cursor?: string; limit: number }): Promise<JobPage>;

  /**
   * Applies `transition`, one of the pure functions of `job.ts`, to the job as it is now, and stores what it returns.
   *
   * Atomic: if the job changes meanwhile, `transition` is called again with the job as it then is. What it throws
   * is thrown here and nothing changes. A running job that is asked to stop (`cancelRequestedAt`) is told to its
   * owner. A finished job that becomes pending takes its unique key again.
   *
   * @returns The job as stored; null if there is none of this id.
   * @throws {UniqueConflictError} The job's unique key is held by another; nothing changed.
   */
  change(id: string, transition: (job: Job) => Job): Promise<Job | null>;

  /**
   * Deletes a job that is not running, with all that belongs to it.
   *
   * Atomic: what is deleted is the job that `isMeant` was asked of. If the job changes meanwhile, it is asked again.
   *
   * @param isMeant Told the job as it is now; false keeps it. @default every job is meant
   * @returns False if there is none of this id, or it is not meant.
   * @throws {InvalidStatusError} It is running.
   */
  remove(id: string, isMeant?: (job: Job) => boolean): Promise<boolean>;

  /** Adds lines to a job's log. At most 1,000 lines an attempt are kept; the caller counts. */
  appendLogs(seq: string, lines: readonly LogLine[]): Promise<void>;

  /** A job's log lines, oldest first; null if there is no such job. */
  logs(id: string, page: { cursor?: string; limit: number }): Promise<LogPage | null>;

  /**
   * Deletes the log lines of finished jobs, of those added first, first. The jobs stay.
   *
   * Callers may race: each job is counted by one of them. A job that is retried meanwhile may lose the lines of its
   * earlier runs, never those of the new one.
   */
  pruneLogs(request: PruneLogsRequest): Promise<PrunedLogs>;

  /** Stores how far a running job is. Dropped silently if the lease no longer holds. */
  progress(job: RunningJob, progress: JobProgress): Promise<void>;

  /** Counts. Exact when no process is in the middle of a commit. */
  stats(now: number): Promise<StoreStats>;

  /**
   * What happened per minute and type, oldest first. May lack the last second; a killed process loses at most that.
   *
   * @param range Epoch milliseconds; `from` inclusive, `to` exclusive. A `type` includes its family.
   */
  history(range: { from: number; to: number; type?: string }): Promise<HistoryPoint[]>;

  /** Every queue that ever had a job or was paused, by name. */
  queues(): Promise<QueueInfo[]>;

  /**
   * Pauses or resumes a queue. Jobs already running go on; claimed ones that have not started may still start.
   *
   * Of a queue that is paused already `pauseAgain` of `queue-pause.ts` says which pause stands, also among callers that
   * race: one with a note never gives way to one without. Resuming forgets who paused it.
   *
   * @param said By whom, when and why it is paused. @default it is paused, and nobody says anything
   * @returns The pause that stands, which may be another's; null if nobody said anything, or it is resumed.
   */
  setPaused(queue: string, paused: boolean, said?: QueuePause): Promise<QueuePause | null>;

  /** Every registered process, by id. */
  workers(now: number): Promise<WorkerInfo[]>;

  /**
   * Asks a live process to stop gracefully; forgets a dead one once its jobs are rescued.
   *
   * @returns "stopping", "removed", or null if there is none of this id.
   */
  removeWorker(id: string, now: number): Promise<"stopping" | "removed" | null>;

  /** Calls `listener` when something may have changed; may call too often, never too rarely but for lost wake-ups. @returns Stops it. */
  watch(listener: (change: StoreChange) => void): () => void;

  /**
   * Lets the feed be written, by every process, for the next twelve minutes: who follows it calls this every minute.
   *
   * Once it resolves no job ends, in whatever process, without the feed telling of it; what other processes add may go
   * untold for some milliseconds after a first call. Costs nothing while nobody is subscribed; then one more write a
   * commit.
   */
  subscribe(now: number): Promise<void>;

  /**
   * What happened to jobs behind `cursor`, in all processes, up to ten minutes back.
   *
   * Every `added`, `retrying`, `completed`, `failed` and `cancelled` is stored in the commit that makes it so, and
   * none is left out, however many processes write at the same time. `progress` is told as often as it is stored.
   * `started` is stored with the next commit of its process, within about 50 ms; it is lost if the process dies before,
   * or if about a thousand handlers start between two commits.
   * What a subscription found already stored, or no subscription covered, is not told.
   * From one cursor every read begins with the same changes in the same order, in whatever process; how far it goes
   * may differ.
   *
   * @param cursor From an earlier page, of whatever process; null: the present end, no changes.
   * @param options `upTo`: no further than this cursor, got later. There is no `more` once all up to it was read.
   * @returns `reset` if the cursor is older than ten minutes or than the subscription.
   * @throws {InputRangeError} The cursor (`path` is "cursor") is not one that this returned.
   */
  changesSince(cursor: string | null, options: { now: number; upTo?: string }): Promise<FeedPage>;

  /** One record; null if there is none. */
  record(kind: string, key: string): Promise<StoredRecord | null>;

  /** All records of a kind, by key. */
  records(kind: string): Promise<StoredRecord[]>;

  /**
   * The last records of a kind, those with the greatest keys first: for kinds that grow. Keys that are not ASCII may
   * have another order in another store.
   *
   * @param page `before`: only keys smaller than this, which need not be one. `limit`: at most so many, 1–1,000.
   */
  recordPage(kind: string, page: { before?: string; limit: number }): Promise<StoredRecord[]>;

  /**
   * Writes records and adds jobs, all or nothing. Jobs whose id or unique key is taken are left out, not an error,
   * whatever their `onConflict`.
   *
   * @throws {VersionConflictError} A record was not at its expected version; nothing was written, unless this process
   * was declared dead before it was answered: then look.
   */
  commit(change: { put: readonly RecordPut[]; insert?: readonly Insert[] }, now: number): Promise<void>;

  /** Writes what is waiting, lets go of the worker id and disconnects. Jobs still claimed are given back. Idempotent. */
  close(): Promise<void>;
}
