import type { ChangeOptions } from "./change-options.ts";
import { checkName } from "./check.ts";
import { InvalidStatusError, NotFoundError } from "./errors.ts";
import { deleteExpired } from "./expired-records.ts";
import type { HistoryPoint } from "./history.ts";
import { cancel, type Job, type JobStatus, retry, update } from "./job.ts";
import { pruneAll } from "./maintainer.ts";
import { checkQueueName } from "./options.ts";
import {
  checkDeleteExpired,
  checkFilter,
  checkHistoryRange,
  checkPage,
  checkPrune,
  checkPruneLogs,
  checkUpdate,
  type DeleteExpiredOptions,
  type HistoryRange,
  type JobUpdate,
  type PageOptions,
  type PruneLogsOptions,
  type PruneOptions,
} from "./queries.ts";
import { QueueLifecycle } from "./queue-lifecycle.ts";
import { checkPause, type PauseOptions } from "./queue-pause.ts";
import type {
  JobFilter,
  JobPage,
  LogPage,
  PrunedLogs,
  QueueInfo,
  QueuePause,
  StoreStats,
  WorkerInfo,
} from "./store.ts";

/** The most jobs that a dry run of `prune` counts. */
const MAX_COUNTED = 100_000;

/** Jobs whose logs are looked at in one call: few enough that nobody waits long behind it. */
const LOGS_BATCH = 500;

/** What a job must be to be changed: one that others have changed since it was read may not be meant any more. */
export interface MeantJob {
  /** Of one of these statuses. @default any */
  status?: readonly JobStatus[];
  /** Finished at this time, epoch milliseconds: one that was retried since it was read is another's. @default any */
  finishedAt?: number | null;
}

/** Which job is changed, and who wants to know what that did. Of the job as it was, a large result may be missing. */
export interface JobChangeOptions extends MeantJob, ChangeOptions<Job> {}

/** The part of a queue that people look at and change: its jobs, queues and workers. */
export abstract class QueueAdmin extends QueueLifecycle {
  /** The job of this id, or null. */
  async get(id: string): Promise<Job | null> {
    const { store } = await this.open();
    return await store.get(id);
  }

  /** One page of jobs; the order is that of `Store.list`. */
  async list(filter: JobFilter = {}, page: PageOptions = {}): Promise<JobPage> {
    const request = checkPage(page);
    checkFilter(filter);
    const { store } = await this.open();
    return await store.list(filter, request);
  }

  /** A page of a job's log, oldest first. @throws {NotFoundError} There is no such job. */
  async logs(id: string, page: PageOptions = {}): Promise<LogPage> {
    const request = checkPage(page);
    const { store } = await this.open();
    return await store.logs(id, request) ?? notFound("job", id);
  }

  /** Counts of all jobs. */
  async stats(): Promise<StoreStats> {
    const { store } = await this.open();
    return await store.stats(this.now());
  }

  /** What happened per minute and type, oldest first. */
  async history(range: HistoryRange): Promise<HistoryPoint[]> {
    const checked = checkHistoryRange(range);
    const { store } = await this.open();
    return await store.history(checked);
  }

