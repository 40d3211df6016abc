import { holdsUnique, isWaiting, type Job, replace } from "../../lib/job.ts";
import type { Insert, Inserted } from "../../lib/store.ts";
import { type Batch, type Cost, costOf, type Write } from "./batch.ts";
import { FULL } from "./bulk.ts";
import { change } from "./change.ts";
import { encode } from "./codec.ts";
import { Conflict, type Context, untilStored } from "./context.ts";
import { announce, type Entry, rewrite } from "./entries.ts";
import { find } from "./find.ts";
import type { Placing } from "./pages.ts";
import { checksOf, type Cut, cut, storePieces } from "./parts.ts";

const EMPTY = new Uint8Array(0);
const NONE: readonly string[] = [];
const NOWHERE: readonly Placing[] = [];
/** Steps of a large insert that are on their way at the same time. */
const STEPS = 4;

/** A job on its way in: what it writes, and what must hold for it. */
export class Addition implements Write {
  readonly #context: Context;
  readonly job: Job;
  readonly #entries: Entry[];
  /** Where it will stand. */
  readonly placings: readonly Placing[];
  readonly cost: Cost;
  readonly #settled: AdditionEnd;
  /** Its caller has been told how it ended. */
  #told = false;
  #skipped = false;
  /** For an own id or a unique key: as last looked up. */
  checks: Deno.AtomicCheck[] = [];
  readonly subjects: readonly string[];

  /** @param data Its data as JSON. */
  constructor(context: Context, job: Job, data: string, made: Cut, settled: AdditionEnd) {
    const { keys } = context;
    const { entries, placing } = rewrite(keys, null, job, made.parts, data);
    if (job.id !== job.seq) entries.push([keys.alias(job.id), encode(job.seq)]);
    if (job.unique !== null) entries.push([keys.unique(job.unique.key), encode({ seq: job.seq })]);
    this.subjects = job.id === job.seq && job.unique === null ? NONE : subjectsOf(job);
    this.#context = context;
    this.job = job;
    this.#entries = entries;
    this.placings = placing === null ? NOWHERE : [placing];
    // The first job of a queue registers that, once in a batch.
    const queue = context.queues.has(job.queue) ? [] : [keys.queue(job.queue)];
    this.cost = costOf(entries, queue, this.subjects.length + made.firsts.length);
    this.#settled = settled;
  }

