import type { Job } from "../../lib/job.ts";
import { type Batch, type Cost, costOf, type Write } from "./batch.ts";
import { encode } from "./codec.ts";
import type { Context } from "./context.ts";
import { announce, type Entry, rewrite, tellingsOf } from "./entries.ts";
import type { Placing } from "./pages.ts";
import type { Cut } from "./parts.ts";

const EMPTY = new Uint8Array(0);
const NONE: readonly never[] = [];

/** Who is told how an addition went. */
export interface AdditionEnd {
  /** Set once an addition of the same call has failed: those behind it are not sent any more. */
  readonly error: unknown;
  stored(): void;
  again(addition: Addition): void;
  failed(error: unknown): void;
}

/** A job on its way in: what it writes, and what must hold for it. */
export class Addition implements Write {
  readonly #context: Context;
  readonly job: Job;
  /** Its record, then what else it writes. */
  readonly #entries: readonly Entry[];
  /** Where it will stand. */
  readonly placings: readonly Placing[];
  readonly cost: Cost;
  readonly #settled: AdditionEnd;
  /** Its caller has been told how it ended. */
  #told = false;
  #skipped = false;
  /** It has a record of its own. Set where it may have been added before: the bundle it then was in has others to keep. */
  isApart: boolean;
  /** For an own id or a unique key: as last looked up. */
  checks: Deno.AtomicCheck[] = [];
  readonly subjects: readonly string[];

  /**
   * @param data Its data as JSON.
   * @param follows It must not be stored before the addition in front of it.
   */
  constructor(
    context: Context,
    job: Job,
    data: string,
    made: Cut,
    settled: AdditionEnd,
    readonly follows = false,
  ) {
    const { keys } = context;
    const { entries, placing } = rewrite(keys, null, job, made.parts, data);
    if (job.id !== job.seq) entries.push([keys.alias(job.id), encode(job.seq)]);
    if (job.unique !== null) entries.push([keys.unique(job.unique.key), encode({ seq: job.seq })]);
    this.subjects = job.id === job.seq && job.unique === null ? NONE : subjectsOf(job);
    this.#context = context;
    this.job = job;
    this.placings = placing === null ? NONE : [placing];
    this.isApart = made.firsts.length + this.subjects.length > 0 || !this.placings[0]?.text;
    this.#entries = entries;
    // The first job of a queue registers that, once in a batch.
    const queue = context.queues.has(job.queue) ? [] : [keys.queue(job.queue)];
    this.cost = costOf(entries, queue, this.subjects.length + made.firsts.length);
    this.#settled = settled;
  }

  build(batch: Batch): boolean {
    this.#skipped = this.#settled.error !== undefined; // one before it failed: nothing comes after that
    if (this.#skipped) return true;
    if (this.subjects.length > 0 && !batch.own(this.subjects)) return false;
    if (!batch.reserve(this.cost, this.placings, tellingsOf(batch, null, this.job))) return false;
    this.put(batch);
    return true;
  }

  /** Puts it into a batch that has room for it. */
  put(batch: Batch): void {
    for (const check of this.checks) batch.op.check(check);
    const [record, ...others] = this.#entries;
    for (const [key, value] of others) batch.op.set(key, value);
    if (this.isApart && record !== undefined) batch.op.set(...record);
    for (const placing of this.placings) batch.pages.put(placing, !this.isApart);
    const { queues, keys } = this.#context;
    const { queue } = this.job;
    if (!queues.has(queue) && batch.own([`queue ${queue}`])) batch.op.set(keys.queue(queue), EMPTY);
    batch.moves.add(this.job);
    batch.addsWork = true;
  }

  committed(): void {
    if (this.#skipped) return this.failed(this.#settled.error);
    this.#context.queues.add(this.job.queue);
    announce(this.#context, this.job);
    if (!this.#told) this.#settled.stored();
    this.#told = true;
  }

  get conflict(): (() => void) | undefined {
    return this.checks.length === 0 ? undefined : () => this.#settled.again(this);
  }

  /** Its commit may have been applied before the process was declared dead: look, then add it again. */
  fenced(): boolean {
    this.isApart = true;
    this.#settled.again(this);
    return true;
  }

  uncertain(error: unknown): void {
    this.failed(error);
  }

  failed(error: unknown): void {
    if (!this.#told) this.#settled.failed(error);
    this.#told = true;
  }
}

/** What at most one job of a commit may be about. */
export function subjectsOf(job: Job): string[] {
  const subjects: string[] = [];
  if (job.id !== job.seq) subjects.push(`id ${job.id}`);
  if (job.unique !== null) subjects.push(`key ${job.unique.key}`);
  return subjects;
}
