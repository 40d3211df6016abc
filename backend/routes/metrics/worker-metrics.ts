import { Counter, Gauge, type Registry } from "prom-client";
import type { WorkerInfo } from "../../lib/store.ts";

/** Processes that have series of their own: those that beat last. */
const MOST_WORKERS = 100;

const OF_STORE = "Every process tells the same.";

/** Adds metrics of all registered processes to `registry`, also of those that serve no HTTP and cannot be asked. */
export function writeWorkers(registry: Registry, workers: readonly WorkerInfo[]): void {
  const registers = [registry];
  const states = new Gauge({
    name: "cronosaur_workers",
    help: `Registered processes: alive and running, alive and draining, or dead. ${OF_STORE}`,
    labelNames: ["state"],
    registers,
  });
  for (const state of ["running", "draining", "dead"] as const) {
    const count = workers.filter(({ alive, status }) => (alive ? status : "dead") === state).length;
    states.set({ state }, count);
  }
  const shown = workers.filter(({ alive }) => alive)
    .sort((a, b) => b.heartbeatAt - a.heartbeatAt).slice(0, MOST_WORKERS);

  const gauge = (name: string, help: string, valueOf: (worker: WorkerInfo) => number) => {
    const made = new Gauge({ name, help: `${help} ${OF_STORE}`, labelNames: ["worker"], registers });
    for (const worker of shown) made.set({ worker: worker.id }, valueOf(worker));
  };
  gauge("cronosaur_worker_concurrency", "Jobs that a live process runs at the same time.", (worker) => {
    return worker.concurrency;
  });
  gauge("cronosaur_worker_running_jobs", "Jobs that it ran at its last heartbeat.", ({ running }) => running);
  gauge("cronosaur_worker_event_loop_lag_seconds", "How late its event loop was at the most.", (worker) => {
    return worker.eventLoopLag / 1000;
  });
  gauge("cronosaur_worker_resident_memory_bytes", "Its memory.", ({ memory }) => memory);
  const attempts = new Counter({
    name: "cronosaur_worker_attempts_total",
    help: `Attempts that ended in a live process since it started. ${OF_STORE}`,
    labelNames: ["worker"],
    registers,
  });
  for (const { id, processed } of shown) attempts.inc({ worker: id }, processed);
}
