import type { JobEvent } from "../../lib/events.ts";
import { countEnded, emptyPoint, type HistoryPoint, minuteOf } from "../../lib/history.ts";
import { isFinal, isWaiting, type Job, JOB_STATUSES, type JobStatus } from "../../lib/job.ts";
import { eventOf } from "../../lib/job-change.ts";
import { noCounts } from "../../lib/status-counts.ts";
import type { LogLine, QueueInfo, StatusCounts, StoreChange, StoredRecord } from "../../lib/store.ts";
import { MemoryFeed } from "./feed.ts";
import type { Process } from "./process.ts";
import {
  claimOrder,
  dueFirst,
  lastFinishedFirst,
  newestFirst,
  SortedJobs,
  startedFirst,
} from "./sorted-jobs.ts";

/** How long the history is kept, milliseconds. */
const KEPT_HISTORY = 7 * 24 * 60 * 60_000;

/** What all processes of one memory store share. */
export class MemoryData {
  readonly #jobs = new Map<string, Job>();
  readonly #aliases = new Map<string, string>();
  readonly #history = new Map<string, HistoryPoint>();
  readonly #untold = new Map<StoreChange["kind"], StoreChange>();
  #tokens = 0;

  /** Every job, newest first. */
  readonly all = new SortedJobs(newestFirst);
  readonly byStatus: Readonly<Record<JobStatus, SortedJobs>> = {
    pending: new SortedJobs(claimOrder),
    scheduled: new SortedJobs(dueFirst),
    running: new SortedJobs(startedFirst),
    retrying: new SortedJobs(dueFirst),
    completed: new SortedJobs(lastFinishedFirst),
    failed: new SortedJobs(lastFinishedFirst),
    cancelled: new SortedJobs(lastFinishedFirst),
  };
  /** The pending jobs by type, so that jobs of types nobody handles are in nobody's way. */
  readonly ready = new Map<string, SortedJobs>();
  /** The job that took each unique key last, by `seq`. */
  readonly uniques = new Map<string, string>();
  readonly counts = {
    all: noCounts(),
    byQueue: new Map<string, StatusCounts>(),
    byType: new Map<string, StatusCounts>(),
  };
  readonly logs = new Map<string, LogLine[]>();
  readonly records = new Map<string, Map<string, StoredRecord>>();
  /** Every queue there ever was, whether it is paused, and what is known of that. */
  readonly queues = new Map<string, Omit<QueueInfo, "name">>();
  readonly processes = new Map<string, Process>();
  readonly feed = new MemoryFeed();

  /** The job of this id or `seq`. */
  find(id: string): Job | undefined {
    return this.#jobs.get(this.#aliases.get(id) ?? id);
  }

  /** Stores `job` in place of what was stored under its `seq`, and tells every process what that means to it. */
  put(job: Job): void {
    const before = this.#jobs.get(job.seq);
    if (before !== undefined) this.#unlist(before);
    this.#jobs.set(job.seq, job);
    this.#aliases.set(job.id, job.seq);
    this.all.add(job);
    this.byStatus[job.status].add(job);
    if (job.status === "pending") entryOf(this.ready, job.type, () => new SortedJobs(claimOrder)).add(job);
    entryOf(this.queues, job.queue, () => ({ paused: false }));
    this.#count(job, 1);
    if (job.status === "pending") this.tell({ kind: "work", types: new Set([job.type]) });
    else if (isWaiting(job.status)) this.tell({ kind: "due", at: job.scheduledAt });
    else if (isFinal(job.status)) this.tell({ kind: "jobs" });
    const event = eventOf(before ?? null, job);
    if (event !== null) this.note(event, job, job.finishedAt ?? job.updatedAt);
  }

  /** Tells the feed what happened to `job`. */
  note(event: JobEvent, job: Job, at: number): void {
    if (this.feed.note(event, job, at)) this.tell({ kind: "feed" });
  }

  /** Deletes `job` and all that belongs to it. */
  drop(job: Job): void {
    this.#unlist(job);
    this.#jobs.delete(job.seq);
    this.#aliases.delete(job.id);
    this.logs.delete(job.seq);
    // The key may be another's by now: this job's, if the other replaced it while it ran.
    if (job.unique !== null && this.uniques.get(job.unique.key) === job.seq) {
      this.uniques.delete(job.unique.key);
    }
  }

  /** A text that was never given before. */
  newToken(): string {
    return String(++this.#tokens);
  }

  countAdded(job: Job, now: number): void {
    this.#point(job.type, now).added++;
  }

  countEnded(before: Job, after: Job, now: number): void {
    countEnded(this.#point(after.type, now), before, after, now);
  }

  history(): Iterable<HistoryPoint> {
    return this.#history.values();
  }

  #point(type: string, now: number): HistoryPoint {
    const at = minuteOf(now);
    return entryOf(this.#history, `${at} ${type}`, () => {
      for (const [key, point] of this.#history) {
        if (point.at >= at - KEPT_HISTORY) break;
        this.#history.delete(key);
      }
      return emptyPoint(at, type);
    });
  }

  #unlist(job: Job): void {
    this.all.delete(job);
    this.byStatus[job.status].delete(job);
    if (job.status === "pending") {
      const ready = this.ready.get(job.type);
      ready?.delete(job);
      if (ready?.size === 0) this.ready.delete(job.type);
    }
    this.#count(job, -1);
  }

  #count(job: Job, by: 1 | -1): void {
    this.counts.all[job.status] += by;
    for (const [group, name] of [[this.counts.byQueue, job.queue], [this.counts.byType, job.type]] as const) {
      const counts = entryOf(group, name, noCounts);
      counts[job.status] += by;
      if (JOB_STATUSES.every((status) => counts[status] === 0)) group.delete(name);
    }
  }

  /** Tells every process, or only `to`, once the caller's own call is done. News of one kind comes together. */
  tell(change: StoreChange, to?: Process): void {
    const { kind } = change;
    const isNews = to === undefined && ["work", "jobs", "feed"].includes(kind);
    if (isNews) {
      const waiting = this.#untold.get(kind);
      this.#untold.set(kind, waiting === undefined ? change : both(waiting, change));
      if (waiting !== undefined) return;
    }
    queueMicrotask(() => {
      const told = isNews ? this.#untold.get(kind) ?? change : change;
      if (isNews) this.#untold.delete(kind);
      for (const { listeners } of to === undefined ? this.processes.values() : [to]) {
        for (const listener of listeners) listener(told);
      }
    });
  }
}

/** What two changes of a kind say together: work of the types of either, or of any. */
function both(one: StoreChange, other: StoreChange): StoreChange {
  if (one.kind !== "work" || other.kind !== "work") return one;
  if (one.types === undefined || other.types === undefined) return { kind: "work" };
  return other.types.isSubsetOf(one.types) ? one : { kind: "work", types: one.types.union(other.types) };
}

/** The value under `key`, made first if there is none. */
export function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
