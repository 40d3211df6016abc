import { Counter, Gauge, type Registry } from "prom-client";
import { BoundedNames } from "../../lib/bounded-names.ts";
import { addPoint, emptyPoint, type HistoryPoint } from "../../lib/history.ts";
import { JOB_STATUSES } from "../../lib/job.ts";
import type { QueueInfo, StatusCounts, StoreStats } from "../../lib/store.ts";
import { KeptHistogram } from "./kept-histogram.ts";

/** Types, and queues, that have series of their own: each type has about eighty. */
const MOST_TYPES = 40;
const MOST_QUEUES = 100;

/** Ends the help of what each process tells of the whole store. */
const OF_STORE = "Of the whole store: every process tells the same, so take the max over them, not the sum.";

/** Ends the help of what is counted from the start of the process that tells it. */
const SINCE_START =
  "Of the whole store, since this process was first asked: take the max of the rates over processes, not the sum.";

/** What is known of the store at one moment. */
export interface StoreView {
  now: number;
  stats: StoreStats;
  queues: readonly QueueInfo[];
  /** By type. */
  totals: ReadonlyMap<string, HistoryPoint>;
}

const TOTALS = [
  ["added", "Jobs added"],
  ["completed", "Jobs completed"],
  ["failed", "Jobs failed for good"],
  ["cancelled", "Jobs cancelled"],
  ["retried", "Attempts that failed and were to run again"],
] as const;

/** Shows what lies in the store, with a bounded number of series whatever the names of types and queues. */
export class StoreMetrics {
  readonly #types = new BoundedNames(MOST_TYPES);
  readonly #queues = new BoundedNames(MOST_QUEUES);

  /** Adds metrics of `view` to `registry`. */
  write(registry: Registry, view: StoreView): void {
    const registers = [registry];
    this.#writeQueues(registers, view);
    this.#writeTypes(registers, view);
  }

  #writeQueues(registers: Registry[], { now, stats, queues }: StoreView): void {
    const jobs = new Gauge({
      name: "cronosaur_queue_jobs",
      help: `Jobs by queue and status. ${OF_STORE}`,
      labelNames: ["queue", "status"],
      registers,
    });
    addCounts(stats.byQueue, (queue, status, count) => {
      jobs.inc({ queue: this.#queues.labelOf(queue), status }, count);
    });
    const oldest = new Gauge({
      name: "cronosaur_queue_oldest_pending_seconds",
      help: `For how long the oldest pending job of a queue has been due, 0 without one. ${OF_STORE}`,
      labelNames: ["queue"],
      registers,
    });
    const paused = new Gauge({
      name: "cronosaur_queue_paused",
      help: `1 while a queue is paused. ${OF_STORE}`,
      labelNames: ["queue"],
      registers,
    });
    const ages = new Map<string, number>();
    const pauses = new Map<string, number>();
    for (const { name, paused: isPaused } of queues) {
      const queue = this.#queues.labelOf(name);
      const since = Object.hasOwn(stats.oldestPendingByQueue, name)
        ? stats.oldestPendingByQueue[name] ?? now
        : now;
      ages.set(queue, Math.max(ages.get(queue) ?? 0, (now - since) / 1000));
      pauses.set(queue, Math.max(pauses.get(queue) ?? 0, isPaused ? 1 : 0));
    }
    for (const [queue, age] of ages) oldest.set({ queue }, age);
    for (const [queue, value] of pauses) paused.set({ queue }, value);
  }

  #writeTypes(registers: Registry[], { stats, totals }: StoreView): void {
    const jobs = new Gauge({
      name: "cronosaur_type_jobs",
      help: `Jobs by type and status. ${OF_STORE}`,
      labelNames: ["type", "status"],
      registers,
    });
    addCounts(stats.byType, (type, status, count) => {
      jobs.inc({ type: this.#types.labelOf(type), status }, count);
    });
    const shown = this.#totalsByLabel(Object.keys(stats.byType), totals);
    for (const [name, help] of TOTALS) {
      const counter = new Counter({
        name: `cronosaur_jobs_${name}_total`,
        help: `${help}. ${SINCE_START}`,
        labelNames: ["type"],
        registers,
      });
      for (const [type, point] of shown) counter.inc({ type }, point[name]);
    }
    const times = [
      ["cronosaur_job_wait_seconds", "Time from due to start of attempts that have ended", "waitTime"],
      ["cronosaur_job_run_seconds", "Time from start to end of attempts that have ended", "runTime"],
    ] as const;
    for (const [name, help, field] of times) {
      const counted = new Map([...shown].map(([type, point]) => [type, point[field]]));
      const whole = `${help}; the sum is estimated from the buckets. ${SINCE_START}`;
      const histogram = new KeptHistogram(name, whole, counted);
      for (const registry of registers) registry.registerMetric(histogram);
    }
  }

  /** Totals under the names they are shown by. A type that only has jobs starts at 0, so that its first event shows. */
  #totalsByLabel(
    types: readonly string[],
    totals: ReadonlyMap<string, HistoryPoint>,
  ): Map<string, HistoryPoint> {
    const shown = new Map<string, HistoryPoint>();
    const of = (type: string) => {
      const label = this.#types.labelOf(type);
      const point = shown.get(label) ?? emptyPoint(0, label);
      shown.set(label, point);
      return point;
    };
    for (const type of types) of(type);
    for (const [type, point] of totals) addPoint(of(type), point);
    return shown;
  }
}

function addCounts(
  counts: Readonly<Record<string, StatusCounts>>,
  add: (name: string, status: string, count: number) => void,
): void {
  for (const [name, of] of Object.entries(counts)) {
    // Below zero while a process is in the middle of a commit.
    for (const status of JOB_STATUSES) add(name, status, Math.max(0, of[status]));
  }
}
