import type { Clock } from "./clock.ts";

/**
 * A clock that shows the store's time: several machines that work on one store must agree on when a job is due,
 * however wrong their own clocks are.
 */
export class StoreClock implements Clock {
  readonly #clock: Clock;
  #offset = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.#offset;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  /** The store's time is `now`, epoch milliseconds. */
  correct(now: number): void {
    this.#offset = Math.round(now - this.#clock.now());
  }
}
