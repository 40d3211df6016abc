import { Alarm } from "./alarm.ts";
import type { Clock } from "./clock.ts";
import { ClaimAhead } from "./claim-ahead.ts";
import { ClosedError } from "./errors.ts";
import type { RunningJob } from "./job.ts";
import type { Lanes } from "./lanes.ts";
import type { Outage } from "./outage.ts";
import type { Store } from "./store.ts";

/** What a `ClaimPump` needs. */
export interface ClaimPumpOptions {
  store: Store;
  clock: Clock;
  outage: Outage;
  lanes: Lanes;
  queues: readonly string[] | null;
  concurrency: number;
  onClaimed(jobs: RunningJob[]): void;
  /** A call has ended; more may be wanted. */
  onFree(): void;
}

const WHAT = "claim jobs";

/**
 * Claims jobs, one call at a time: as many as there are free slots, and as many ahead as the time of a commit
 * needs. A type that had no more jobs is not asked for again until `refill()`.
 */
export class ClaimPump {
  readonly #options: ClaimPumpOptions;
  readonly #alarm: Alarm;
  /** For the worker to say how long attempts took. */
  readonly ahead = new ClaimAhead();
  #busy = false;
  #refilled = false;

  constructor(options: ClaimPumpOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /** True while a call is under way. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Any type may have jobs again; also those for which a call under way finds none, since it may have looked before. */
  refill(): void {
    this.#refilled = true;
    this.#options.lanes.refill();
  }

  /**
   * Begins a call, unless one is under way or nothing is wanted. The store is called before this returns.
   *
   * @param held How many jobs the worker holds.
   */
  run(held: number): void {
    if (this.#busy || this.#alarm.closed) return;
    const { clock, concurrency, lanes } = this.#options;
    const limit = concurrency + this.ahead.jobs(concurrency, clock.monotonic()) - held;
    if (limit <= 0) return;
    const types = lanes.wanted(limit);
    if (types.size === 0) return;
    this.#busy = true;
    this.#refilled = false;
    void this.#claim(types, limit);
  }

  /** Claims no more; waits for nothing. */
  close(): void {
    this.#alarm.close();
  }

  async #claim(types: Map<string, number>, limit: number): Promise<void> {
    const { store, clock, outage, lanes, queues } = this.#options;
    const began = clock.monotonic();
    try {
      const jobs = await store.claim({ types, queues, limit, now: clock.now() });
      outage.worked(WHAT);
      this.ahead.claimed(clock.monotonic() - began);
      if (jobs.length === 0 && !this.#refilled) lanes.foundNone(types);
      this.#options.onClaimed(jobs);
    } catch (error) {
      if (error instanceof ClosedError) this.close();
      else await this.#alarm.sleep(outage.failed(WHAT, error));
    }
    this.#busy = false;
    this.#options.onFree();
  }
}
