import type { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import type { Schedule } from "../lib/schedule/view.ts";
import { TestQueue } from "./test-queue.ts";

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** A scheduler and its queue on a memory store and a clock that only the test moves. `await using` stops both. */
export class TestScheduler extends Scheduler {
  readonly queue: TestQueue;

  constructor(options: ConstructorParameters<typeof TestQueue>[0] = {}) {
    const queue = new TestQueue(options);
    super(queue);
    this.queue = queue;
  }

  /** Moves time, then does one pass. @returns How many jobs it added. */
  pass(ms = 0): Promise<number> {
    this.queue.clock.advance(ms);
    return this.runOnce();
  }

  /** The schedule of this name, which must exist. */
  async shown(name: string): Promise<Schedule> {
    const schedule = await this.get(name);
    if (schedule === null) throw new Error(`There is no schedule "${name}"`);
    return schedule;
  }

  /** The runs of a schedule, oldest first: `03:00:00 completed`. */
  async runs(name: string): Promise<string[]> {
    const { runs } = await this.shown(name);
    return runs.map(({ dueAt, outcome }) => `${timeOf(dueAt)} ${outcome}`).reverse();
  }

  /** The ids of all jobs in the store, in their order. Those of schedules end with the time they were due. */
  ticks(): Promise<string[]> {
    return idsOf(this.queue);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.queue.stop();
  }
}

/** The ids of all jobs in the store of `queue`, in their order. */
export async function idsOf(queue: Queue): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await queue.list({}, { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.jobs.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids.sort();
}

/** The time of day of an epoch time, UTC: `03:00:00`. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
