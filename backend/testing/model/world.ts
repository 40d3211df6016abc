import { assertEquals } from "@std/assert";
import type { Store } from "../../lib/store.ts";
import { MemoryData } from "../../stores/memory.ts";
import { makeReport } from "../factories.ts";
import { FakeClock } from "../fake-clock.ts";
import { Acts, type Hands, type Intent, mark } from "./acts.ts";
import { type Answer, answerOf, isUnavailable, rescueAll, shownOf, trimmed } from "./answers.ts";
import { Process } from "./processes.ts";
import { stateOf, wholeStateOf } from "./state.ts";
import type { Act, Step } from "./steps.ts";

const IDS = ["p1", "p2", "p3"];

/** Three processes on one data set, twice: once in the model, once in the store that is tested. */
export class World implements Hands {
  readonly clock = new FakeClock();
  readonly #data = new MemoryData();
  readonly #folder = Deno.makeTempDirSync({ prefix: "cronosaur-model-" });
  /** By their ids. */
  readonly #processes = new Map<string, Process>();
  /** All that were ever opened. */
  readonly opened: Process[] = [];
  readonly #versions = new Map<string, { model: string; subject: string }>();
  readonly #acts = new Acts(this);
  #crashed = false;

  /** Opens the processes. */
  async open(): Promise<void> {
    for (const id of IDS) await this.#start(id);
  }

  /** Closes what is open and deletes the data. */
  async dispose(): Promise<void> {
    for (const process of this.opened) await process.dispose();
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
    const observer = await Process.open("observer", this.clock, this.#data, this.#path);
    this.opened.push(observer);
    await this.both(observer, (store) => rescueAll(store, this.clock.now()));
    const [model, subject] = [observer.model, observer.subject];
    assertEquals(await wholeStateOf(subject, ["k"]), await wholeStateOf(model, ["k"]));
    const range = { from: 0, to: this.clock.now() + 3_600_000 };
    // A killed process loses what it had counted last.
    if (!this.#crashed) {
      assertEquals(trimmed(await subject.history(range)), trimmed(await model.history(range)));
    }
  }

  get #path(): string {
    return `${this.#folder}/jobs.db`;
  }

  async #start(id: string): Promise<void> {
    const process = await Process.open(id, this.clock, this.#data, this.#path);
    this.#processes.set(id, process);
    this.opened.push(process);
  }

  /** The process `by`, or the next that lives. */
  living(by: number): Process {
    const living = [...this.#processes.values()].filter(({ alive }) => alive);
    const process = living[by % living.length];
    if (process === undefined) throw new Error("No process lives");
    return process;
  }

  async #do(step: Step): Promise<void> {
    const now = this.clock.now();
    switch (step.do) {
      case "wait":
        return this.clock.advance(step.ms);
      case "fault":
        return this.living(step.by).faults.plan(step.faults, step.reads);
      case "add":
      case "claim":
      case "settle":
      case "change":
        return await this.#act(step, this.living(step.by));
      case "die":
        return await this.#dieIn(step.act, step.when, this.living(step.by));
      case "crash":
        return this.#crash(this.living(step.by));
      case "restart":
        return await this.#restart(IDS[step.by] ?? "");
      case "promote":
        return await this.both(this.living(step.by), (store) => store.promote(now), { again: true });
      case "rescue":
        return await this.both(this.living(step.by), (store) => rescueAll(store, now), { again: true });
      case "expire":
        return await this.both(this.living(step.by), (store) => store.expire(now), { again: true });
      case "sweep": // what it deletes nobody sees
        return void await answerOf(this.living(step.by).subject.sweep());
      case "prune": {
        const request = {
          finishedBefore: { [step.status]: now - step.age },
          keepFor: step.keepFor,
          now,
          limit: step.limit,
        };
        return await this.both(this.living(step.by), (store) => store.prune(request), { again: true });
      }
      case "pause": {
        const { queue, paused, said } = step;
        return await this.both(this.living(step.by), (store) => store.setPaused(queue, paused, said), {
          again: true,
        });
      }
      case "record":
        return await this.#record(step);
      default:
        return await this.#report(step);
    }
  }

