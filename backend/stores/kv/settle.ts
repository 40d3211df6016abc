import { systemClock } from "../../lib/clock.ts";
import { type Job, type Outcome, type RunningJob, settle as settled } from "../../lib/job.ts";
import type { Settlement } from "../../lib/store.ts";
import type { Batch, Write } from "./batch.ts";
import { ClosedError } from "../../lib/errors.ts";
import type { PartRefs } from "./codec.ts";
import type { Context } from "./context.ts";
import type { Holding } from "./process.ts";
import { announce, reserveAndSet, type Rewrite, rewrite, tellingsOf } from "./entries.ts";
import { type Cut, cut, storePieces, UNCUT } from "./parts.ts";

/** The longest wait before a settlement that could not be stored is tried again, in milliseconds. */
const LONGEST_WAIT = 1_000;

const NONE: readonly never[] = [];

/** What an attempt that ended makes of its job. */
interface Ending {
  /** The job as it ran, with what its process knows of it besides. */
  before: RunningJob;
  after: Job;
  rewrite: Rewrite;
}

/** One attempt that ended, on its way to the disk. */
class Settling implements Write {
  /** The job as it will be stored; "lost" if this process no longer holds it. */
  outcome: Job | "lost" = "lost";
  #ending: Ending | null;
  #tries = 0;

  constructor(
    readonly context: Context,
    readonly settlement: Settlement,
    readonly cut: Cut,
    readonly now: number,
    readonly done: () => void,
    readonly closed: (error: unknown) => void,
  ) {
    const holding = this.#holding;
    // Made here, while another commit is under way. A cancel may still come before it is stored.
    this.#ending = holding === null ? null : this.#end(holding);
  }

  get #holding(): Holding | null {
    const { job } = this.settlement;
    const holding = this.context.process.holdings.get(job.seq);
    return holding?.lease === job.lease ? holding : null;
  }

  #end(holding: Holding): Ending {
    const { job, outcome } = this.settlement;
    const { cancelRequestedAt, progress } = holding;
    const unchanged = cancelRequestedAt === null && progress === null;
    const before = unchanged ? job : { ...job, progress, cancelRequestedAt };
    const after = settled(before, outcome, this.now);
    const parts: PartRefs = { ...holding.parts };
    if (after.status === "completed" && this.cut.parts.result !== undefined) {
      parts.result = this.cut.parts.result;
    }
    return { before, after, rewrite: rewrite(this.context.keys, before, after, parts, holding.data) };
  }

  build(batch: Batch): boolean {
    const holding = this.#holding;
    if (holding === null) {
      this.outcome = "lost";
      return true;
    }
    if (!batch.own([holding.seq])) return false;
    let ending = this.#ending;
    const { cancelRequestedAt, progress } = holding;
    if (ending?.before.cancelRequestedAt !== cancelRequestedAt || ending.before.progress !== progress) {
      ending = this.#ending = this.#end(holding);
    }
    const { before, after, rewrite: { entries, gone, placing } } = ending;
    const { keys, process } = this.context;
    const { seq, bundle } = holding;
    const isLast = bundle !== undefined && process.bundles.isLast(bundle, seq, batch.unbundled);
    const gones = progress === null && !isLast ? gone : [...gone];
    if (progress !== null) gones.push(keys.progress(seq));
    if (isLast) gones.push(keys.bundle(bundle.last));
    const tellings = tellingsOf(batch, before, after);
    if (!reserveAndSet(batch, entries, gones, NONE, placing === null ? NONE : [placing], tellings)) {
      return false;
    }
    batch.dropped.add(seq);
    if (bundle !== undefined) process.bundles.add(bundle, seq, batch.unbundled);
    batch.checksInbox = true;
    batch.addsWork ||= after.finishedAt === null;
    batch.moves.move(after, "running", after.status);
    batch.moves.ended(before, after);
    this.outcome = after;
    return true;
  }

  committed(): void {
    const { outcome } = this;
    if (outcome !== "lost") announce(this.context, outcome);
    this.done();
  }

  fenced(): boolean {
    this.outcome = "lost";
    this.done();
    return true;
  }

  /** A result is not given up while its job is held: it goes again until the store is back. */
  failed(error: unknown): void {
    if (this.#holding !== null) return error instanceof ClosedError ? this.closed(error) : void this.#later();
    this.outcome = "lost"; // also if another process has taken this one's id, and closed it so
    this.done();
  }

  async #later(): Promise<void> {
    await systemClock.sleep(Math.random() * Math.min(LONGEST_WAIT, 10 * 2 ** this.#tries++));
    this.begin(); // the pieces too: a sweep may have taken them for orphans meanwhile
  }

  /** Stores the pieces of a large result, then the rest. */
  begin(): void {
    const { context, cut } = this;
    if (cut.pieces.length === 0) return context.committer.submit(this);
    storePieces(context, cut.pieces).then(
      () => context.committer.submit(this),
      (error) => this.failed(error),
    );
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
    for (const settling of settlings) settling.begin();
  });
}

/** A copy the caller cannot change while it waits for its commit. */
function snapshot(outcome: Outcome): Outcome {
  if (outcome.kind !== "completed" || typeof outcome.result !== "object") return outcome;
  return { ...outcome, result: structuredClone(outcome.result) };
}
