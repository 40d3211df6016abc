import { dirname } from "node:path";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { ClosedError, QueueError } from "../../lib/errors.ts";
import { createSeq } from "../../lib/ids.ts";
import type { HistoryPoint } from "../../lib/history.ts";
import type { Job, JobProgress, RunningJob } from "../../lib/job.ts";
import type * as contract from "../../lib/store.ts";
import { assemble } from "./assemble.ts";
import { available, unavailable } from "./available.ts";
import { readJob } from "./bundles.ts";
import { change } from "./change.ts";
import { claim } from "./claim.ts";
import { commitAlone, isLocked } from "./committer.ts";
import type { Context } from "./context.ts";
import { expire, promote } from "./due.ts";
import { changesSince } from "./feed-reader.ts";
import { subscribe } from "./feed-subscription.ts";
import { find, seqOf } from "./find.ts";
import { readInbox } from "./inbox.ts";
import { insert } from "./insert.ts";
import { createKeys } from "./keys.ts";
import { list } from "./listing.ts";
import { LockFile } from "./lock-file.ts";
import { appendLogs, readLogs, storeProgress } from "./logs.ts";
import { withParts } from "./parts.ts";
import type { Holding } from "./process.ts";
import { prune } from "./prune.ts";
import { pruneLogs } from "./prune-logs.ts";
import { commitRecords, listRecords, readRecordOf, readRecordPage } from "./records.ts";
import { listQueues, listWorkers, register, removeWorker, setPaused } from "./registry.ts";
import { remove } from "./remove.ts";
import { requeueAll, rescue, rescueFormer, type Silence } from "./rescue.ts";
import { settle } from "./settle.ts";
import { readStats } from "./stats.ts";
import { readHistory } from "./tallies.ts";
import { upgrade } from "./upgrade.ts";
import { flushHistory, keepUp, sweep } from "./upkeep.ts";
import { Wake } from "./wake.ts";

/** How a `KvStore` is opened. */
export interface KvStoreOptions {
  /** The database file; its folder is made if it is missing. */
  path: string;
  /** Keeps several installations apart in one file. @default "cronosaur" */
  prefix?: string;
  /** @default the host's name and the first free number */
  workerId?: string;
  /** Where nothing proves a process dead, it is taken for dead after this silence. Milliseconds. @default 15_000 */
  leaseMs?: number;
  clock?: Clock;
  /** Opens the database. @default Deno.openKv */
  openKv?: (path: string) => Promise<Deno.Kv>;
  /** Takes the worker id. @default LockFile.take */
  takeLock?: (path: string, workerId?: string) => Promise<LockFile>;
}

/** How often a new file is tried that another process is just creating. */
const OPEN_TRIES = 100;

/** Everything an open store has to let go of. */
interface Open {
  context: Context;
  wake: Wake;
  upkeep: Promise<void>;
  stop: AbortController;
}

/**
 * Jobs in a Deno KV file. Every acknowledged write is synced to disk. Several processes of one host may use one
 * file; the protocol that keeps them apart is described in `docs/STORES.md`.
 */
export class KvStore implements contract.Store {
  readonly title = "Deno KV";
  readonly durability = "every acknowledged write is synced to disk";
  readonly #options: KvStoreOptions;
  readonly #clock: Clock;
  readonly #token: () => string;
  readonly #listeners = new Set<(change: contract.StoreChange) => void>();
  readonly #silence: Silence = new Map();
  #open: Open | null = null;
  #closing: Promise<void> | null = null;
  #workerId = "";

  constructor(options: KvStoreOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const seq = createSeq();
    this.#token = () => seq(this.#clock.now());
  }

  get workerId(): string {
    return this.#workerId;
  }

  get #context(): Context {
    if (this.#open === null || this.#closing !== null) throw new ClosedError("store");
    return this.#open.context;
  }

