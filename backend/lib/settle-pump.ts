import { Alarm } from "./alarm.ts";
import type { Attempt } from "./attempt.ts";
import type { Clock } from "./clock.ts";
import { ClosedError, StoreUnavailableError } from "./errors.ts";
import type { Job } from "./job.ts";
import { toJobError } from "./job-error.ts";
import type { Log } from "./log.ts";
import type { Outage } from "./outage.ts";
import type { Store } from "./store.ts";

/** What a `SettlePump` needs. */
export interface SettlePumpOptions {
  store: Store;
  clock: Clock;
  log: Log;
  outage: Outage;
  /** An outcome was stored, or its lease was lost, or it could not be stored at all ("dropped"). */
  onSettled(attempt: Attempt, job: Job | "lost" | "dropped"): void;
  /** A call has ended; more may be waiting. */
  onFree(): void;
}

const WHAT = "store outcomes";

/** Calls under way at the most: while a store writes one, it can prepare the next. */
const CALLS = 2;

/**
 * Stores how attempts ended, two calls at a time: what ends while they are under way goes together in the next.
 * An outcome is kept until it is stored or its lease is lost, however long the store is away.
 */
export class SettlePump {
  readonly #options: SettlePumpOptions;
  readonly #alarm: Alarm;
  #waiting: Attempt[] = [];
  #calls = 0;
  #failing = false;

  constructor(options: SettlePumpOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /** True when nothing waits and no call is under way. */
  get isIdle(): boolean {
    return this.#calls === 0 && this.#waiting.length === 0;
  }

  /** How many outcomes wait for the next call. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** True from a call that could not reach the store to the next one that could. */
  get isFailing(): boolean {
    return this.#failing;
  }

  push(attempt: Attempt): void {
    this.#waiting.push(attempt);
  }

  /** Begins a call, unless one is under way or nothing waits. The store is called before this returns. */
  run(): void {
    if (this.#calls >= CALLS || this.#waiting.length === 0 || this.#alarm.closed) return;
    this.#calls++;
    const batch = this.#waiting;
    this.#waiting = [];
    void this.#settle(batch);
  }

  /** Tries no more. Outcomes not yet stored are given up: their jobs are rescued when the lease ends. */
  close(): void {
    this.#alarm.close();
  }

  async #settle(batch: Attempt[]): Promise<void> {
    const { store, clock, outage } = this.#options;
    try {
      const jobs = await store.settle(batch, clock.now());
      outage.worked(WHAT);
      this.#failing = false;
      this.#settled(batch, jobs);
    } catch (error) {
      await this.#recover(batch, error);
    }
    this.#calls--;
    this.#options.onFree();
  }

  #settled(batch: readonly Attempt[], jobs: readonly (Job | "lost")[]): void {
    for (let i = 0; i < batch.length; i++) {
      const attempt = batch[i];
      if (attempt !== undefined) this.#options.onSettled(attempt, jobs[i] ?? "lost");
    }
  }

  async #recover(batch: Attempt[], error: unknown): Promise<void> {
    const { outage } = this.#options;
    if (error instanceof ClosedError) return this.#drop(batch, error);
    if (error instanceof StoreUnavailableError) {
      this.#failing = true;
      this.#waiting = [...batch, ...this.#waiting];
      return await this.#alarm.sleep(outage.failed(WHAT, error));
    }
    // Not the store's state but one of these outcomes: it must not keep the others from being stored.
    for (const attempt of batch) await this.#settleAlone(attempt);
  }

  async #settleAlone(attempt: Attempt): Promise<void> {
    const { store, clock } = this.#options;
    try {
      this.#settled([attempt], await store.settle([attempt], clock.now()));
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        this.#waiting.push(attempt);
      } else if (attempt.outcome.kind === "completed") { // then it is the result that cannot be stored
        const reason = toJobError(error, attempt.job.attempt, clock.now());
        attempt.outcome = { kind: "failed", error: reason, retryAt: null };
        await this.#settleAlone(attempt);
      } else {
        this.#drop([attempt], error);
      }
    }
  }

  #drop(batch: readonly Attempt[], error: unknown): void {
    for (const attempt of batch) {
      this.#options.log.error("Cannot store how job {id} ended: {error}", { id: attempt.job.id, error });
      this.#options.onSettled(attempt, "dropped");
    }
  }
}
