import type { Job } from "../../lib/job.ts";

/** What decides where in a list a job stands. */
export type Place = Pick<Job, "seq" | "priority" | "scheduledAt" | "startedAt" | "finishedAt">;

/** An order of jobs; negative when `a` comes first. Never 0 for two jobs. */
export type Order = (a: Place, b: Place) => number;

function bySeq(a: Place, b: Place): number {
  return a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0;
}

/** Added last, first. */
export const newestFirst: Order = (a, b) => bySeq(b, a);

/** As they will be claimed: highest priority, then due first, then added first. */
export const claimOrder: Order = (a, b) =>
  b.priority - a.priority || a.scheduledAt - b.scheduledAt || bySeq(a, b);

/** Due first, first. */
export const dueFirst: Order = (a, b) => a.scheduledAt - b.scheduledAt || bySeq(a, b);

/** Runs longest, first. */
export const startedFirst: Order = (a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || bySeq(a, b);

/** Finished last, first. */
export const lastFinishedFirst: Order = (a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0) || bySeq(b, a);

/** Jobs kept in one order. A job must not change while it is in the list. */
export class SortedJobs {
  readonly #jobs: Job[] = [];
  readonly #order: Order;

  constructor(order: Order) {
    this.#order = order;
  }

  get size(): number {
    return this.#jobs.length;
  }

  add(job: Job): void {
    this.#jobs.splice(this.#firstBehind(job), 0, job);
  }

  delete(job: Job): void {
    const index = this.#firstBehind(job) - 1;
    if (this.#jobs[index]?.seq === job.seq) this.#jobs.splice(index, 1);
  }

  /** The jobs behind `place`, or all, in order. The list must not change meanwhile. */
  *after(place: Place | null = null): Generator<Job> {
    for (let i = place === null ? 0 : this.#firstBehind(place); i < this.#jobs.length; i++) {
      const job = this.#jobs[i];
      if (job !== undefined) yield job;
    }
  }

  #firstBehind(place: Place): number {
    let low = 0;
    let high = this.#jobs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const job = this.#jobs[middle];
      if (job !== undefined && this.#order(job, place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The jobs of several lists of one order, in that order. */
export function* merge(order: Order, lists: readonly Iterable<Job>[]): Generator<Job> {
  const walks = lists.map((list) => list[Symbol.iterator]());
  const heads = walks.map((walk) => walk.next());
  for (;;) {
    let first: { job: Job; list: number } | null = null;
    for (const [list, head] of heads.entries()) {
      if (!head.done && (first === null || order(head.value, first.job) < 0)) {
        first = { job: head.value, list };
      }
    }
    const walk = first === null ? undefined : walks[first.list];
    if (first === null || walk === undefined) return;
    yield first.job;
    heads[first.list] = walk.next();
  }
}