  async open(now: number): Promise<void> {
    if (this.#open !== null || this.#closing !== null) throw new ClosedError("store");
    const { path, workerId, takeLock = LockFile.take } = this.#options;
    await available(() => Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 }));
    const lockFile = await takeLock(path, workerId);
    this.#workerId = lockFile.id;
    const handles: Deno.Kv[] = [];
    try {
      handles.push(await this.#openKv(), await this.#openKv());
      const [kv, reads] = handles as [Deno.Kv, Deno.Kv];
      const { prefix = "cronosaur", leaseMs = 15_000 } = this.#options;
      const context = assemble({
        kv,
        reads,
        path,
        lockFile,
        keys: createKeys(prefix),
        clock: this.#clock,
        leaseMs,
        newEpoch: this.#token,
        emit: (change) => this.#emit(change),
      });
      await upgrade(context);
      await rescueFormer(context, lockFile.formerlyStarted());
      lockFile.clear();
      context.process.begin(this.#token());
      context.bulk.process.begin(this.#token());
      await Promise.all([context.tallies, context.bulk.tallies].map((tallies) => tallies.load(kv)));
      for (const { name } of await listQueues(context)) context.queues.add(name);
      await readInbox(context);
      await requeueAll(context, now);
      const stop = new AbortController();
      const wake = new Wake(context);
      wake.start();
      this.#open = { context, wake, stop, upkeep: keepUp(context, stop.signal) };
    } catch (error) {
      for (const handle of handles) handle.close();
      lockFile.close();
      throw error instanceof QueueError ? error : unavailable(error);
    }
  }

  /** Two processes that create one file at the same moment get in each other's way. */
  async #openKv(): Promise<Deno.Kv> {
    const { path, openKv = openFile } = this.#options;
    for (let tries = 1;; tries++) {
      try {
        return await openKv(path);
      } catch (error) {
        if (!isLocked(error) || tries >= OPEN_TRIES) throw error;
        await systemClock.sleep(Math.random() * 20);
      }
    }
  }

  #emit(change: contract.StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  insert(inserts: readonly contract.Insert[], now: number): Promise<contract.Inserted[]> {
    return available(() => insert(this.#context, inserts, now, this.#token));
  }

  claim(request: contract.ClaimRequest): Promise<RunningJob[]> {
    return available(() => claim(this.#context, request));
  }

  started(job: RunningJob): void {
    const { lockFile, feed } = this.#context;
    lockFile.mark(job.seq, job.lease);
    feed.started(job, this.#clock.now());
  }

  ended(job: RunningJob): void {
    this.#open?.context.lockFile.unmark(job.seq, job.lease);
  }

  settle(settlements: readonly contract.Settlement[], now: number): Promise<(Job | "lost")[]> {
    return available(() => settle(this.#context, settlements, now, this.#token));
  }

  async heartbeat(report: contract.WorkerReport, now: number): Promise<contract.HeartbeatAnswer> {
    return await available(async () => {
      const context = this.#context;
      await register(context, report, now);
      await readInbox(context);
      const asked = [...context.process.holdings].filter(([, { cancelRequestedAt }]) =>
        cancelRequestedAt !== null
      );
      return { cancel: asked.map(([seq]) => seq), stop: context.process.stopRequested };
    });
  }

  promote(now: number): Promise<{ promoted: number; nextDueAt: number | null }> {
    return available(() => promote(this.#context, now));
  }

  rescue(now: number): Promise<number> {
    return available(() => rescue(this.#context, this.#silence, now));
  }

  expire(now: number): Promise<number> {
    return available(() => expire(this.#context, now));
  }

  prune(request: contract.PruneRequest): Promise<number> {
    return available(() => prune(this.#context, request));
  }

  get(id: string): Promise<Job | null> {
    return available(async () => {
      const context = this.#context;
      const seq = await seqOf(context.reads, context, id);
      const found = seq === null ? null : await find(context, seq, context.reads);
      return found === null ? null : await withParts(context.reads, context, found.job, found.parts);
    });
  }

  list(filter: contract.JobFilter, page: { cursor?: string; limit: number }): Promise<contract.JobPage> {
    return available(() => list(this.#context, filter, page));
  }

  change(id: string, transition: (job: Job) => Job): Promise<Job | null> {
    return available(async () => {
      const context = this.#context;
      const seq = await seqOf(context.kv, context, id);
      return seq === null ? null : await change(context, seq, refusing(transition));
    }).catch((error) => {
      throw error instanceof Refusal ? error.cause : error;
    });
  }

  remove(id: string, isMeant?: (job: Job) => boolean): Promise<boolean> {
    return available(async () => {
      const context = this.#context;
      const seq = await seqOf(context.kv, context, id);
      return seq === null ? false : await remove(context, seq, isMeant);
    });
  }

  appendLogs(seq: string, lines: readonly contract.LogLine[]): Promise<void> {
    return available(() => appendLogs(this.#context, seq, lines));
  }

  logs(id: string, page: { cursor?: string; limit: number }): Promise<contract.LogPage | null> {
    return available(async () => {
      const context = this.#context;
      const seq = await seqOf(context.reads, context, id);
      if (seq === null || (await readJob(context.reads, context.keys, seq)).record === null) return null;
      return await readLogs(context, seq, page);
    });
  }

  pruneLogs(request: contract.PruneLogsRequest): Promise<contract.PrunedLogs> {
    return available(() => pruneLogs(this.#context, request));
  }

  progress(job: RunningJob, progress: JobProgress): Promise<void> {
    return available(() => storeProgress(this.#context, job, progress));
  }

  stats(_now: number): Promise<contract.StoreStats> {
    return available(() => readStats(this.#context));
  }

  history(range: { from: number; to: number; type?: string }): Promise<HistoryPoint[]> {
    return available(async () => {
      await flushHistory(this.#context);
      return await readHistory(this.#context.reads, this.#context.keys, range);
    });
  }

  queues(): Promise<contract.QueueInfo[]> {
    return available(() => listQueues(this.#context));
  }

  setPaused(
    queue: string,
    paused: boolean,
    said?: contract.QueuePause,
  ): Promise<contract.QueuePause | null> {
    const kept = said === undefined ? null : { ...said };
    return available(() => setPaused(this.#context, queue, paused, kept));
  }

  workers(_now: number): Promise<contract.WorkerInfo[]> {
    return available(() => listWorkers(this.#context));
  }

  removeWorker(id: string, now: number): Promise<"stopping" | "removed" | null> {
    return available(async () => {
      await rescue(this.#context, this.#silence, now);
      return await removeWorker(this.#context, id);
    });
  }

  watch(listener: (change: contract.StoreChange) => void): () => void {
    const own = (change: contract.StoreChange) => listener(change); // one listener may watch twice
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  subscribe(now: number): Promise<void> {
    return available(() => subscribe(this.#context, now));
  }

  changesSince(
    cursor: string | null,
    options: { now: number; upTo?: string },
  ): Promise<contract.FeedPage> {
    return available(() => changesSince(this.#context, cursor, options));
  }

  record(kind: string, key: string): Promise<contract.StoredRecord | null> {
    return available(() => readRecordOf(this.#context, kind, key));
  }

  records(kind: string): Promise<contract.StoredRecord[]> {
    return available(() => listRecords(this.#context, kind));
  }

  recordPage(
    kind: string,
    page: { before?: string; limit: number },
  ): Promise<contract.StoredRecord[]> {
    return available(() => readRecordPage(this.#context, kind, page));
  }

  commit(
    change: { put: readonly contract.RecordPut[]; insert?: readonly contract.Insert[] },
    now: number,
  ): Promise<void> {
    return available(() => commitRecords(this.#context, change, now, this.#token));
  }

  /** Deletes old history and pieces of values whose record never came. Done every hour without being asked. */
  sweep(): Promise<void> {
    return available(() => sweep(this.#context, this.#clock.now()));
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#open === null) return;
    const { context, wake, upkeep, stop } = this.#open;
    const { kv, reads, keys, process, committer, bulk, bells, lockFile } = context;
    stop.abort();
    context.feed.stop();
    await Promise.all([wake.stop(), upkeep]);
    try {
      const held = [...process.holdings.values()].filter(isRead);
      const released = held.map(({ job }) => ({ job, outcome: { kind: "released" as const } }));
      await settle(context, released, this.#clock.now(), this.#token);
      await flushHistory(context);
      await Promise.all([committer.close(), bulk.committer.close()]);
      // Nothing is held any more, so nobody has to rescue it.
      const own = { key: keys.proc(process.id), versionstamp: process.version };
      await commitAlone(
        kv.atomic().check(own).delete(own.key).delete(bulk.process.key).delete(keys.worker(process.id)),
      );
    } catch {
      // The store is away: what is held is rescued from the lock that is freed below.
    } finally {
      bells.close();
      lockFile.close();
      kv.close();
      reads.close();
    }
  }
}

function isRead(holding: Holding): holding is Holding & { job: RunningJob } {
  return holding.job !== null;
}

/** What a transition threw, kept apart from what the database throws. */
class Refusal extends TypeError {}

function refusing(transition: (job: Job) => Job): (job: Job) => Job {
  return (job) => {
    try {
      return transition(job);
    } catch (cause) {
      throw new Refusal("", { cause });
    }
  };
}

async function openFile(path: string): Promise<Deno.Kv> {
  if (typeof Deno.openKv !== "function") {
    throw new TypeError('Cannot open Deno KV: add "unstable": ["kv"] to deno.json');
  }
  return await Deno.openKv(path);
}
