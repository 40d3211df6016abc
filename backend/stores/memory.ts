import { type Clock, systemClock } from "../lib/clock.ts";
import { ClosedError, InvalidStatusError } from "../lib/errors.ts";
import type { HistoryPoint } from "../lib/history.ts";
import { isFinal, type Job, type JobProgress, type RunningJob, settle, start } from "../lib/job.ts";
import { pauseAgain } from "../lib/queue-pause.ts";
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
  Store,
  StoreChange,
  StoredRecord,
  StoreStats,
  WorkerInfo,
  WorkerReport,
} from "../lib/store.ts";
import { entryOf, MemoryData } from "./memory/data.ts";
import { expireDue, promoteDue } from "./memory/due.ts";
import { insertJob, retakeKey } from "./memory/insert.ts";
import { listPage } from "./memory/list.ts";
import { Member } from "./memory/member.ts";
import { endLease, rescueAll } from "./memory/process.ts";
import {
  byText,
  claimable,
  historyOf,
  logPage,
  prunable,
  prunableLogs,
  statsOf,
  workersOf,
} from "./memory/read.ts";
import { lastRecords, putRecords, recordsOf } from "./memory/records.ts";

export { MemoryData };

/** How a `MemoryStore` is made. */
export interface MemoryStoreOptions {
  /** The jobs to share with other stores, each of which stands for a process. @default jobs of its own */
  data?: MemoryData;
  /** @default the first free of `memory-1`, `memory-2`, … */
  workerId?: string;
  /** Tells when jobs are given back by `close`, the one call that is given no time. @default the system's */
  clock?: Pick<Clock, "now">;
}

/** What is stored is nobody else's: a copy as if it had been written out and read back. */
function copy<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

/**
 * Keeps jobs in this process's memory: for tests, tries, and jobs that may be lost at a restart.
 *
 * The plainest reading of the `Store` contract. Every method does its work before it returns its promise, so
 * each is atomic.
 */
