import { type Clock, soon } from "../../lib/clock.ts";

interface Waiting {
  /** Monotonic milliseconds. */
  dueAt: number;
  tell: () => void;
}

/**
 * Tells each of many callers when its time is over. One timer serves them all, and none is set for who has been served
 * after two turns of the event loop: to set one and take it back costs a third of what a small request does.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #ms: number;
  /** In the order they are due. */
  readonly #waiting = new Set<Waiting>();
  #stop: AbortController | null = null;
  #isLooking = false;

  /** @param ms How long each caller has. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Calls `tell` when the time is over. @returns Takes that back. */
  start(tell: () => void): () => void {
    const waiting: Waiting = { dueAt: this.#clock.monotonic() + this.#ms, tell };
    this.#waiting.add(waiting);
    this.#look();
    return () => {
      // A timer that nobody needs would keep the process from ending.
      if (!this.#waiting.delete(waiting) || this.#waiting.size > 0) return;
      this.#stop?.abort();
      this.#stop = null;
    };
  }

  /** Begins to watch if somebody still waits in a moment. */
  #look(): void {
    if (this.#isLooking || this.#stop !== null) return;
    this.#isLooking = true;
    soon(() =>
      soon(() => {
        this.#isLooking = false;
        if (this.#waiting.size > 0) void this.#watch();
      })
    );
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
    this.#stop = null; // all were told
  }
}
