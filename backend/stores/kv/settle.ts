import { systemClock } from "../../lib/clock.ts";
import { type Job, type Outcome, settle as settled } from "../../lib/job.ts";
import type { Settlement } from "../../lib/store.ts";
import type { Batch, Write } from "./batch.ts";
import { ClosedError } from "../../lib/errors.ts";
import type { PartRefs } from "./codec.ts";
import type { Context } from "./context.ts";
import { announce, reserveAndSet, rewrite } from "./entries.ts";
import { type Cut, cut, storePieces, UNCUT } from "./parts.ts";

/** The longest wait before a settlement that could not be stored is tried again, in milliseconds. */
const LONGEST_WAIT = 1_000;

/** One attempt that ended, on its way to the disk. */
class Settling implements Write {
  /** The job as it will be stored; "lost" if this process no longer holds it. */
  outcome: Job | "lost" = "lost";
  #record: Uint8Array = new Uint8Array(0);
  #tries = 0;

  constructor(
    readonly context: Context,
    readonly settlement: Settlement,
    readonly cut: Cut,
    readonly now: number,
    readonly done: () => void,
    readonly closed: (error: unknown) => void,
  ) {}

  /** Decided here and not before: until the commit that stores it, a cancel may come first. */
  build(batch: Batch): boolean {
    const { keys, process } = this.context;
    const { job, outcome } = this.settlement;
    const holding = process.holdings.get(job.seq);
    if (holding === undefined || holding.job.lease !== job.lease) {
      this.outcome = "lost";
      return true;
    }
    if (!batch.own([job.seq])) return false;
    const { cancelRequestedAt, job: { progress } } = holding;
    const running = cancelRequestedAt === null && progress === null
      ? job
      : { ...job, progress, cancelRequestedAt };
    const after = settled(running, outcome, this.now);
    const parts: PartRefs = { ...holding.parts };
    if (after.status === "completed" && this.cut.parts.result !== undefined) {
      parts.result = this.cut.parts.result;
    }
    const { record, entries, gone } = rewrite(keys, running, after, parts, holding.data);
    if (running.progress !== null) gone.push(keys.progress(job.seq));
    if (!reserveAndSet(batch, entries, gone)) return false;
    batch.dropped.add(job.seq);
    batch.checksInbox = true;
    batch.addsWork ||= after.finishedAt === null;
    batch.moves.move(after, "running", after.status);
    batch.moves.ended(running, after);
    this.outcome = after;
    this.#record = record;
    return true;
  }

  committed(): void {
    if (this.outcome !== "lost") announce(this.context, this.outcome, this.#record);
    this.done();
  }

  fenced(): boolean {
    this.outcome = "lost";
    this.done();
    return true;
  }

  /** A result is not given up while its job is held: it goes again until the store is back. */
  failed(error: unknown): void {
    if (error instanceof ClosedError || !this.context.process.holdings.has(this.settlement.job.seq)) {
      return this.closed(error);
    }
    void this.#later();
  }

  async #later(): Promise<void> {
    const { committer } = this.context;
    await systemClock.sleep(Math.random() * Math.min(LONGEST_WAIT, 10 * 2 ** this.#tries++));
    try {
      await storePieces(this.context, this.cut.pieces); // a sweep may have taken them for orphans meanwhile
      committer.submit(this);
    } catch (error) {
      this.failed(error);
    }
  }
}

/** Stores how attempts ended. Resolves when all are on disk, or known to be lost. */
export async function settle(
  context: Context,
  settlements: readonly Settlement[],
  now: number,
  token: () => string,
): Promise<(Job | "lost")[]> {
  if (settlements.length === 0) return [];
  const cuts = settlements.map(({ job, outcome }) =>
    cut(context, job.seq, { result: outcome.kind === "completed" ? outcome.result : null }, token)
  );
  for (const { pieces } of cuts) if (pieces.length > 0) await storePieces(context, pieces);
  return await new Promise((resolve, reject) => {
    let waiting = settlements.length;
    const done = () => {
      if (--waiting === 0) resolve(settlings.map(({ outcome }) => outcome));
    };
    const settlings = settlements.map((settlement, i) =>
      new Settling(
        context,
        { ...settlement, outcome: snapshot(settlement.outcome) },
        cuts[i] ?? UNCUT,
        now,
        done,
        reject,
      )
    );
    for (const settling of settlings) context.committer.submit(settling);
  });
}

/** A copy the caller cannot change while it waits for its commit. */
function snapshot(outcome: Outcome): Outcome {
  if (outcome.kind !== "completed" || typeof outcome.result !== "object") return outcome;
  return { ...outcome, result: structuredClone(outcome.result) };
}