  /**
   * Cancels a waiting job, or asks a running one to stop: its signal aborts, wherever it runs, and it ends cancelled
   * once its handler has ended. Until then the job returned is `running` with `cancelRequestedAt`.
   *
   * @throws {NotFoundError} There is no such job.
   * @throws {InvalidStatusError} It has finished, or is not the one that is meant.
   */
  async cancel(id: string, options: JobChangeOptions = {}): Promise<Job> {
    const runtime = await this.open();
    const job = await this.#change(id, options, (current) => {
      checkMeant("cancel", current, options);
      return cancel(current, this.now());
    });
    if (job.status === "running") runtime.worker.cancel([job.seq]);
    else {
      this.events.emit("cancelled", job);
      runtime.waits.finished(job);
    }
    return job;
  }

  /**
   * Makes a finished job pending again: its attempts start anew, its errors are kept.
   *
   * @throws {NotFoundError} There is no such job.
   * @throws {InvalidStatusError} It has not finished, or is not the one that is meant.
   * @throws {UniqueConflictError} Another job holds its unique key by now.
   */
  retry(id: string, options: JobChangeOptions = {}): Promise<Job> {
    return this.#change(id, options, (job) => {
      checkMeant("retry", job, options);
      return retry(job, this.now());
    });
  }

  /**
   * Changes priority or due time of a waiting job.
   *
   * @throws {NotFoundError} There is no such job.
   * @throws {InvalidStatusError} It runs or has finished.
   */
  async update(id: string, changes: JobUpdate, options: ChangeOptions<Job> = {}): Promise<Job> {
    const checked = checkUpdate(changes, this.now());
    return await this.#change(id, options, (job) => update(job, checked, this.now()));
  }

  /**
   * Deletes a job that is not running, with its log.
   *
   * @throws {NotFoundError} There is no such job.
   * @throws {InvalidStatusError} It is running, or not the one that is meant; it stays.
   */
  async remove(id: string, meant: MeantJob = {}): Promise<void> {
    const { store } = await this.open();
    if (await store.remove(id, (job) => isMeant(job, meant))) return;
    const { status } = await this.existing(id);
    throw new InvalidStatusError("remove", id, status);
  }

  /**
   * Deletes finished jobs, with their logs, whatever their `keepFor` says unless asked to heed it. @returns How many.
   *
   * @throws {InputTypeError | InputRangeError} An option is wrong; nothing was deleted.
   */
  async prune(options: PruneOptions): Promise<number> {
    const now = this.now();
    const { finishedBefore, keepFor, dryRun, signal } = checkPrune(options, now);
    const { store } = await this.open();
    const request = { finishedBefore, keepFor, now };
    if (dryRun) return await store.prune({ ...request, dryRun, limit: MAX_COUNTED });
    return await pruneAll(store, request, signal);
  }

  /**
   * Deletes the logs of jobs that finished long ago; the jobs stay. @returns Of how many jobs.
   *
   * @throws {InputTypeError | InputRangeError} An option is wrong; nothing was deleted.
   */
  async pruneLogs(options: PruneLogsOptions): Promise<number> {
    const { finishedBefore, dryRun, signal } = checkPruneLogs(options, this.now());
    const { store } = await this.open();
    let total = 0;
    let cursor: string | null = null;
    do {
      signal?.throwIfAborted();
      const from: { cursor?: string } = cursor === null ? {} : { cursor };
      const pruned: PrunedLogs = await store.pruneLogs({
        finishedBefore,
        dryRun,
        limit: LOGS_BATCH,
        ...from,
      });
      total += pruned.jobs;
      cursor = pruned.nextCursor;
    } while (cursor !== null);
    return total;
  }

  /**
   * Deletes the records of `kind` whose value has an `expiresAt` (epoch milliseconds) that has passed. Records whose
   * `expiresAt` is no number stay, and so does one that somebody prolongs meanwhile. @returns How many.
   *
   * @throws {InputTypeError | InputRangeError} The kind or an option is wrong; nothing was deleted.
   */
  async deleteExpired(kind: string, options: DeleteExpiredOptions = {}): Promise<number> {
    const sweep = checkDeleteExpired(options);
    const name = checkName(kind, "kind", 100);
    const { store } = await this.open();
    return await deleteExpired(store, name, { ...sweep, now: this.now() });
  }

  /** Every queue that ever had a job or was paused, by name. */
  async queues(): Promise<QueueInfo[]> {
    const { store } = await this.open();
    return await store.queues();
  }

  /**
   * Pauses a queue, everywhere: none of its jobs is claimed. Those that run go on. `queues()` tells by whom, when and
   * why: of one that is paused already that stays as it was, unless there is another note now.
   *
   * @returns The pause that stands, which may be another's; null if the store keeps none.
   * @throws {InputTypeError | InputRangeError} The name or an option is wrong; nothing was paused.
   */
  async pause(queue: string, options: PauseOptions = {}): Promise<QueuePause | null> {
    const name = checkQueueName(queue);
    const said = checkPause(options, this.now());
    const { store, worker } = await this.open();
    const stands = await store.setPaused(name, true, said);
    worker.release(name);
    return stands;
  }

  /** Ends a pause. */
  async resume(queue: string): Promise<void> {
    const name = checkQueueName(queue);
    const { store, worker } = await this.open();
    await store.setPaused(name, false);
    worker.wake();
  }

  /** Every registered process, by id. */
  async workers(): Promise<WorkerInfo[]> {
    const { store } = await this.open();
    return await store.workers(this.now());
  }

  /**
   * Asks a live process to stop gracefully; forgets a dead one once its jobs are rescued.
   *
   * @throws {NotFoundError} There is none of this id.
   */
  async removeWorker(id: string): Promise<"stopping" | "removed"> {
    const { store } = await this.open();
    return await store.removeWorker(id, this.now()) ?? notFound("worker", id);
  }

  /** Rescues the jobs of dead processes and forgets them. @returns Their ids. */
  async removeDeadWorkers(): Promise<string[]> {
    const { store } = await this.open();
    await store.rescue(this.now());
    const removed: string[] = [];
    for (const { id, alive } of await store.workers(this.now())) {
      if (!alive && await store.removeWorker(id, this.now()) === "removed") removed.push(id);
    }
    return removed;
  }

  protected async existing(id: string): Promise<Job> {
    const { store } = await this.open();
    return await store.get(id) ?? notFound("job", id);
  }

  async #change(
    id: string,
    { onChanged }: ChangeOptions<Job>,
    transition: (job: Job) => Job,
  ): Promise<Job> {
    const { store } = await this.open();
    const last: { before?: Job } = {};
    const after = await store.change(id, (job) => {
      const next = transition(job);
      last.before = next === job ? undefined : job;
      return next;
    }) ?? notFound("job", id);
    // Large values may be left out of what a transition is given. No change is one of data.
    if (last.before !== undefined) onChanged?.({ ...last.before, data: after.data }, after);
    return after;
  }
}

function isMeant(job: Job, { status, finishedAt }: MeantJob): boolean {
  if (status !== undefined && !status.includes(job.status)) return false;
  return finishedAt === undefined || job.finishedAt === finishedAt;
}

/** Asked in the transition itself, of the job as it is then: whoever reads it before that may be too late. */
function checkMeant(verb: string, job: Job, meant: MeantJob): void {
  if (!isMeant(job, meant)) throw new InvalidStatusError(verb, job.id, job.status);
}

function notFound(kind: "job" | "worker", id: string): never {
  throw new NotFoundError(kind, id);
}
