import type { Insert, Inserted } from "../../lib/store.ts";
import { Addition, type AdditionEnd } from "./addition.ts";
import { readJob } from "./bundles.ts";
import { FULL } from "./bulk.ts";
import type { Context } from "./context.ts";
import { addChecked } from "./insert-checked.ts";
import { type Cut, cut, LARGE, UNCUT } from "./parts.ts";

/** Steps of a large insert that are on their way at the same time. */
const STEPS = 4;

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
  const { seq } = job;
  const data = JSON.stringify(job.data);
  const isSmall = data.length * 3 <= LARGE; // a character takes three bytes at the most
  return { job, onConflict, data, cut: isSmall ? UNCUT : cut(context, seq, { data: job.data }, token) };
}

/**
 * Adds jobs in the order given, in as few commits as they fit.
 *
 * Without ids of their own, unique keys and large values nothing is read, and the first jobs are encoded before the
 * first wait.
 */
export function insert(
  context: Context,
  inserts: readonly Insert[],
  now: number,
  token: () => string,
): Promise<Inserted[]> {
  if (inserts.length === 0) return Promise.resolve([]);
  const requests = inserts.map((item) => request(context, item, token));
  return requests.some(needsLook) ? addChecked(context, requests, now, token) : addPlain(context, requests);
}

function needsLook({ job, cut }: Request): boolean {
  return job.id !== job.seq || job.unique !== null || cut.pieces.length > 0;
}

/** In steps of an atomic each, so that the database works on the first jobs while the next are encoded. */
function addPlain(context: Context, requests: readonly Request[]): Promise<Inserted[]> {
  if (requests.length <= FULL) return new Step(context, null, requests).added;
  return addSteps(context, requests);
}

async function addSteps(context: Context, requests: readonly Request[]): Promise<Inserted[]> {
  const first = new Step(context, null, requests.slice(0, FULL));
  const steps = [first];
  for (let at = FULL; at < requests.length && first.error === undefined; at += FULL) {
    await Promise.allSettled([steps[steps.length - STEPS]?.added]);
    steps.push(new Step(context, first, requests.slice(at, at + FULL)));
  }
  await Promise.allSettled(steps.map(({ added }) => added));
  if (first.error !== undefined) throw first.error;
  return requests.map(addedOf);
}

function addedOf({ job }: Request): Inserted {
  return { id: job.id, outcome: "added" };
}

/** Some jobs of one call, on their way together. */
class Step implements AdditionEnd {
  /** Resolves when each of them is stored; rejects when each is stored or has failed. */
  readonly added: Promise<Inserted[]>;
  readonly #context: Context;
  /** The first step of the call, which knows whether one has failed. */
  readonly #first: Step;
  readonly #requests: readonly Request[];
  #waiting: number;
  #error: unknown = undefined;
  #end: { resolve(inserted: Inserted[]): void; reject(error: unknown): void } | null = null;

  constructor(context: Context, first: Step | null, requests: readonly Request[]) {
    this.#context = context;
    this.#first = first ?? this;
    this.#requests = requests;
    this.#waiting = requests.length;
    this.added = new Promise((resolve, reject) => this.#end = { resolve, reject });
    if (first !== null) this.added.catch(() => {}); // its call knows of the error by the first step
    for (const [i, { job, data, cut }] of requests.entries()) {
      context.submitAdd(new Addition(context, job, data, cut, this, i > 0), job.type);
    }
  }

  get error(): unknown {
    return this.#first.#error;
  }

  stored(): void {
    if (--this.#waiting > 0) return;
    if (this.error !== undefined) this.#end?.reject(this.error);
    else this.#end?.resolve(this.#requests.map(addedOf));
  }

  failed(error: unknown): void {
    this.#first.#error ??= error;
    this.stored();
  }

  /** After the process was declared dead: adds a job again unless it was stored before that. */
  again(addition: Addition): void {
    const { kv, keys, submitAdd } = this.#context;
    readJob(kv, keys, addition.job.seq).then(
      ({ record }) => record === null ? submitAdd(addition, addition.job.type) : addition.committed(),
      (error) => this.failed(error),
    );
  }
}
