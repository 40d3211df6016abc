import { systemClock as clock } from "../lib/clock.ts";
import { type Contender, DATA, type Setting, type Subject, TYPE } from "./contender.ts";

/** One number that was measured. */
export interface Reading {
  label: string;
  unit: "/s" | "ms" | "µs" | "MB" | "×" | "jobs" | "%";
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
  /** Jobs that wait, and jobs that are finished, where much is stored. */
  many: number;
  /** Ticks of schedules of which each is waited for. */
  ticks: number;
  /** Schedules, where there are many. */
  schedules: number;
  /** Milliseconds in which nothing happens. */
  resting: number;
}

/** What one process is told to measure. */
export interface Order {
  /** A folder of this measure's own. */
  folder: string;
  effort: Effort;
  /** When to begin, epoch milliseconds, if together with others. */
  startAt?: number;
}

/** Measures in this process. Null: the contender cannot do this. */
export type Task = (contender: Contender, order: Order) => Promise<Reading[] | null>;

/** Jobs added at once where nobody measures that. */
const CHUNK = 10_000;

/** Opens the contender's queue, gives it to `use` and closes it, whatever happens. Null: it is too much for it. */
export async function withSubject(
  contender: Contender,
  setting: Pick<Setting, "folder" | "concurrency"> & Partial<Setting>,
  use: (subject: Subject) => Promise<Reading[]>,
): Promise<Reading[] | null> {
  if (setting.concurrency > (contender.maxConcurrency ?? Infinity)) return null;
  const subject = await contender.open({ types: [TYPE], data: DATA, ...setting });
  try {
    return await use(subject);
  } finally {
    await subject.close();
  }
}

/** So many of `count` jobs as the contender does in reasonable time. */
export function scaled(count: number, { slowness = 1 }: Contender): number {
  return Math.ceil(count / slowness);
}

/** Adds `count` jobs, some thousands at once. */
export async function addChunks(subject: Subject, count: number): Promise<void> {
  for (let left = count; left > 0; left -= CHUNK) await subject.addMany(Math.min(left, CHUNK));
}

export function perSecond(count: number, ms: number): number {
  return count * 1000 / ms;
}

/** Counts runs: a handler's stand-in. */
export class RunCounter {
  count = 0;
  #wanted = Infinity;
  #reached = () => {};

  /** Call it once for each run. */
  readonly hit = (): void => {
    if (++this.count >= this.#wanted) this.#reached();
  };

  /** Resolves once there were `count` runs in all. */
  reached(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    this.#wanted = count;
    return new Promise((resolve) => this.#reached = resolve);
  }

  /** @throws {Error} There were more or fewer runs than `count`. */
  assert(count: number): void {
    if (this.count !== count) throw new Error(`Cannot use the result: ${this.count} runs of ${count} jobs`);
  }
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = clock.monotonic();
  await work();
  return clock.monotonic() - began;
}
