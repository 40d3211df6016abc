import { pruneAudit } from "./audit-log.ts";
import type { Clock } from "./clock.ts";
import { ClosedError } from "./errors.ts";
import { FINAL_STATUSES, type FinalStatus } from "./job.ts";
import { Loop } from "./loop.ts";
import type { Log } from "./log.ts";
import type { Outage } from "./outage.ts";
import type { PruneRequest, Store } from "./store.ts";

/** Milliseconds to keep finished jobs, by status; Infinity: for ever. */
export type Retention = Readonly<Record<FinalStatus, number>>;

/** What a `Maintainer` needs. */
export interface MaintainerOptions {
  store: Store;
  clock: Clock;
  log: Log;
  outage: Outage;
  /** Milliseconds between two looks for due jobs, should no wake-up come. */
  pollInterval: number;
  /** Milliseconds between two looks for dead processes. */
  rescueInterval: number;
  retention: Retention;
  /** Milliseconds to keep entries of the audit log; Infinity: for ever. */
  auditRetention: number;
}

/** Milliseconds between two prunes. */
const PRUNE_INTERVAL = 60_000;

/** Jobs deleted in one call: few enough that nobody waits long behind it. */
const PRUNE_BATCH = 500;

const WHAT = "promote, rescue and prune jobs";

/**
 * Keeps the store in order: promotes jobs when they are due, rescues those of dead processes, cancels expired
 * ones, prunes old ones. Every process may run one; passes of several at once do no harm.
 */
export class Maintainer {
  readonly #options: MaintainerOptions;
  readonly #loop: Loop;
  #rescueAt = -Infinity; // monotonic, as are those below
  #pruneAt = -Infinity;
  /** Epoch milliseconds at which the next pass looks for due jobs. */
  #promoteAt = Infinity;

  constructor(options: MaintainerOptions) {
    this.#options = options;
    this.#loop = new Loop(options.clock, () => this.runOnce());
  }

  start(): void {
    this.#loop.start();
  }

  /** Begins no more passes. */
  close(): void {
    this.#loop.close();
  }

  /** Resolves once the last pass has ended, after `close()`. */
  ended(): Promise<void> {
    return this.#loop.ended();
  }

  /** A job is due at `at` (epoch milliseconds): looks then, if it would have looked later. */
  expect(at: number): void {
    if (at >= this.#promoteAt) return;
    this.#promoteAt = at;
    this.#loop.wake();
  }

  /** One pass. Never rejects. @returns Milliseconds until the next is needed. */
  async runOnce(): Promise<number> {
    const { store, clock, outage, pollInterval } = this.#options;
    try {
      this.#promoteAt = Infinity; // a job that becomes known from here on may not be in what promote() saw
      await store.expire(clock.now()); // first: what is due and has expired must not be claimed in between
      const { nextDueAt } = await store.promote(clock.now());
      if (clock.monotonic() >= this.#rescueAt) await this.#rescue();
      if (clock.monotonic() >= this.#pruneAt) await this.#prune();
      outage.worked(WHAT);
      const now = clock.now();
      const wait = Math.min(
        pollInterval,
        Math.max(0, Math.min(nextDueAt ?? Infinity, this.#promoteAt) - now),
      );
      this.#promoteAt = Math.min(this.#promoteAt, now + wait);
      return wait;
    } catch (error) {
      if (error instanceof ClosedError) this.close();
      return error instanceof ClosedError ? 0 : outage.failed(WHAT, error);
    }
  }

  async #rescue(): Promise<void> {
    const { store, clock, log, rescueInterval } = this.#options;
    const rescued = await store.rescue(clock.now());
    if (rescued > 0) log.warn("Rescued {rescued} jobs of dead processes", { rescued });
    this.#rescueAt = clock.monotonic() + rescueInterval;
  }

  async #prune(): Promise<void> {
    const { store, clock, log, retention, auditRetention } = this.#options;
    const now = clock.now();
    const finishedBefore: Partial<Record<FinalStatus, number>> = {};
    for (const status of FINAL_STATUSES) {
      if (retention[status] !== Infinity) finishedBefore[status] = now - retention[status];
    }
    const pruned = await pruneAll(store, { finishedBefore, keepFor: true, now });
    if (pruned > 0) log.debug("Pruned {pruned} finished jobs", { pruned });
    const before = now - auditRetention;
    const forgotten = auditRetention === Infinity ? 0 : await pruneAudit(store, { before, now });
    if (forgotten > 0) log.debug("Pruned {forgotten} entries of the audit log", { forgotten });
    this.#pruneAt = clock.monotonic() + PRUNE_INTERVAL;
  }
}

/** Prunes batch by batch until nothing is left to prune, or `signal` aborts. @returns How many jobs were deleted. */
export async function pruneAll(
  store: Store,
  request: Omit<PruneRequest, "limit">,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  for (;;) {
    signal?.throwIfAborted();
    const pruned = await store.prune({ ...request, limit: PRUNE_BATCH });
    total += pruned;
    if (pruned < PRUNE_BATCH) return total;
  }
}
