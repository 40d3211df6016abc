import { type Clock, soon } from "../lib/clock.ts";

/** The time a `FakeClock` starts at, and the time factories make jobs at: 2026-01-01T00:00:00Z. */
export const START = Date.UTC(2026, 0, 1);

interface Sleeper {
  /** Monotonic milliseconds. */
  dueAt: number;
  wake(): void;
}

/**
 * A clock that only a test moves. Sleepers wake when `advance` has carried the monotonic time over their
 * deadline, in the order they are due.
 *
 * @example Usage
 * ```ts
 * import { FakeClock } from "./fake-clock.ts";
 *
 * const clock = new FakeClock();
 * const nap = clock.sleep(1000);
 * clock.advance(1000);
 * await nap;
 * ```
 */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers = new Set<{ count: number; tell: () => void }>();

  /** @param now Epoch milliseconds. @default START */
  constructor(now: number = START) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      // As with a real timer, others get their turn first: a loop that sleeps for nothing must not starve them.
      if (ms <= 0) return soon(resolve);
      const sleeper: Sleeper = {
        dueAt: this.#monotonic + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
      for (const watcher of [...this.#watchers]) {
        if (this.#sleepers.size >= watcher.count) watcher.tell();
      }
    });
  }

  /**
   * Moves time by `ms` and wakes who is due. Negative: `now()` steps back, as a corrected system clock would, while
   * `monotonic()` and with it every sleeper stay as they are.
   */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonic += Math.max(0, ms);
    const due = [...this.#sleepers].filter((sleeper) => sleeper.dueAt <= this.#monotonic);
    for (const sleeper of due.sort((a, b) => a.dueAt - b.dueAt)) sleeper.wake();
  }

  /** Resolves once at least `count` callers are asleep: each has ended its pass, real I/O included. */
  asleep(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#sleepers.size >= count) return resolve();
      const watcher = {
        count,
        tell: () => {
          this.#watchers.delete(watcher);
          resolve();
        },
      };
      this.#watchers.add(watcher);
    });
  }
}
