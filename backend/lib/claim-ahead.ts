/** A process never holds more jobs than this, running or waiting to run. */
export const MOST_HELD = 1_000;

/** How fast an observed rate of ended attempts is forgotten, in milliseconds. */
const MEMORY = 100;

/** The weight of the latest attempt in the average run time. */
const WEIGHT = 0.05;

/**
 * Decides how many jobs to claim beyond the free slots. A claim costs a commit; jobs that run for microseconds
 * must be there before their slot is free, jobs that run for seconds must be left to other workers.
 *
 * Ahead = 2 × the round trip of a claim × the attempts that end in a millisecond, where that is the lower of what
 * was observed just now and what the average run time allows: the one notices at once when all slots are
 * taken by long jobs, the other when long jobs happen to end together.
 */
export class ClaimAhead {
  #averageRun: number | null = null;
  #roundTrip = 0;
  #rate = 0;
  #ended = 0;
  #askedAt: number | null = null;

  /** An attempt ended after `ms` milliseconds. */
  ended(ms: number): void {
    this.#ended++;
    this.#averageRun = this.#averageRun === null ? ms : this.#averageRun + WEIGHT * (ms - this.#averageRun);
  }

  /** A claim took `ms` milliseconds. */
  claimed(ms: number): void {
    this.#roundTrip = this.#roundTrip === 0 ? ms : (this.#roundTrip + ms) / 2;
  }

  /** How many jobs to hold beyond `concurrency` at monotonic time `now`. 0 until something was measured. */
  jobs(concurrency: number, now: number): number {
    if (this.#askedAt !== null && now > this.#askedAt) {
      const passed = now - this.#askedAt;
      this.#rate = Math.max(this.#ended / passed, this.#rate * Math.exp(-passed / MEMORY));
      this.#ended = 0;
    }
    this.#askedAt = now;
    if (this.#averageRun === null) return 0;
    const possible = concurrency / Math.max(this.#averageRun, 0.001);
    const ahead = Math.floor(2 * this.#roundTrip * Math.min(this.#rate, possible));
    return Math.max(0, Math.min(ahead, MOST_HELD - concurrency));
  }
}