export class MemoryStore implements Store {
  readonly title = "memory";
  readonly durability = "in memory: every job is gone when the process ends";
  readonly #data: MemoryData;
  readonly #clock: Pick<Clock, "now">;
  readonly #member: Member;
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    this.#data = options.data ?? new MemoryData();
    this.#clock = options.clock ?? systemClock;
    this.#member = new Member(this.#data, options.workerId);
  }

  get workerId(): string {
    return this.#member.workerId;
  }

  /** As if this process had been killed: others may take its jobs, and nothing tells it so. For tests. */
  crash(): void {
    const { process } = this.#member;
    if (process !== null) process.alive = false;
  }

  open(now: number): Promise<void> {
    return this.#run(() => {
      this.#member.enter(now);
    });
  }

  insert(inserts: readonly Insert[], now: number): Promise<Inserted[]> {
    return this.#run(() => copy(inserts).map((insert) => insertJob(this.#data, insert, now)));
  }

  claim(request: ClaimRequest): Promise<RunningJob[]> {
    return this.#run(() => {
      const { now } = request;
      const jobs = claimable(this.#data, request);
      if (jobs.length === 0) return [];
      const process = this.#member.enter(now);
      return jobs.map((job) => {
        const running = start(job, { workerId: process.workerId, lease: this.#data.newToken(), now });
        const { lease, ...stored } = running;
        this.#data.put(stored);
        process.held.set(job.seq, { lease, started: false });
        return copy(running);
      });
    });
  }

  started(job: RunningJob): void {
    const hold = this.#member.holdOf(job);
    if (hold === undefined) return;
    hold.started = true;
    this.#data.note("started", job, job.startedAt);
  }

  ended(job: RunningJob): void {
    const hold = this.#member.holdOf(job);
    if (hold !== undefined) hold.started = false;
  }

  settle(settlements: readonly Settlement[], now: number): Promise<(Job | "lost")[]> {
    return this.#run(() =>
      copy(settlements).map(({ job, outcome }) => {
        const { process } = this.#member;
        if (process === null || this.#member.holdOf(job) === undefined) return "lost";
        const ended = endLease(this.#data, process, job.seq, (running) => settle(running, outcome, now), now);
        return copy(ended) ?? "lost";
      })
    );
  }

  heartbeat(report: WorkerReport, now: number): Promise<HeartbeatAnswer> {
    return this.#run(() => {
      const process = this.#member.enter(now);
      process.report = { ...copy(report), heartbeatAt: now };
      const cancel = [...process.held.keys()].filter((seq) =>
        this.#data.find(seq)?.cancelRequestedAt != null
      );
      return { cancel, stop: process.stopRequested };
    });
  }

  promote(now: number): Promise<{ promoted: number; nextDueAt: number | null }> {
    return this.#run(() => promoteDue(this.#data, now));
  }

  rescue(now: number): Promise<number> {
    return this.#run(() => {
      let rescued = 0;
      for (const process of this.#data.processes.values()) {
        if (!process.alive) rescued += rescueAll(this.#data, process, now);
      }
      return rescued;
    });
  }

  expire(now: number): Promise<number> {
    return this.#run(() => expireDue(this.#data, now));
  }

  prune(request: PruneRequest): Promise<number> {
    return this.#run(() => {
      const jobs = prunable(this.#data, request);
      if (!request.dryRun) { for (const job of jobs) this.#data.drop(job); }
      return jobs.length;
    });
  }

  get(id: string): Promise<Job | null> {
    return this.#run(() => copy(this.#data.find(id) ?? null));
  }

  list(filter: JobFilter, page: { cursor?: string; limit: number }): Promise<JobPage> {
    return this.#run(() => copy(listPage(this.#data, filter, page)));
  }

  change(id: string, transition: (job: Job) => Job): Promise<Job | null> {
    return this.#run(() => {
      const before = this.#data.find(id);
      if (before === undefined) return null;
      const after = copy(transition(copy(before)));
      const now = after.updatedAt;
      if (isFinal(before.status) && !isFinal(after.status)) retakeKey(this.#data, after, now);
      this.#data.put(after);
      if (before.status !== "running") this.#data.countEnded(before, after, now);
      else if (after.cancelRequestedAt !== null) {
        const owner = this.#data.processes.get(after.workerId ?? "");
        if (owner !== undefined) this.#data.tell({ kind: "cancel", seqs: [after.seq] }, owner);
      }
      return copy(after);
    });
  }

  remove(id: string, isMeant: (job: Job) => boolean = () => true): Promise<boolean> {
    return this.#run(() => {
      const job = this.#data.find(id);
      if (job === undefined || !isMeant(copy(job))) return false;
      if (job.status === "running") throw new InvalidStatusError("remove", job.id, job.status);
      this.#data.drop(job);
      return true;
    });
  }

  appendLogs(seq: string, lines: readonly LogLine[]): Promise<void> {
    return this.#run(() => {
      if (this.#data.find(seq) !== undefined) entryOf(this.#data.logs, seq, () => []).push(...copy(lines));
    });
  }

  logs(id: string, page: { cursor?: string; limit: number }): Promise<LogPage | null> {
    return this.#run(() => {
      const job = this.#data.find(id);
      return job === undefined ? null : copy(logPage(this.#data, job, page));
    });
  }

  pruneLogs(request: PruneLogsRequest): Promise<PrunedLogs> {
    return this.#run(() => {
      const { seqs, nextCursor } = prunableLogs(this.#data, request);
      if (!request.dryRun) { for (const seq of seqs) this.#data.logs.delete(seq); }
      return { jobs: seqs.length, nextCursor };
    });
  }

  progress(job: RunningJob, progress: JobProgress): Promise<void> {
    return this.#run(() => {
      const stored = this.#data.find(job.seq);
      if (stored === undefined || this.#member.holdOf(job) === undefined) return;
      const told = { ...stored, progress: copy(progress) };
      this.#data.put(told);
      this.#data.note("progress", told, progress.at);
    });
  }

  stats(): Promise<StoreStats> {
    return this.#run(() => copy(statsOf(this.#data)));
  }

  history(range: { from: number; to: number; type?: string }): Promise<HistoryPoint[]> {
    return this.#run(() => copy(historyOf(this.#data, range)));
  }

  queues(): Promise<QueueInfo[]> {
    return this.#run(() => {
      const queues = [...this.#data.queues].map(([name, state]) => ({ name, ...state }));
      return copy(queues.sort((a, b) => byText(a.name, b.name)));
    });
  }

  setPaused(queue: string, paused: boolean, said?: QueuePause): Promise<QueuePause | null> {
    return this.#run(() => {
      const before = this.#data.queues.get(queue);
      const pause = paused ? pauseAgain(before?.pause ?? null, copy(said) ?? null) : null;
      if (paused || before !== undefined) {
        this.#data.queues.set(queue, pause === null ? { paused } : { paused, pause });
      }
      if (!paused) this.#data.tell({ kind: "work" });
      return copy(pause);
    });
  }

  workers(): Promise<WorkerInfo[]> {
    return this.#run(() => copy(workersOf(this.#data)));
  }

  removeWorker(id: string, now: number): Promise<"stopping" | "removed" | null> {
    return this.#run(() => {
      const process = this.#data.processes.get(id);
      if (process === undefined) return null;
      if (process.alive) {
        process.stopRequested = true;
        this.#data.tell({ kind: "stop" }, process);
        return "stopping";
      }
      rescueAll(this.#data, process, now);
      this.#data.processes.delete(id);
      return "removed";
    });
  }

  watch(listener: (change: StoreChange) => void): () => void {
    const own = (change: StoreChange) => listener(change);
    this.#member.listeners.add(own);
    return () => this.#member.listeners.delete(own);
  }

  subscribe(now: number): Promise<void> {
    return this.#run(() => this.#data.feed.subscribe(now));
  }

  changesSince(cursor: string | null, options: { now: number; upTo?: string }): Promise<FeedPage> {
    return this.#run(() => copy(this.#data.feed.read(cursor, options)));
  }

  record(kind: string, key: string): Promise<StoredRecord | null> {
    return this.#run(() => copy(this.#data.records.get(kind)?.get(key) ?? null));
  }

  records(kind: string): Promise<StoredRecord[]> {
    return this.#run(() => copy(recordsOf(this.#data, kind)));
  }

  recordPage(kind: string, page: { before?: string; limit: number }): Promise<StoredRecord[]> {
    return this.#run(() => copy(lastRecords(this.#data, kind, page)));
  }

  commit(change: { put: readonly RecordPut[]; insert?: readonly Insert[] }, now: number): Promise<void> {
    return this.#run(() => {
      putRecords(this.#data, change.put.map((put) => ({ ...put, value: copy(put.value) })));
      for (const { job } of copy(change.insert ?? [])) insertJob(this.#data, { job }, now);
    });
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return this.#run(() => {
      this.#closed = true;
      this.#member.leave(this.#clock.now());
    });
  }

  /** Does `work` at once, unless the store is closed. */
  #run<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw new ClosedError("store");
      resolve(work());
    });
  }
}
