import type { Clock } from "./clock.ts";

/** Lets callers wait until something holds that only its owner can see change. */
export class Conditions {
  readonly #clock: Clock;
  readonly #checks = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at what callers wait for. The owner calls it whenever something changed. */
  check(): void {
    for (const check of this.#checks) check();
  }

  /** Resolves with true once `condition` holds, or with false after `ms` milliseconds. */
  async until(condition: () => boolean, ms = Infinity): Promise<boolean> {
    if (condition()) return true;
    const met = Promise.withResolvers<boolean>();
    const over = new AbortController();
    const check = () => {
      if (condition()) met.resolve(true);
    };
    this.#checks.add(check);
    if (ms !== Infinity) void this.#clock.sleep(ms, over.signal).then(() => met.resolve(condition()));
    try {
      return await met.promise;
    } finally {
      this.#checks.delete(check);
      over.abort();
    }
  }
}
