import { assertEquals } from "@std/assert";
import { isInputError, QueueError } from "../../lib/errors.ts";
import type { HistoryPoint } from "../../lib/history.ts";
import { cancel, type Job, type Outcome, retry, type RunningJob, update } from "../../lib/job.ts";
import type { Insert, Store } from "../../lib/store.ts";
import { MemoryData } from "../../stores/memory.ts";
import { makeJob, makeReport } from "../factories.ts";
import { FakeClock } from "../fake-clock.ts";
import { type Claim, Process } from "./processes.ts";
import { stateOf, wholeStateOf } from "./state.ts";
import type { Act, Ending, JobSpec, Step, Verb } from "./steps.ts";

const IDS = ["p1", "p2", "p3"];

/** What a call came to: its answer, or why it was refused. */
type Answer = { value: unknown } | { error: unknown };

/** Something to do on both sides. */
interface Intent {
  subject(): Promise<unknown>;
  model(): Promise<unknown>;
  /** The subject could not say what became of it: finds out, and makes the model follow. */
  unsure(): Promise<void>;
  /** Both have answered, the same. */
  done?(subject: unknown, model: unknown): void;
}

const RELEASED = { kind: "released" } as const;

/** Three processes on one data set, twice: once in the model, once in the store that is tested. */
export class World {
  readonly #clock = new FakeClock();
  readonly #data = new MemoryData();
  readonly #folder = Deno.makeTempDirSync({ prefix: "cronosaur-model-" });
  /** By their ids. */
  readonly #processes = new Map<string, Process>();
  /** All that were ever opened. */
  readonly #opened: Process[] = [];
  /** Every job that was asked for, by `seq`. */
  readonly #seqs: string[] = [];
  readonly #versions = new Map<string, { model: string; subject: string }>();
  #nudges = 0;
  #crashed = false;

  /** Opens the processes. */
  async open(): Promise<void> {
    for (const id of IDS) await this.#start(id);
  }

  /** Closes what is open and deletes the data. */
  async dispose(): Promise<void> {
    for (const process of this.#opened) await process.dispose();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  /** Does one step on both sides. @throws {AssertionError} They differ. */
  async run(step: Step): Promise<void> {
    await this.#do(step);
    await this.#compare();
  }

  /** Closes every process in order, and compares all there is to see. */
  async end(): Promise<void> {
    for (const process of this.#processes.values()) {
      process.faults.plan([]);
      if (process.alive) await process.close();
    }
    const observer = await Process.open("observer", this.#clock, this.#data, this.#path);
    this.#opened.push(observer);
    await this.#both(observer, (store) => rescueAll(store, this.#clock.now()));
    const [model, subject] = [observer.model, observer.subject];
    assertEquals(await wholeStateOf(subject, ["k"]), await wholeStateOf(model, ["k"]));
    const range = { from: 0, to: this.#clock.now() + 3_600_000 };
    // A killed process loses what it had counted last.
    if (!this.#crashed) {
      assertEquals(trimmed(await subject.history(range)), trimmed(await model.history(range)));
    }
  }

  get #path(): string {
    return `${this.#folder}/jobs.db`;
  }

  async #start(id: string): Promise<void> {
    const process = await Process.open(id, this.#clock, this.#data, this.#path);
    this.#processes.set(id, process);
    this.#opened.push(process);
  }

  /** The process `by`, or the next that lives. */
  #living(by: number): Process {
    const living = [...this.#processes.values()].filter(({ alive }) => alive);
    const process = living[by % living.length];
    if (process === undefined) throw new Error("No process lives");
    return process;
  }

  async #do(step: Step): Promise<void> {
    const now = this.#clock.now();
    switch (step.do) {
      case "wait":
        return this.#clock.advance(step.ms);
      case "fault":
        return this.#living(step.by).faults.plan(step.faults, step.reads);
      case "add":
      case "claim":
      case "settle":
      case "change":
        return await this.#act(step, this.#living(step.by));
      case "die":
        return await this.#dieIn(step.act, step.when, this.#living(step.by));
      case "crash":
        return this.#crash(this.#living(step.by));
      case "restart":
        return await this.#restart(IDS[step.by] ?? "");
      case "promote":
        return await this.#both(this.#living(step.by), (store) => store.promote(now), { again: true });
      case "rescue":
        return await this.#both(this.#living(step.by), (store) => rescueAll(store, now), { again: true });
      case "expire":
        return await this.#both(this.#living(step.by), (store) => store.expire(now), { again: true });
      case "prune": {
        const request = {
          finishedBefore: { [step.status]: now - step.age },
          keepFor: step.keepFor,
          now,
          limit: step.limit,
        };
        return await this.#both(this.#living(step.by), (store) => store.prune(request), { again: true });
      }
      case "pause": {
        const { queue, paused } = step;
        return await this.#both(this.#living(step.by), (store) => store.setPaused(queue, paused), {
          again: true,
        });
      }
      case "record":
        return await this.#record(step);
      default:
        return await this.#report(step);
    }
  }

