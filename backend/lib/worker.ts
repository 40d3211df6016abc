import { Attempt, type AttemptHost } from "./attempt.ts";
import { ClaimPump } from "./claim-pump.ts";
import { type Clock, soon } from "./clock.ts";
import { Conditions } from "./conditions.ts";
import { CancelledError, LeaseLostError, ShutdownError } from "./errors.ts";
import type { HandlerRegistry } from "./handlers.ts";
import type { Job, RunningJob } from "./job.ts";
import { Lanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import { Loop } from "./loop.ts";
import type { Outage } from "./outage.ts";
import { SettlePump } from "./settle-pump.ts";
import type { Store } from "./store.ts";

/** What a `Worker` needs. */
export interface WorkerOptions {
  store: Store;
  clock: Clock;
  log: Log;
  outage: Outage;
  registry: HandlerRegistry;
  /** Handlers at the same time. */
  concurrency: number;
  /** Milliseconds between two looks for work, should no wake-up come. */
  pollInterval: number;
  /** Only these queues; null: all. */
  queues: readonly string[] | null;
  /** Only these types and families. @default all that are registered */
  families?: readonly string[];
  observer: WorkerObserver;
}

/** Who is told what a worker does: functions that need no `this` and do not throw. */
export interface WorkerObserver extends Pick<AttemptHost, "onStarted" | "onProgress" | "addChild"> {
  /** `job` as it is stored now; "lost": this process no longer held it; "dropped": it could not be stored. */
  onSettled(attempt: Attempt, job: Job | "lost" | "dropped"): void;
}

/** A job claimed ahead that has not started after this many milliseconds is left to other workers. */
const STALE = 1_000;

/** Milliseconds that handlers have to heed their signal when the process stops. */
const GRACE = 1_000;

/** Milliseconds that the last outcomes have to be stored when the process stops. */
const LAST_SETTLE = 5_000;

/**
 * The claim loop: claims jobs of the types it handles, runs them, `concurrency` at a time, and settles them.
 *
 * Everything that happens (work came, a handler ended, a call returned) kicks a pass, which begins a settle and
 * a claim in the same turn of the event loop, so that a store can make one commit of both, and then
 * starts what is claimed. Kicks of one turn share a pass.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #host: AttemptHost;
  readonly #lanes: Lanes;
  readonly #claims: ClaimPump;
  readonly #settles: SettlePump;
  readonly #poll: Loop;
  /** Claimed and not yet ended, by `seq`: the later one, should a job be claimed again while a handler that lost it runs. */
  readonly #held = new Map<string, Attempt>();
  /** Those that wait for a slot, in the order they were claimed. */
  #buffer: Attempt[] = [];
  readonly #running = new Set<Attempt>();
  /** Of the running those that take no slot. */
  #slotless = 0;
  #ran = 0;
  #started = false;
  #stopped = false;
  #drains = 0;
  #kicked = false;
  #pollAt = -Infinity; // monotonic
  readonly #conditions: Conditions;

  constructor(options: WorkerOptions) {
    const { store, clock, log, outage, registry, observer } = options;
    this.#options = options;
    this.#conditions = new Conditions(clock);
    this.#host = { ...observer, store, clock, log };
    this.#lanes = new Lanes(registry, options.families);
    this.#claims = new ClaimPump({
      ...options,
      lanes: this.#lanes,
      onClaimed: (jobs) => this.#take(jobs),
      onFree: () => this.#kick(),
    });
    this.#settles = new SettlePump({
      store,
      clock,
      log,
      outage,
      onSettled: (attempt, job) => observer.onSettled(attempt, job),
      onFree: () => this.#kick(),
    });
    this.#poll = new Loop(clock, () => this.#pollOnce());
  }

  /** How many handlers run. */
  get running(): number {
    return this.#running.size;
  }

  /** The types it claims. */
  get types(): string[] {
    return this.#lanes.types();
  }

  /** Begins to claim. */
  start(): void {
    this.#started = true;
    this.#lanes.update();
    this.#poll.start();
  }

  /** Takes in types that were registered since. */
  update(): void {
    this.#lanes.update();
    this.wake();
  }

  /** Work may have come; of these types alone, if given. */
  wake(types?: ReadonlySet<string>): void {
    if (this.#stopped || (types !== undefined && !this.#lanes.hasAny(types))) return;
    this.#claims.refill();
    this.#kick();
  }

  /** Claims and runs until nothing can be claimed and every outcome is stored, also without `start()`. @returns How many attempts ran. */
  async drain(): Promise<number> {
    const before = this.#ran;
    this.#drains++;
    this.update();
    await this.#conditions.until(() => this.#isQuiet || this.#stopped);
    this.#drains--;
    return this.#ran - before;
  }

  /** Asks the handlers of these jobs to end; those that have not started go back, where the cancel meets them. */
  cancel(seqs: readonly string[]): void {
    for (const attempt of this.#find(seqs)) {
      attempt.abort(new CancelledError(attempt.job.id));
      if (this.#unbuffer(attempt)) this.#end(attempt);
    }
  }

  /** The process lost these jobs: aborts their handlers; nothing of them will be stored. */
  lose(seqs: readonly string[]): void {
    const lost = this.#find(seqs);
    if (lost.length > 0) this.#options.log.warn("Lost the leases on {count} jobs", { count: lost.length });
    for (const attempt of lost) {
      attempt.abort(new LeaseLostError(attempt.job.id));
      if (this.#unbuffer(attempt)) this.#end(attempt);
    }
  }

  /** Gives back the jobs of a queue that have not started. */
  release(queue: string): void {
    this.#releaseIf((attempt) => attempt.job.queue === queue);
  }

  /**
   * Claims no more, gives back what has not started, and lets the running handlers end. After `drainTimeout`
   * milliseconds (0: never) their signals abort; a moment later their jobs go back even if they run on.
   */
  async stop(drainTimeout: number): Promise<void> {
    this.#stopped = true;
    this.#claims.close();
    this.#poll.close();
    this.#releaseIf(() => true);
    this.#kick();
    const idle = () => this.#running.size === 0;
    if (!await this.#conditions.until(idle, drainTimeout === 0 ? Infinity : drainTimeout)) {
      for (const attempt of this.#running) attempt.abort(new ShutdownError(attempt.job.id));
      await this.#conditions.until(idle, GRACE);
    }
    for (const attempt of this.#running) {
      this.#running.delete(attempt);
      attempt.abandon();
      this.#end(attempt);
    }
    await this.#conditions.until(() => this.#settles.isIdle && !this.#claims.isBusy, LAST_SETTLE);
    this.#settles.close();
  }

  /** Resolves once no loop runs, after `stop()` and once the store is closed. */
  ended(): Promise<void> {
    return this.#poll.ended();
  }

  get #isClaiming(): boolean {
    return !this.#stopped && (this.#started || this.#drains > 0);
  }

  get #isQuiet(): boolean {
    const isEmpty = this.#running.size + this.#buffer.length === 0 && this.#settles.isIdle;
    return isEmpty && !this.#claims.isBusy && !this.#kicked && this.#lanes.wanted(1).size === 0;
  }

  /** How many slots are taken. */
  get #taken(): number {
    return this.#running.size - this.#slotless;
  }

  #kick(): void {
    if (this.#kicked) return;
    this.#kicked = true;
    soon(() => this.#pass());
  }

  #pass(): void {
    this.#kicked = false;
    this.#settles.run();
    // What ended counts until it is on its way: jobs whose outcomes cannot be stored must not pile up.
    const held = this.#taken + this.#buffer.length + this.#settles.waiting;
    if (this.#isClaiming && !this.#settles.isFailing) this.#claims.run(held);
    // Handlers run once the store had its turn to begin its commit, and so at the same time as that.
    soon(() => this.#fill());
    this.#conditions.check();
  }

  /** Takes what was claimed. Once stopped, and for a type without a handler, it goes straight back. */
  #take(jobs: readonly RunningJob[]): void {
    for (const job of jobs) {
      const lane = this.#lanes.get(job.type);
      if (lane === undefined) {
        this.#giveBack(job);
        continue;
      }
      const attempt = new Attempt(job, lane.handler, this.#host);
      lane.held++;
      this.#held.set(job.seq, attempt);
      this.#buffer.push(attempt);
    }
    if (this.#stopped) this.#releaseIf(() => true);
    // A job alone need not wait for the pass that gives the store its turn: there is nothing to overlap it with.
    else if (this.#held.size === 1 && this.#settles.isIdle) this.#fill();
  }

  /** A claim names exact types, so this is a store's mistake; the job must not pay for it. */
  #giveBack(job: RunningJob): void {
    const { store, clock, log } = this.#options;
    log.error("Claimed job {id} of type {type}, which nobody here handles", { id: job.id, type: job.type });
    store.settle([{ job, outcome: { kind: "released" } }], clock.now()).catch((error: unknown) => {
      log.error("Cannot give job {id} back: {error}", { id: job.id, error });
    });
  }

  #fill(): void {
    if (!this.#isClaiming) return;
    while (this.#taken < this.#options.concurrency) {
      const attempt = this.#buffer.shift();
      if (attempt === undefined) return;
      void this.#run(attempt);
    }
  }

  async #run(attempt: Attempt): Promise<void> {
    const { clock } = this.#options;
    const { takesSlot } = attempt.handler;
    const began = clock.monotonic();
    this.#running.add(attempt);
    if (!takesSlot) {
      this.#slotless++;
      this.#kick(); // the slot is free for another one
    }
    await attempt.run();
    if (!this.#running.delete(attempt)) return; // given up on at stop
    if (takesSlot) this.#claims.ahead.ended(clock.monotonic() - began);
    else this.#slotless--;
    if (attempt.outcome.kind !== "released") this.#ran++;
    this.#end(attempt);
    this.#fill();
  }

  /** The attempt no longer takes a slot; its outcome goes to the store unless the lease is lost. */
  #end(attempt: Attempt): void {
    const { job } = attempt;
    const lane = this.#lanes.get(job.type);
    if (lane !== undefined) lane.held--;
    if (this.#held.get(job.seq) === attempt) this.#held.delete(job.seq);
    if (attempt.isLost) this.#options.observer.onSettled(attempt, "lost");
    else this.#settles.push(attempt);
    this.#kick();
  }

  #find(seqs: readonly string[]): Attempt[] {
    return seqs.map((seq) => this.#held.get(seq)).filter((attempt) => attempt !== undefined);
  }

  /** Takes an attempt out of the line. @returns False if it has started. */
  #unbuffer(attempt: Attempt): boolean {
    const index = this.#buffer.indexOf(attempt);
    if (index >= 0) this.#buffer.splice(index, 1);
    return index >= 0;
  }

  #releaseIf(condition: (attempt: Attempt) => boolean): void {
    const released = this.#buffer.filter(condition);
    if (released.length === 0) return;
    this.#buffer = this.#buffer.filter((attempt) => !condition(attempt));
    for (const attempt of released) this.#end(attempt);
  }

  /** Looks for work, and gives back what was claimed ahead of jobs that then turned out to take long. */
  #pollOnce(): Promise<number> {
    const { clock, pollInterval } = this.#options;
    const now = clock.monotonic();
    this.#releaseIf((attempt) => attempt.claimedAt <= now - STALE);
    if (now >= this.#pollAt) {
      this.wake();
      this.#pollAt = now + pollInterval * (1 + Math.random() / 10); // many workers should not ask in step
    }
    return Promise.resolve(Math.min(STALE, this.#pollAt - now));
  }
}
