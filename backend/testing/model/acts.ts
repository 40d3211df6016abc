import { isDeepStrictEqual } from "node:util";
import { type Job, type Outcome, replace, type RunningJob } from "../../lib/job.ts";
import type { Insert, Store } from "../../lib/store.ts";
import { listAll } from "../../stores/conformance/harness.ts";
import { makeJob } from "../factories.ts";
import type { FakeClock } from "../fake-clock.ts";
import { answerOf, transition } from "./answers.ts";
import type { Claim, Process } from "./processes.ts";
import type { Act, Ending, JobSpec } from "./steps.ts";

/** Something to do on both sides. */
export interface Intent {
  process: Process;
  subject(): Promise<unknown>;
  model(): Promise<unknown>;
  /** The subject could not say what became of it: finds out, and makes the model follow. */
  unsure(): Promise<void>;
  /** Both have answered, the same. */
  done?(subject: unknown, model: unknown): void;
}

/** What acts need of the world they are done in. */
export interface Hands {
  readonly clock: FakeClock;
  /** All processes that were ever opened. */
  readonly opened: readonly Process[];
  /** The process `by`, or the next that lives. */
  living(by: number): Process;
  /** Makes the same call on both sides and compares the answers. */
  both(
    process: Process,
    call: (store: Store) => Promise<unknown>,
    options?: { again?: boolean },
  ): Promise<void>;
  /** True if both sides look the same. */
  agree(): Promise<boolean>;
}

const RELEASED = { kind: "released" } as const;

/** Says what an act means on each side, without doing it. */
export class Acts {
  readonly #hands: Hands;
  /** Every job that was asked for, by `seq`. */
  readonly #seqs: string[] = [];
  #nudges = 0;

  constructor(hands: Hands) {
    this.#hands = hands;
  }

  /** What `act` means on each side. */
  async prepare(act: Act, process: Process): Promise<Intent | null> {
    if (act.do === "add") return this.#adding(act, process);
    if (act.do === "claim") return await this.#claiming(act, process);
    if (act.do === "settle") return this.#settling(act, process);
    return this.#changing(act, process);
  }

  /** The job that `spec` describes, to be added now. */
  insert(spec: JobSpec): Insert {
    const now = this.#hands.clock.now();
    const { type, queue, priority, maxAttempts, keepFor, tag, unique, expiresIn } = spec;
    const job = makeJob({
      type,
      queue,
      priority,
      maxAttempts,
      keepFor,
      createdAt: now,
      scheduledAt: now + spec.delay,
      status: spec.delay > 0 ? "scheduled" : "pending",
      data: "x".repeat(spec.size),
      tags: tag === null ? [] : [tag],
      expiresAt: expiresIn === null ? null : now + expiresIn,
      unique: unique === null
        ? null
        : { key: unique.key, until: unique.within === null ? null : now + unique.within },
    });
    this.#seqs.push(job.seq);
    return { job: spec.id === null ? job : { ...job, id: spec.id }, onConflict: spec.onConflict };
  }