  build(batch: Batch): boolean {
    this.#skipped = this.#settled.error !== undefined; // one before it failed: nothing comes after that
    if (this.#skipped) return true;
    if (this.subjects.length > 0 && !batch.own(this.subjects)) return false;
    if (!batch.reserve(this.cost, this.placings)) return false;
    this.put(batch);
    return true;
  }

  /** Puts it into a batch that has room for it. */
  put(batch: Batch): void {
    for (const check of this.checks) batch.op.check(check);
    for (const [key, value] of this.#entries) batch.op.set(key, value);
    for (const placing of this.placings) batch.pages.put(placing);
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

/** What the additions of one call share. */
interface Call {
  /** Set once one of them has failed: those behind it are not sent any more. */
  error?: unknown;
}

/** Who is told how an addition went. */
export interface AdditionEnd extends Call {
  stored(): void;
  again(addition: Addition): void;
  failed(error: unknown): void;
}

/** An insert with what was read of its job at the call: the caller may go on to change that. */
export interface Request extends Insert {
  /** Its data as JSON. */
  data: string;
  /** What is too large for its record. */
  cut: Cut;
}

/** Reads a job as it is now. */
export function request(context: Context, item: Insert, token: () => string): Request {
  const { job, onConflict } = item;
  const { seq, data } = job;
  return { job, onConflict, data: JSON.stringify(data), cut: cut(context, seq, { data }, token) };
}

/**
 * Adds jobs in the order given, in as few commits as they fit.
 *
 * Without ids of their own, unique keys and large values nothing is read and the jobs are encoded before the first
 * wait. The others are looked up all together first, so that all can be submitted in order.
 */
export async function insert(
  context: Context,
  inserts: readonly Insert[],
  now: number,
  token: () => string,
): Promise<Inserted[]> {
  const requests = inserts.map((item) => request(context, item, token));
  if (!requests.some(needsLook)) return await addPlain(context, requests);
  await storePieces(context, requests.flatMap(({ cut }) => cut.pieces));
  const looks = await Promise.all(requests.map((request) => look(context, request, now)));
  const call: Call = {};
  const turns = new Map<string, Promise<unknown>>();
  const added = await Promise.allSettled(requests.map((request, i) => {
    // One after the other if they are about one id or key; else all at once.
    const names = subjectsOf(request.job);
    const earlier = names.map((name) => turns.get(name)).filter((turn) => turn !== undefined);
    const add = (found?: Look) => addCarefully(context, call, request, found, now, token);
    const turn = earlier.length === 0 ? add(looks[i]) : Promise.allSettled(earlier).then(() => add());
    for (const name of names) turns.set(name, turn);
    return turn;
  }));
  return added.map((one) => {
    if (one.status === "rejected") throw call.error ?? one.reason;
    return one.value;
  });
}

/** What at most one job of a commit may be about. */
function subjectsOf(job: Job): string[] {
  const subjects: string[] = [];
  if (job.id !== job.seq) subjects.push(`id ${job.id}`);
  if (job.unique !== null) subjects.push(`key ${job.unique.key}`);
  return subjects;
}

function needsLook({ job, cut }: Request): boolean {
  return job.id !== job.seq || job.unique !== null || cut.pieces.length > 0;
}

/** In steps of an atomic each, so that the database works on the first jobs while the next are encoded. */
async function addPlain(context: Context, requests: readonly Request[]): Promise<Inserted[]> {
  const call: Call = {};
  const steps: Promise<void>[] = [];
  for (let at = 0; at < requests.length && call.error === undefined; at += FULL) {
    if (steps.length >= STEPS) await steps[steps.length - STEPS];
    steps.push(addStep(context, call, requests.slice(at, at + FULL)));
  }
  await Promise.all(steps);
  if (call.error !== undefined) throw call.error;
  return requests.map(({ job }) => ({ id: job.id, outcome: "added" }));
}

/** Resolves when each of `requests` is stored or has failed; `call` knows of the failure. */
function addStep(context: Context, call: Call, requests: readonly Request[]): Promise<void> {
  return new Promise((resolve) => {
    let waiting = requests.length;
    const stored = () => {
      if (--waiting === 0) resolve();
    };
    const end: AdditionEnd = {
      get error() {
        return call.error;
      },
      stored,
      again: (addition) => void addAgain(context, addition).catch(end.failed),
      failed(error) {
        call.error ??= error;
        stored();
      },
    };
    for (const { job, data, cut } of requests) context.submitAdd(new Addition(context, job, data, cut, end));
  });
}

/** After the process was declared dead: adds a job again unless it was stored before that. */
async function addAgain(context: Context, addition: Addition): Promise<void> {
  const stored = await context.kv.get(context.keys.job(addition.job.seq));
  if (stored.versionstamp === null) context.submitAdd(addition);
  else addition.committed();
}

/** What a look at an own id and a unique key found. */
export type Look = { verdict: Inserted } | { replace: string } | { checks: Deno.AtomicCheck[] };

/** Looks up what stands in the way of an addition. */
export async function look(context: Context, request: Request, now: number): Promise<Look> {
  const { kv, keys } = context;
  const { job } = request;
  const stored = await kv.get(keys.job(job.seq)); // by a commit whose answer was lost
  if (stored.versionstamp !== null) return { verdict: { id: job.id, outcome: "added" } };
  const checks = await checksOf(context, request.cut.firsts);
  if (job.id !== job.seq) {
    const alias = await kv.get<Uint8Array>(keys.alias(job.id));
    if (alias.value !== null) return { verdict: { id: job.id, outcome: "exists" } };
    checks.push(alias);
  }
  if (job.unique === null) return { checks };
  const held = await kv.get<Uint8Array>(keys.unique(job.unique.key));
  checks.push(held);
  const holder = held.value === null ? null : await find(context, holderOf(held.value));
  if (holder === null || !holdsUnique(holder.job, now)) return { checks };
  const { id, status } = holder.job;
  if (request.onConflict === "reject") return { verdict: { id, outcome: "rejected" } };
  if (request.onConflict !== "replace") return { verdict: { id, outcome: "exists" } };
  return isWaiting(status) ? { replace: holder.job.seq } : { checks };
}

/** The job a unique key names. */
export function holderOf(value: Uint8Array): string {
  return (JSON.parse(new TextDecoder().decode(value)) as { seq: string }).seq;
}

async function addCarefully(
  context: Context,
  call: Call,
  request: Request,
  first: Look | undefined,
  now: number,
  token: () => string,
): Promise<Inserted> {
  let known = first;
  try {
    return await untilStored(async () => {
      if (call.error !== undefined) throw call.error;
      const found = known ?? await look(context, request, now);
      known = undefined;
      if ("verdict" in found) return found.verdict;
      if ("replace" in found) return await replaceHolder(context, request, found.replace, now, token);
      return await addChecked(context, call, request, found.checks);
    });
  } catch (error) {
    call.error ??= error;
    throw error;
  }
}

function addChecked(
  context: Context,
  call: Call,
  { job, data, cut }: Request,
  checks: Deno.AtomicCheck[],
): Promise<Inserted> {
  return new Promise((resolve, reject) => {
    const addition = new Addition(context, job, data, cut, {
      get error() {
        return call.error;
      },
      stored: () => resolve({ id: job.id, outcome: "added" }),
      again: () => reject(new Conflict()),
      failed: reject,
    });
    addition.checks = checks;
    context.submitAdd(addition);
  });
}

/** Gives the waiting holder of the key what `job` asked for. Pieces of large data are stored under the holder. */
async function replaceHolder(
  context: Context,
  { job, data }: Request,
  holder: string,
  now: number,
  token: () => string,
): Promise<Inserted> {
  const fresh = { ...job, data: JSON.parse(data) };
  const made = cut(context, holder, { data: fresh.data }, token);
  await storePieces(context, made.pieces);
  const overtaken = new Error("The holder is no longer waiting");
  try {
    const stored = await change(context, holder, (current) => {
      if (!isWaiting(current.status) || !holdsUnique(current, now)) throw overtaken;
      return replace(current, fresh);
    }, made);
    if (stored !== null) return { id: stored.id, outcome: "replaced" };
  } catch (error) {
    if (error !== overtaken) throw error;
  }
  throw new Conflict(); // to look again from the start, not only at the holder
}
