import type { Log } from "./log.ts";

/** Wait after the first failure, and the longest wait, in milliseconds. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/**
 * Times at which the store could not be reached, as several loops see them: reported when the first of them
 * fails and when none fails any more, not at each try.
 */
export class Outage {
  readonly #failures = new Map<string, number>();
  readonly #log: Log;
  readonly #onError: (error: unknown) => void;
  readonly #random: () => number;

  constructor(
    { log, onError, random = Math.random }: {
      log: Log;
      onError: (error: unknown) => void;
      random?: () => number;
    },
  ) {
    this.#log = log;
    this.#onError = onError;
    this.#random = random;
  }

  /**
   * Says that `what` failed again.
   *
   * @returns How long to wait before the next try: 100 ms, doubling up to 5 s, each ±50 % so that many processes
   * do not come back at the same moment.
   */
  failed(what: string, error: unknown): number {
    if (this.#failures.size === 0) {
      this.#log.error("Cannot {what}, trying again until it works: {error}", { what, error });
      this.#onError(error);
    }
    const count = this.#failures.get(what) ?? 0;
    this.#failures.set(what, count + 1);
    return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** count) * (0.5 + this.#random());
  }

  /** Says that `what` worked. */
  worked(what: string): void {
    if (this.#failures.delete(what) && this.#failures.size === 0) {
      this.#log.info("The store works again");
    }
  }
}
