import type { Clock } from "./clock.ts";
import { ClosedError } from "./errors.ts";
import { Loop } from "./loop.ts";
import type { Outage } from "./outage.ts";
import type { HeartbeatAnswer, Store, WorkerReport } from "./store.ts";

/** What a `Heartbeat` needs. */
export interface HeartbeatOptions {
  store: Store;
  clock: Clock;
  outage: Outage;
  /** Milliseconds from one to the next. */
  interval: number;
  /** What to say of this process. */
  report(eventLoopLag: number): WorkerReport;
  /** Is told what the store has to say. */
  onAnswer(answer: HeartbeatAnswer): void;
}

/** Milliseconds between two looks at how late the event loop is. */
const LAG_INTERVAL = 1_000;

const WHAT = "send a heartbeat";

/** Shows the store, again and again, that this process lives, and measures how late its event loop is. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beats: Loop;
  readonly #lags: Loop;
  /** The latest that the event loop was since the last heartbeat, in milliseconds. */
  #lag = 0;
  #lookedAt: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beats = new Loop(options.clock, () => this.runOnce());
    this.#lags = new Loop(options.clock, () => Promise.resolve(this.#look()));
  }

  start(): void {
    this.#beats.start();
    this.#lags.start();
  }

  /** Sends no more. */
  close(): void {
    this.#beats.close();
    this.#lags.close();
  }

  /** Resolves once the last one has ended, after `close()`. */
  async ended(): Promise<void> {
    await Promise.all([this.#beats.ended(), this.#lags.ended()]);
  }

  /** One heartbeat. Never rejects. @returns Milliseconds until the next. */
  async runOnce(): Promise<number> {
    const { store, clock, outage, interval, report, onAnswer } = this.#options;
    try {
      const lag = this.#lag;
      this.#lag = 0;
      const answer = await store.heartbeat(report(lag), clock.now());
      outage.worked(WHAT);
      onAnswer(answer);
      return interval;
    } catch (error) {
      if (error instanceof ClosedError) this.close();
      return error instanceof ClosedError ? 0 : Math.min(interval, outage.failed(WHAT, error));
    }
  }

  #look(): number {
    const now = this.#options.clock.monotonic();
    if (this.#lookedAt !== null) {
      this.#lag = Math.max(this.#lag, Math.round(now - this.#lookedAt - LAG_INTERVAL));
    }
    this.#lookedAt = now;
    return LAG_INTERVAL;
  }
}