  /** What `act` means on each side. */
  async #prepare(act: Act, process: Process): Promise<Intent | null> {
    if (act.do === "add") return this.#adding(act, process);
    if (act.do === "claim") return await this.#claiming(act, process);
    if (act.do === "settle") return this.#settling(act, process);
    return this.#changing(act, process);
  }

  async #act(act: Act, process: Process): Promise<void> {
    const intent = await this.#prepare(act, process);
    if (intent !== null) await this.#finish(intent, await answerOf(intent.subject()));
  }

  /** The subject has answered `subject`: makes the model do the same, and compares. */
  async #finish(intent: Intent, subject: Answer): Promise<void> {
    if (isUnavailable(subject)) return await intent.unsure();
    const model = await answerOf(intent.model());
    assertEquals(shownOf(subject), shownOf(model));
    if ("value" in subject && "value" in model) intent.done?.(subject.value, model.value);
  }

  /** Lets a process die in the middle of what it does: before its commit is applied, or after. */
  async #dieIn(act: Act, when: "before" | "after", process: Process): Promise<void> {
    if (this.#isLast) return;
    process.faults.plan([]);
    const intent = await this.#prepare(act, process);
    if (intent === null) return;
    const death = process.faults.death();
    process.faults.plan([`dies ${when}`]);
    const answer = await Promise.race([death, answerOf(intent.subject())]);
    process.faults.plan([]);
    if (answer !== undefined) return await this.#finish(intent, answer); // it had nothing to commit
    process.hangs = true;
    process.crash();
    this.#crashed = true;
    if (!await this.#agree()) await intent.model(); // what it answered reaches nobody
  }

  get #isLast(): boolean {
    return [...this.#processes.values()].filter(({ alive }) => alive).length === 1;
  }

  #insert(spec: JobSpec): Insert {
    const now = this.#clock.now();
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
    const now = this.#clock.now();
    const inserts = jobs.map((spec) => this.#insert(spec));
    return {
      subject: () => process.subject.insert(inserts, now),
      model: () => process.model.insert(inserts, now),
      // Some may be stored. What replaced a holder is not found by its own seq.
      unsure: async () => {
        for (const insert of inserts) {
          const isStored = await this.#living(0).subject.get(insert.job.seq) !== null;
          if (isStored || insert.onConflict === "replace" && !await this.#agree()) {
            await process.model.insert([insert], now);
          }
        }
      },
    };
  }

  async #claiming(act: Act & { do: "claim" }, process: Process): Promise<Intent> {
    // What others added is seen at some time; a change of what is paused makes it now.
    const paused = this.#nudges++ % 2 === 0;
    await this.#both(process, (store) => store.setPaused("nudge", paused), { again: true });
    const types = new Map(act.types.map((type) => [type, act.limit]));
    const queues = act.queue === null ? null : [act.queue];
    const request = { types, queues, limit: act.limit, now: this.#clock.now() };
    return {
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
    const holders = [by, ...this.#opened.filter((process) => process.claims.length > 0 && !process.hangs)];
    const process = holders[(picks[0] ?? 0) % holders.length] ?? by;
    if (process.claims.length === 0) return null;
    // The latest claims first: they are the ones most likely held.
    const chosen = new Set(picks.map((pick) => process.claims.at(-1 - pick % process.claims.length)));
    const claims = [...chosen].filter((claim) => claim !== undefined);
    for (const claim of claims) this.#mark(process, claim, false);
    const outcomes = claims.map(({ model }, i) =>
      this.#outcome(endings[i % endings.length] ?? RELEASED, model)
    );
    const settlements = (side: "model" | "subject") =>
      claims.map((claim, i) => ({ job: claim[side], outcome: outcomes[i] ?? RELEASED }));
    const now = this.#clock.now();
    return {
      subject: () => process.subject.settle(settlements("subject"), now),
      model: () => process.model.settle(settlements("model"), now),
      // What is held is stored however long that takes; what was lost needs no store to say so.
      unsure: async () => {
        const answers = await process.model.settle(settlements("model"), now);
        if (answers.some((answer) => answer !== "lost")) throw new Error("settle() gave a result up");
      },
    };
  }

  /** Says that a handler runs, or has returned. A process that is dead says nothing. */
  #mark(process: Process, claim: Claim, started: boolean): void {
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

  #outcome(ending: Ending, { attempt }: Job): Outcome {
    const now = this.#clock.now();
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

  #changing({ pick, what }: Act & { do: "change" }, process: Process): Intent | null {
    const seq = this.#seqs[pick % Math.max(1, this.#seqs.length)];
    if (seq === undefined) return null;
    const now = this.#clock.now();
    const call = (store: Store): Promise<unknown> =>
      what.verb === "remove" ? store.remove(seq) : store.change(seq, (job) => transition(job, what, now));
    return {
      subject: () => call(process.subject),
      model: () => call(process.model),
      unsure: async () => {
        if (!await this.#agree()) await answerOf(call(process.model));
      },
    };
  }

  async #record(step: Step & { do: "record" }): Promise<void> {
    const process = this.#living(step.by);
    const known = this.#versions.get(step.key);
    const insert = step.job === null ? [] : [this.#insert(step.job)];
    const commit = (store: Store, side: "model" | "subject") => {
      const expect = step.stale ? "made up" : known?.[side] ?? null;
      const put = { kind: "k", key: step.key, value: step.value ?? undefined, expect };
      return store.commit({ put: [put], insert }, this.#clock.now());
    };
    await this.#both(process, (store) => commit(store, store === process.model ? "model" : "subject"));
    const [model, subject] = [
      await process.model.record("k", step.key),
      await process.subject.record("k", step.key),
    ];
    assertEquals(subject?.value, model?.value, "record()");
    if (model === null || subject === null) this.#versions.delete(step.key);
    else this.#versions.set(step.key, { model: model.version, subject: subject.version });
  }

  /** What a handler says while it runs. */
  async #report(step: Step & { do: "start" | "end" | "progress" | "log" }): Promise<void> {
    const process = this.#living(step.by);
    const claim = process.claims[step.pick % Math.max(1, process.claims.length)];
    if (claim === undefined) return;
    const now = this.#clock.now();
    if (step.do === "start" || step.do === "end") {
      // A process says this only of jobs it holds.
      await process.model.heartbeat(makeReport(), now);
      const worker = (await process.model.workers()).find(({ id }) => id === process.id);
      const stored = await process.model.get(claim.model.seq);
      const holds = worker?.jobs.includes(claim.model.id) &&
        process.claims.findLast(({ model }) => model.seq === stored?.seq) === claim;
      if (holds) this.#mark(process, claim, step.do === "start");
    } else if (step.do === "progress") {
      const progress = { percent: step.pick, note: null, at: now };
      await this.#both(
        process,
        (store) => store.progress(store === process.model ? claim.model : claim.subject, progress),
        { again: true },
      );
    } else {
      process.faults.plan([]); // a line whose answer was lost may be stored twice
      const line = { attempt: claim.model.attempt, at: now, level: "info", message: `${step.pick}` } as const;
      await this.#both(process, (store) => store.appendLogs(claim.model.seq, [line]));
    }
  }

  #crash(process: Process): void {
    if (this.#isLast) return;
    process.faults.plan([]);
    process.crash();
    this.#crashed = true;
  }

  /** Closes the process if it lives, and opens another under its id. */
  async #restart(id: string): Promise<void> {
    const former = this.#processes.get(id);
    former?.faults.plan([]);
    if (former?.alive) await former.close();
    await this.#start(id);
  }

  /**
   * Makes the same call on both sides and compares the answers. Where the subject could not say what became of the
   * call, what can be seen decides whether the model makes it too.
   */
  async #both(
    process: Process,
    call: (store: Store) => Promise<unknown>,
    options: { again?: boolean } = {},
  ): Promise<void> {
    let subject = await answerOf(call(process.subject));
    const unsure = isUnavailable(subject);
    for (let tries = 0; options.again && isUnavailable(subject) && tries < 20; tries++) {
      subject = await answerOf(call(process.subject));
    }
    if (unsure && !options.again && await this.#agree()) return;
    const model = await answerOf(call(process.model));
    if (!unsure) assertEquals(subject, model);
  }

  /** True if both sides look the same. */
  async #agree(): Promise<boolean> {
    try {
      await this.#compare();
      return true;
    } catch {
      return false;
    }
  }

  async #compare(): Promise<void> {
    const { model, subject } = this.#living(0);
    assertEquals(await stateOf(subject), await stateOf(model));
  }
}

