import type { Clock } from "../clock.ts";
import { ClosedError } from "../errors.ts";
import type { Log } from "../log.ts";
import { Loop } from "../loop.ts";
import type { Outage } from "../outage.ts";
import type { WorkerInfo } from "../store.ts";
import type { Agenda } from "./agenda.ts";
import type { Declarations } from "./declarations.ts";
import type { Firing, Place } from "./firing.ts";
import { leaveCode, type TimingOf } from "./record.ts";
import type { StoredSchedule } from "./stored.ts";
import { type ChangedSchedule, changedSince, type Revision } from "./table.ts";
import { beginning, otherSchedulers, UnbrokenRun } from "./unbroken.ts";

/** What a `Ticker` needs. */
export interface TickerOptions {
  clock: Clock;
  log: Log;
  outage: Outage;
  agenda: Agenda;
  declarations: Declarations;
  firing: Firing;
  place(): Promise<Place>;
  timingOf(name: string): TimingOf;
  /** A schedule was stored otherwise, or is gone. */
  onChanged(name: string, changed: ChangedSchedule): void;
}

/** Milliseconds between two looks whether others changed a schedule, and at jobs that queued ticks wait for. */
const LOOK_INTERVAL = 1_000;
/** Milliseconds between two looks which other schedulers live. */
const OTHERS_INTERVAL = 60_000;
/** Milliseconds after which others would have fired a tick. */
const OVERDUE = 60_000;
/** Milliseconds to wait when others were faster again and again. */
const BREATH = 20;
/** Schedules changed in one commit, however large they are. */
const TOGETHER = 5;

const WHAT = "fire schedules";

/** The loop of a scheduler: knows of all schedules when they are due, fires them, and sleeps until the next. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #loop: Loop;
  readonly #run = new UnbrokenRun();
  readonly #began = Promise.withResolvers<void>();
  /** The pass under way, or the last one. */
  #pass: Promise<unknown> = Promise.resolve();
  #revision: Revision | null = null;
  #others: readonly WorkerInfo[] = [];
  #isCrowded = false;
  #lookAt = -Infinity; // monotonic, as the next
  #othersAt = -Infinity;
  #workedAt = Infinity;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#loop = new Loop(options.clock, () => this.#loopOnce());
  }

  /** Begins. @returns Resolves once the first pass has ended, well or not. */
  start(): Promise<void> {
    this.#workedAt = this.#options.clock.monotonic();
    this.#loop.start();
    return this.#began.promise;
  }

  /** Milliseconds since a pass has done all there was to do, or since the start. */
  get idleFor(): number {
    return this.#options.clock.monotonic() - this.#workedAt;
  }

  /** Looks at once: something has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /** Lets a pass under way end and begins no more. */
  async stop(): Promise<void> {
    this.#loop.close();
    await this.#loop.ended();
    await this.#pass;
  }

  /** Fires all that is due now; one pass at a time. @returns How many jobs it added. */
  runOnce(): Promise<number> {
    return this.#inTurn(() => {
      this.#lookAt = -Infinity;
      return this.#runOnce();
    });
  }

  async #loopOnce(): Promise<number> {
    const { outage } = this.#options;
    try {
      await this.#inTurn(() => this.#runOnce());
      outage.worked(WHAT);
      return this.#wait();
    } catch (error) {
      if (error instanceof ClosedError) this.#loop.close();
      return error instanceof ClosedError ? 0 : outage.failed(WHAT, error);
    } finally {
      this.#began.resolve();
    }
  }

  #inTurn(run: () => Promise<number>): Promise<number> {
    const pass = this.#pass.then(run);
    this.#pass = pass.catch(() => {});
    return pass;
  }

  async #runOnce(): Promise<number> {
    const { clock, agenda, firing, place } = this.#options;
    const here = await place();
    const now = clock.now();
    const begins = this.#run.isBrokenAt(now);
    const asksOthers = begins || clock.monotonic() >= this.#othersAt;
    if (asksOthers) await this.#askOthers(here, now);
    if (begins) this.#run.begin(now, this.#others);
    else this.#run.goOn(now);
    const looks = clock.monotonic() >= this.#lookAt;
    if (looks) await this.#look(here);
    await this.#declare(here, now);
    if (asksOthers) await this.#leaveCode(here, now);
    // Should nobody tell of the jobs that queued ticks wait for, they are looked at from time to time.
    const names = looks ? agenda.waiting() : [];
    const { added, isCrowded } = await firing.run(here, { now, since: this.#run.since }, names);
    this.#isCrowded = isCrowded;
    this.#run.worked(now);
    this.#workedAt = clock.monotonic();
    return added;
  }

  /** Milliseconds until the next pass. */
  #wait(): number {
    const { clock, agenda } = this.#options;
    if (this.#isCrowded) return BREATH;
    return Math.max(0, Math.min(agenda.nextAt - clock.now(), this.#lookAt - clock.monotonic()));
  }

  async #askOthers({ store }: Place, now: number): Promise<void> {
    this.#others = otherSchedulers(await store.workers(now), store.workerId);
    this.#othersAt = this.#options.clock.monotonic() + OTHERS_INTERVAL;
  }

  /** Reads what has changed since the last look. */
  async #look({ table }: Place): Promise<void> {
    const { agenda, clock, firing } = this.#options;
    const last = await table.revision(); // first: what changes after this is found by the next look
    const changed = this.#revision === null ? null : changedSince(this.#revision, last);
    if (changed === null) {
      const gone = new Set(agenda.names());
      for (const stored of await table.readAll()) {
        gone.delete(stored.name);
        this.#note(stored.name, stored);
      }
      for (const name of gone) firing.note(name, null);
    } else {
      await Promise.all(
        [...new Set(changed.values())].map(async (name) => this.#note(name, await table.read(name))),
      );
    }
    this.#revision = last;
    this.#lookAt = clock.monotonic() + LOOK_INTERVAL;
  }

  #note(name: string, stored: StoredSchedule | null): void {
    const { declarations, firing } = this.#options;
    if (stored !== null && stored.record.code !== null && !stored.record.inCode) declarations.tellAgain(name);
    firing.note(name, stored?.record ?? null);
  }

  async #declare({ table }: Place, now: number): Promise<void> {
    const { declarations, timingOf, log } = this.#options;
    const since = beginning(now, this.#others);
    this.#tell(await declarations.store({ table, now, since, timingOf, log }));
  }

  /**
   * Marks the schedules that no running code declares: all that this one does not if it runs alone; beside others those
   * whose tick is long due, as one that declares them would have fired it.
   */
  async #leaveCode({ table }: Place, now: number): Promise<void> {
    const { agenda, firing } = this.#options;
    const time = this.#others.length === 0 ? Infinity : now - OVERDUE;
    const names = agenda.foreign(time);
    while (names.length > 0) {
      const leave = (name: string, stored: StoredSchedule | null) => {
        firing.note(name, stored?.record ?? null); // others may have moved it on
        if (stored === null || stored.flaw !== null || !agenda.isForeign(name, time)) return undefined;
        return leaveCode(stored.record, now);
      };
      this.#tell(await table.change(names.splice(0, TOGETHER), now, leave));
    }
  }

  #tell(changed: ReadonlyMap<string, ChangedSchedule>): void {
    for (const [name, schedule] of changed) this.#options.onChanged(name, schedule);
  }
}
