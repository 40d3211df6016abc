import type { Insert, Inserted } from "../../lib/store.ts";
import { Addition, type AdditionEnd } from "./addition.ts";
import { FULL } from "./bulk.ts";
import type { Context } from "./context.ts";
import { addChecked } from "./insert-checked.ts";
import { type Cut, cut } from "./parts.ts";

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
  const { seq, data } = job;
  return { job, onConflict, data: JSON.stringify(data), cut: cut(context, seq, { data }, token) };
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
async function addPlain(context: Context, requests: readonly Request[]): Promise<Inserted[]> {
  const first = new Step(context, null, requests.slice(0, FULL));
  const steps = [first];
  for (let at = FULL; at < requests.length && first.error === undefined; at += FULL) {
    await steps[steps.length - STEPS]?.ended;
    steps.push(new Step(context, first, requests.slice(at, at + FULL)));
  }
  for (const step of steps) await step.ended;
  if (first.error !== undefined) throw first.error;
  return requests.map(({ job }) => ({ id: job.id, outcome: "added" }));
}

/** Some jobs of one call, on their way together. */
class Step implements AdditionEnd {
  /** Resolves when each of them is stored or has failed. */
  readonly ended: Promise<void>;
  readonly #context: Context;
  /** The first step of the call, which knows whether one has failed. */
  readonly #first: Step;
  #waiting: number;
  #error: unknown = undefined;
  #resolve = () => {};

  constructor(context: Context, first: Step | null, requests: readonly Request[]) {
    this.#context = context;
    this.#first = first ?? this;
    this.#waiting = requests.length;
    this.ended = new Promise((resolve) => this.#resolve = resolve);
    for (const { job, data, cut } of requests) context.submitAdd(new Addition(context, job, data, cut, this));
  }

  get error(): unknown {
    return this.#first.#error;
  }

  stored(): void {
    if (--this.#waiting === 0) this.#resolve();
  }

  failed(error: unknown): void {
    this.#first.#error ??= error;
    this.stored();
  }

  /** After the process was declared dead: adds a job again unless it was stored before that. */
  again(addition: Addition): void {
    const { kv, keys, submitAdd } = this.#context;
    kv.get(keys.job(addition.job.seq)).then(
      ({ versionstamp }) => versionstamp === null ? submitAdd(addition) : addition.committed(),
      (error) => this.failed(error),
    );
  }
}
