import { systemClock as clock } from "../lib/clock.ts";
import type { Contender, Subject } from "./contender.ts";
import { quantile } from "./samples.ts";

/** One number a measure gives. */
export interface Reading {
  label: string;
  unit: "/s" | "ms";
  value: number;
}

/** How much work goes into one measurement. */
export interface Effort {
  /** Milliseconds that callers add for. */
  adding: number;
  /** Jobs added in bulk. */
  bulk: number;
  /** Jobs that are run. */
  jobs: number;
  /** Jobs added one at a time to an idle queue. */
  idle: number;
}

/** What is measured, on a fresh file each time. */
export interface Measure {
  /** For `--only`. */
  readonly name: string;
  /** What a queue has to be opened with. */
  readonly concurrency: number;
  measure(subject: Subject, effort: Effort): Promise<Reading[]>;
}

/** Jobs added before anything is counted, so that the file, its tables and its log exist. */
const FIRST = 200;
/** Milliseconds between two jobs for an idle queue. */
const PAUSE = 5;

/** Everything that can be measured within one process. */
export const MEASURES: readonly Measure[] = [
  { name: "add-1", concurrency: 1, measure: (subject, effort) => addRate(subject, effort, 1) },
  { name: "add-64", concurrency: 1, measure: (subject, effort) => addRate(subject, effort, 64) },
  { name: "bulk", concurrency: 1, measure: bulkRate },
  ...[1, 5, 100].map((concurrency): Measure => ({
    name: `run-${concurrency}`,
    concurrency,
    measure: (subject, effort) => runRate(subject, effort, concurrency),
  })),
  { name: "idle", concurrency: 5, measure: idleLatency },
];

/** Measures `contender` on a new file in `folder`, which is removed. */
export async function measureOn(
  contender: Contender,
  { measure, concurrency }: Measure,
  effort: Effort,
): Promise<Reading[]> {
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
  try {
    const subject = await contender.open(`${folder}/jobs.db`, concurrency);
    try {
      return await measure(subject, effort);
    } finally {
      await subject.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function addRate(subject: Subject, { adding }: Effort, callers: number): Promise<Reading[]> {
  await subject.addMany(FIRST);
  let added = 0;
  const began = clock.monotonic();
  const call = async () => {
    while (clock.monotonic() - began < adding) {
      await subject.add();
      added++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const value = perSecond(added, clock.monotonic() - began);
  return [{ label: `add, ${callers} caller${callers === 1 ? "" : "s"}`, unit: "/s", value }];
}

async function bulkRate(subject: Subject, { bulk }: Effort): Promise<Reading[]> {
  await subject.addMany(FIRST);
  const began = clock.monotonic();
  await subject.addMany(bulk);
  const value = perSecond(bulk, clock.monotonic() - began);
  return [{ label: `add in bulk, ${bulk}`, unit: "/s", value }];
}

async function runRate(subject: Subject, { jobs }: Effort, concurrency: number): Promise<Reading[]> {
  await subject.addMany(jobs);
  const all = Promise.withResolvers<void>();
  let ran = 0;
  const began = clock.monotonic();
  await subject.run(() => {
    if (++ran === jobs) all.resolve();
  });
  await all.promise;
  await subject.settled();
  const value = perSecond(jobs, clock.monotonic() - began);
  return [{ label: `run no-op jobs, concurrency ${concurrency}`, unit: "/s", value }];
}

async function idleLatency(subject: Subject, { idle }: Effort): Promise<Reading[]> {
  let started = () => {};
  await subject.run(() => started());
  const times: number[] = [];
  for (let i = 0; i < idle; i++) {
    await clock.sleep(PAUSE);
    const start = Promise.withResolvers<void>();
    started = start.resolve;
    const began = clock.monotonic();
    const adding = subject.add();
    await start.promise;
    times.push(clock.monotonic() - began);
    await adding;
  }
  return [0.5, 0.99].map((part) => ({
    label: `idle: add to handler start, p${part * 100}`,
    unit: "ms",
    value: quantile(times, part),
  }));
}

function perSecond(count: number, ms: number): number {
  return count * 1000 / ms;
}