function transition(job: Job, what: Verb, now: number): Job {
  if (what.verb === "cancel") return cancel(job, now);
  if (what.verb === "retry") return retry(job, now);
  if (what.verb === "remove") return job;
  const changes = {
    ...(what.priority === null ? {} : { priority: what.priority }),
    ...(what.delay === null ? {} : { scheduledAt: now + what.delay }),
  };
  return update(job, changes, now);
}

/** An answer as both sides must give it: leases are each side's own. */
function shownOf(answer: Answer): Answer {
  if (!("value" in answer) || !Array.isArray(answer.value)) return answer;
  const hide = (item: unknown) =>
    typeof item === "object" && item !== null && "lease" in item ? { ...item, lease: "" } : item;
  return { value: answer.value.map(hide) };
}

/**
 * Rescues until there is nothing left. A process that was only declared dead may still be writing, which a process
 * that died does not, and be in the way of the first try.
 */
async function rescueAll(store: Store, now: number): Promise<number> {
  let rescued = 0;
  for (let idle = 0; idle < 2;) {
    const more = await store.rescue(now);
    rescued += more;
    idle = more === 0 ? idle + 1 : 0;
  }
  return rescued;
}

/** What became of a call. Errors are compared by what a caller may rely on. */
async function answerOf(call: Promise<unknown>): Promise<Answer> {
  try {
    return { value: await call };
  } catch (error) {
    if (error instanceof QueueError) return { error: { code: error.code, message: error.message } };
    if (isInputError(error)) return { error: error.issues };
    throw error;
  }
}

function isUnavailable(answer: Answer): boolean {
  return "error" in answer && (answer.error as { code?: string }).code === "store_unavailable";
}

/** History without minutes in which nothing happened, and without the zeros a histogram may or may not end with. */
function trimmed(points: readonly HistoryPoint[]): unknown {
  const cut = (counts: number[]) => counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
  return points
    .filter(({ added, completed, failed, cancelled, retried }) =>
      added + completed + failed + cancelled + retried > 0
    )
    .map((point) => ({ ...point, runTime: cut(point.runTime), waitTime: cut(point.waitTime) }));
}
