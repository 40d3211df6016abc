import type { WorkerInfo } from "../store.ts";

/** A pause longer than this, in milliseconds, is one in which nothing ran: a suspended machine, a store that was away. */
const LONGEST_PAUSE = 60_000;

/** A tick due so many milliseconds before a beginning is not missed: it takes a moment to begin. */
const GRACE = 1_000;

/** Since when schedulers have been running without a break, as far as this one can tell. Epoch milliseconds. */
export class UnbrokenRun {
  #since = Infinity;
  #workedAt: number | null = null;

  /** A tick that fires from this time on is late at the most, not missed. */
  get since(): number {
    return this.#since;
  }

  /** True if a pass at `now` does not continue what ran before. */
  isBrokenAt(now: number): boolean {
    return this.#workedAt === null || now - this.#workedAt > LONGEST_PAUSE;
  }

  /** Begins at `now`, should the pass work, beside `others`. */
  begin(now: number, others: readonly WorkerInfo[]): void {
    this.#since = beginning(now, others);
  }

  /** Goes on at `now`. A clock that was set back takes the beginning with it. */
  goOn(now: number): void {
    this.#since = Math.min(this.#since, now - GRACE);
  }

  /** A pass at `now` has done all there was to do. */
  worked(now: number): void {
    this.#workedAt = now;
  }
}

/**
 * From when on ticks are late at the most for one who begins at `now` beside `others`. They fire what is due: no tick
 * they would fire is much older. Older ones are of schedules that they do not know.
 */
export function beginning(now: number, others: readonly WorkerInfo[]): number {
  const oldest = Math.min(now, ...others.map(({ startedAt }) => startedAt));
  return Math.max(oldest, now - LONGEST_PAUSE) - GRACE;
}

/** Those of `workers`, other than `own`, that live and run a scheduler. */
export function otherSchedulers(workers: readonly WorkerInfo[], own: string): WorkerInfo[] {
  return workers.filter(({ id, alive, scheduler }) => alive && scheduler && id !== own);
}
