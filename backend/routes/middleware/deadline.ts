import type { Clock } from "../../lib/clock.ts";

interface Waiting {
  /** Monotonic milliseconds. */
  dueAt: number;
  tell: () => void;
}

/** Tells each of many callers when its time is over. One timer serves them all: one for each request costs a tenth of it. */
export class Deadline {
  readonly #clock: Clock;
  readonly #ms: number;
  /** In the order they are due. */
  readonly #waiting = new Set<Waiting>();
  #stop = new AbortController();

  /** @param ms How long each caller has. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Calls `tell` when the time is over. @returns Takes that back. */
  start(tell: () => void): () => void {
    const waiting: Waiting = { dueAt: this.#clock.monotonic() + this.#ms, tell };
    this.#waiting.add(waiting);
    if (this.#waiting.size === 1) this.#watch();
    return () => {
      // A timer that nobody needs would keep the process from ending.
      if (this.#waiting.delete(waiting) && this.#waiting.size === 0) this.#stop.abort();
    };
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop = new AbortController();
    for (const { dueAt } of this.#waiting) {
      await this.#clock.sleep(dueAt - this.#clock.monotonic(), signal);
      if (signal.aborted) return;
      for (const waiting of this.#waiting) {
        if (waiting.dueAt > this.#clock.monotonic()) break;
        this.#waiting.delete(waiting);
        waiting.tell();
      }
    }
  }
}