  async #act(act: Act, process: Process): Promise<void> {
    const intent = await this.#acts.prepare(act, process);
    if (intent !== null) await this.#finish(intent, await answerOf(intent.subject()));
  }

  /** The subject has answered `subject`: makes the model do the same, and compares. */
  async #finish(intent: Intent, subject: Answer): Promise<void> {
    if (isUnavailable(subject)) {
      await this.#settleDown(intent.process);
      return await intent.unsure();
    }
    const model = await answerOf(intent.model());
    assertEquals(shownOf(subject), shownOf(model));
    if ("value" in subject && "value" in model) intent.done?.(subject.value, model.value);
  }

  /** Lets a process die in the middle of what it does: before its commit is applied, or after. */
  async #dieIn(act: Act, when: "before" | "after", process: Process): Promise<void> {
    if (this.#isLast) return;
    process.faults.plan([]);
    const intent = await this.#acts.prepare(act, process);
    if (intent === null) return;
    const death = process.faults.death();
    process.faults.plan([`dies ${when}`]);
    const answering = answerOf(intent.subject());
    answering.catch(() => {}); // it may fail when the database is closed under it
    const answer = await Promise.race([death, answering]);
    process.faults.plan([]);
    if (answer !== undefined) return await this.#finish(intent, answer); // it had nothing to commit
    process.hangs = true;
    process.crash();
    this.#crashed = true;
    if (!await this.agree()) await intent.model(); // what it answered reaches nobody
  }

  get #isLast(): boolean {
    return [...this.#processes.values()].filter(({ alive }) => alive).length === 1;
  }

  async #record(step: Step & { do: "record" }): Promise<void> {
    const process = this.living(step.by);
    const known = this.#versions.get(step.key);
    const insert = step.job === null ? [] : [this.#acts.insert(step.job)];
    const commit = (store: Store, side: "model" | "subject") => {
      const expect = step.stale ? "made up" : known?.[side] ?? null;
      const put = { kind: "k", key: step.key, value: step.value ?? undefined, expect };
      return store.commit({ put: [put], insert }, this.clock.now());
    };
    await this.both(process, (store) => commit(store, store === process.model ? "model" : "subject"));
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
    const process = this.living(step.by);
    const claim = process.claims[step.pick % Math.max(1, process.claims.length)];
    if (claim === undefined) return;
    const now = this.clock.now();
    if (step.do === "start" || step.do === "end") {
      // A process says this only of jobs it holds.
      await process.model.heartbeat(makeReport(), now);
      const worker = (await process.model.workers()).find(({ id }) => id === process.id);
      const stored = await process.model.get(claim.model.seq);
      const holds = worker?.jobs.includes(claim.model.id) &&
        process.claims.findLast(({ model }) => model.seq === stored?.seq) === claim;
      if (holds) mark(process, claim, step.do === "start");
    } else if (step.do === "progress") {
      const progress = { percent: step.pick, note: null, at: now };
      await this.both(
        process,
        (store) => store.progress(store === process.model ? claim.model : claim.subject, progress),
        { again: true },
      );
    } else {
      process.faults.plan([]); // a line whose answer was lost may be stored twice
      const line = { attempt: claim.model.attempt, at: now, level: "info", message: `${step.pick}` } as const;
      await this.both(process, (store) => store.appendLogs(claim.model.seq, [line]));
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
  async both(
    process: Process,
    call: (store: Store) => Promise<unknown>,
    options: { again?: boolean } = {},
  ): Promise<void> {
    let subject = await answerOf(call(process.subject));
    const unsure = isUnavailable(subject);
    if (unsure) await this.#settleDown(process);
    for (let tries = 0; options.again && isUnavailable(subject) && tries < 20; tries++) {
      subject = await answerOf(call(process.subject));
    }
    if (unsure && !options.again && await this.agree()) return;
    const model = await answerOf(call(process.model));
    if (!unsure) assertEquals(subject, model);
  }

  /**
   * What a process could not store at once it may still be trying to. It commits in order: once another commit is
   * stored, the fate of those before is known.
   */
  async #settleDown(process: Process): Promise<void> {
    process.faults.plan([]);
    await process.subject.setPaused("nudge", false);
    await process.model.setPaused("nudge", false);
  }

  /** True if both sides look the same. */
  async agree(): Promise<boolean> {
    try {
      await this.#compare();
      return true;
    } catch {
      return false;
    }
  }

  async #compare(): Promise<void> {
    const { model, subject } = this.living(0);
    assertEquals(await stateOf(subject), await stateOf(model));
  }
}