  #adding({ jobs }: Act & { do: "add" }, process: Process): Intent {
    const now = this.#hands.clock.now();
    const inserts = jobs.map((spec) => this.insert(spec));
    return {
      process,
      subject: () => process.subject.insert(inserts, now),
      model: () => process.model.insert(inserts, now),
      // Any of them may be stored. Each is looked for by itself: that the sides differ may be due to those behind it.
      unsure: async () => {
        const { subject } = this.#hands.living(0);
        for (const insert of inserts) {
          const isStored = await subject.get(insert.job.seq) !== null ||
            await hasReplaced(insert, process.model, subject);
          if (isStored) await process.model.insert([insert], now);
        }
      },
    };
  }

  async #claiming(act: Act & { do: "claim" }, process: Process): Promise<Intent> {
    // What others added is seen at some time; a change of what is paused makes it now.
    const paused = this.#nudges++ % 2 === 0;
    await this.#hands.both(process, (store) => store.setPaused("nudge", paused), { again: true });
    const types = new Map(act.types.map((type) => [type, act.limit]));
    const queues = act.queue === null ? null : [act.queue];
    const request = { types, queues, limit: act.limit, now: this.#hands.clock.now() };
    return {
      process,
      subject: () => process.subject.claim(request),
      model: () => process.model.claim(request),
      unsure: () => Promise.resolve(), // nothing is claimed then
      done(subject, model) {
        const [subjects, models] = [subject, model] as [RunningJob[], RunningJob[]];
        models.forEach((job, i) =>
          process.claims.push({ model: job, subject: subjects[i] ?? job, started: false })
        );
      },
    };
  }

  #settling({ picks, endings }: Act & { do: "settle" }, by: Process): Intent | null {
    // Also of processes that died or were followed by another: their outcomes are refused once they were rescued.
    const holders = [
      by,
      ...this.#hands.opened.filter((process) => process.claims.length > 0 && !process.hangs),
    ];
    const process = holders[(picks[0] ?? 0) % holders.length] ?? by;
    if (process.claims.length === 0) return null;
    // The latest claims first: they are the ones most likely held.
    const chosen = new Set(picks.map((pick) => process.claims.at(-1 - pick % process.claims.length)));
    const claims = [...chosen].filter((claim) => claim !== undefined);
    for (const claim of claims) mark(process, claim, false);
    const outcomes = claims.map(({ model }, i) =>
      outcomeOf(endings[i % endings.length] ?? RELEASED, model, this.#hands.clock.now())
    );
    const settlements = (side: "model" | "subject") =>
      claims.map((claim, i) => ({ job: claim[side], outcome: outcomes[i] ?? RELEASED }));
    const now = this.#hands.clock.now();
    return {
      process,
      subject: () => process.subject.settle(settlements("subject"), now),
      model: () => process.model.settle(settlements("model"), now),
      // What is held is stored however long that takes; what was lost needs no store to say so.
      unsure: async () => {
        const answers = await process.model.settle(settlements("model"), now);
        if (answers.some((answer) => answer !== "lost")) throw new Error("settle() gave a result up");
      },
    };
  }

  #changing({ pick, what }: Act & { do: "change" }, process: Process): Intent | null {
    const seq = this.#seqs[pick % Math.max(1, this.#seqs.length)];
    if (seq === undefined) return null;
    const now = this.#hands.clock.now();
    const call = (store: Store): Promise<unknown> =>
      what.verb === "remove" ? store.remove(seq) : store.change(seq, (job) => transition(job, what, now));
    return {
      process,
      subject: () => call(process.subject),
      model: () => call(process.model),
      unsure: async () => {
        if (!await this.#hands.agree()) await answerOf(call(process.model));
      },
    };
  }
}

/** Says that a handler runs, or has returned. A process that is dead says nothing. */
export function mark(process: Process, claim: Claim, started: boolean): void {
  if (!process.alive || claim.started === started) return;
  claim.started = started;
  if (started) {
    process.subject.started(claim.subject);
    process.model.started(claim.model);
  } else {
    process.subject.ended(claim.subject);
    process.model.ended(claim.model);
  }
}

/** True if a job of `model` has become in `subject` what `job` asked for: under its own seq `job` is not found then. */
async function hasReplaced({ job, onConflict }: Insert, model: Store, subject: Store): Promise<boolean> {
  if (onConflict !== "replace") return false;
  for (const { seq } of await listAll(model)) {
    const [before, after] = [await model.get(seq), await subject.get(seq)];
    if (before === null || isDeepStrictEqual(after, before)) continue;
    if (isDeepStrictEqual(after, replace(before, job))) return true;
  }
  return false;
}

/** How the attempt of a job ends. */
function outcomeOf(ending: Ending, { attempt }: Job, now: number): Outcome {
  switch (ending.kind) {
    case "completed":
      return { kind: "completed", result: "r".repeat(ending.size) };
    case "failed": {
      const error = { name: "Error", message: "no", attempt, at: now };
      return { kind: "failed", error, retryAt: ending.retryIn === null ? null : now + ending.retryIn };
    }
    case "cancelled":
      return { kind: "cancelled", reason: "own reason" };
    case "snoozed":
      return { kind: "snoozed", until: now + ending.delay };
    case "released":
      return { kind: "released" };
  }
}
