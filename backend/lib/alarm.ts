import type { Clock } from "./clock.ts";

/**
 * A sleep that others can end. A call to `wake()` while nobody sleeps ends the next sleep at once, so that none
 * is missed. For one sleeper.
 */
export class Alarm {
  readonly #clock: Clock;
  #controller: AbortController | null = null;
  #rung = false;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True once `close()` was called: loops end. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves after `ms` milliseconds, or when woken. */
  async sleep(ms: number): Promise<void> {
    if (!this.#rung && !this.#closed) {
      this.#controller = new AbortController();
      await this.#clock.sleep(ms, this.#controller.signal);
      this.#controller = null;
    }
    this.#rung = false;
  }

  wake(): void {
    this.#rung = true;
    this.#controller?.abort();
  }

  /** Ends this and every later sleep. */
  close(): void {
    this.#closed = true;
    this.wake();
  }
}
