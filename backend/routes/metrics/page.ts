import { Gauge, Histogram, Registry } from "prom-client";
import type { ScheduleState } from "../../lib/schedule/view.ts";
import type { WorkerInfo } from "../../lib/store.ts";
import { writeProcess } from "./process-metrics.ts";
import { StoreMetrics, type StoreView } from "./store-metrics.ts";
import { writeWorkers } from "./worker-metrics.ts";

/** What a page of metrics tells of what lies in the store. */
export interface PageView extends StoreView {
  workers: readonly WorkerInfo[];
  schedules: ReadonlyMap<ScheduleState, number>;
}

/** Upper bounds for the store's answers, in seconds. */
const PING_BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

const STATES: readonly ScheduleState[] = ["active", "disabled", "ended", "broken", "not in code"];

/** Writes what Prometheus reads. Each page is made anew: what is gone from the store is gone from it. */
export class MetricsPage {
  readonly #jobs = new StoreMetrics();
  readonly #startedAt: number;
  readonly #pings = new Histogram({
    name: "cronosaur_store_ping_seconds",
    help: "Time the store took for a small read, once for each time this process was asked.",
    buckets: PING_BOUNDS,
    registers: [],
  });

  /** @param startedAt When this process started, epoch milliseconds. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** The store answered after so many milliseconds. */
  pinged(ms: number): void {
    this.#pings.observe(ms / 1000);
  }

  /** @param view null: the store did not answer. */
  async write(view: PageView | null): Promise<{ text: string; contentType: string }> {
    const registry = new Registry();
    new Gauge({
      name: "cronosaur_store_up",
      help: "1 if the store answered this process, else 0: then nothing is said of what is in it.",
      registers: [registry],
    }).set(view === null ? 0 : 1);
    if (view !== null) {
      this.#jobs.write(registry, view);
      writeWorkers(registry, view.workers);
      writeSchedules(registry, view.schedules);
    }
    registry.registerMetric(this.#pings);
    writeProcess(registry, this.#startedAt);
    return { text: await registry.metrics(), contentType: registry.contentType };
  }
}

function writeSchedules(registry: Registry, states: ReadonlyMap<ScheduleState, number>): void {
  const gauge = new Gauge({
    name: "cronosaur_schedules",
    help: "Schedules by state, as they were within the last minute. Every process tells the same.",
    labelNames: ["state"],
    registers: [registry],
  });
  for (const state of STATES) gauge.set({ state }, states.get(state) ?? 0);
}
