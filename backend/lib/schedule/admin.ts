import type { ChangeOptions } from "../change-options.ts";
import { checkInteger, describe } from "../check.ts";
import { InputTypeError, isInputError, NotFoundError, VersionConflictError } from "../errors.ts";
import type { Job } from "../job.ts";
import type { Queue } from "../queue.ts";
import type { Store } from "../store.ts";
import {
  type By,
  checkBy,
  checkChanges,
  checkNewSchedule,
  type NewSchedule,
  type ScheduleChanges,
} from "./input.ts";
import {
  type Change,
  create,
  edit,
  revert,
  roomOf,
  type ScheduleRecord,
  setEnabled,
  withRuns,
} from "./record.ts";
import { requestOf } from "./request.ts";
import { openJobs } from "./runs.ts";
import { SchedulerRuntime } from "./runtime.ts";
import type { StoredSchedule } from "./stored.ts";
import type { ChangedSchedule } from "./table.ts";
import { Timing } from "./timing.ts";
import { type Schedule, type ShownSchedule, toSchedule } from "./view.ts";

/** Which schedules to list. */
export interface ScheduleSelection {
  /** Those with names behind this one, in the order of their UTF-16 units. @default all */
  after?: string;
  /** At most this many. @default all */
  limit?: number;
  /** Those of which this is true. It does not yet see how runs ended since the schedule last moved. @default all */
  where?: (schedule: Schedule) => boolean;
}

/** Who changes a schedule, and who wants to know what that did. */
export interface ScheduleChangeOptions extends By, ChangeOptions<Schedule> {}

/** Schedules whose jobs are read at the same time. */
const TOGETHER = 25;
/** The most ticks to look ahead. */
const MOST_UPCOMING = 1_000;

/** The part of a scheduler that people look at and change: what is stored of its schedules. */
export abstract class ScheduleAdmin {
  protected readonly runtime: SchedulerRuntime;

  constructor(queue: Queue) {
    this.runtime = new SchedulerRuntime(queue);
  }

  /**
   * Schedules by name, also those of other programs; all of them, unless `which` says less. What code declares is
   * there from `start()` on.
   */
  async list({ after, limit = Infinity, where = () => true }: ScheduleSelection = {}): Promise<Schedule[]> {
    const { store, table } = await this.runtime.place();
    const all = (await table.readAll()).sort((a, b) => a.name < b.name ? -1 : 1);
    const schedules: Schedule[] = [];
    let found: StoredSchedule[] = [];
    for (const [i, stored] of all.entries()) {
      const isWanted = (after === undefined || stored.name > after) &&
        where(toSchedule(stored, this.#timingOf(stored), new Map()));
      if (isWanted) found.push(stored);
      const isEnough = schedules.length + found.length >= limit;
      if (found.length < TOGETHER && !isEnough && i < all.length - 1) continue;
      schedules.push(...await Promise.all(found.map((one) => this.#show(store, one))));
      if (isEnough) break;
      found = [];
    }
    return schedules;
  }

  /** The schedule of this name, or null. */
  async get(name: string): Promise<Schedule | null> {
    const { store, table } = await this.runtime.place();
    const stored = await table.read(name);
    return stored === null ? null : await this.#show(store, stored);
  }

  /**
   * The next `count` ticks, epoch milliseconds; fewer if there are no more. Of one that is disabled, those that it
   * would have.
   *
   * @param count 1–1000.
   * @throws {NotFoundError} There is no such schedule.
   * @throws {InputRangeError} The schedule is broken, or `count` is out of range.
   */
  async upcoming(name: string, count: number): Promise<number[]> {
    const most = checkInteger(count, "count", 1, MOST_UPCOMING);
    const { table } = await this.runtime.place();
    const { record } = readable(name, await table.read(name));
    const { nextTickAt, enabled, definition, createdAt } = record;
    const timing = this.runtime.timingOf(name)(definition, createdAt);
    const first = nextTickAt ?? (enabled ? null : timing.next(this.runtime.clock.now()));
    return ticksFrom(timing, first, Math.min(most, roomOf(record)));
  }

  /**
   * Makes a schedule that no code declares. Every process that runs a scheduler fires it.
   *
   * @throws {InputTypeError} The name is taken, or a field is missing, unknown or of the wrong type; nothing was stored.
   * @throws {InputRangeError} A field is out of range; nothing was stored.
   */
  async create(schedule: NewSchedule, options: By = {}): Promise<Schedule> {
    const { name, declaration, request } = checkNewSchedule(schedule);
    const timingOf = this.runtime.timingOf(name);
    new Timing(name, declaration.definition, 0);
    await this.#tryJob(request);
    return await this.#write(name, options, (stored, change) => {
      if (stored !== null) throw new InputTypeError("name", `is taken already, found ${describe(name)}`);
      return create(declaration, change, { fromCode: false, timingOf });
    });
  }

  /**
   * Changes a schedule. If that changes when it is due, its next tick is the first after now. What code says is kept
   * beside it, for `revert`.
   *
   * @throws {NotFoundError} There is no such schedule.
   * @throws {InputTypeError | InputRangeError} A change is wrong; nothing was stored.
   */
  async update(
    name: string,
    changes: ScheduleChanges,
    options: ScheduleChangeOptions = {},
  ): Promise<Schedule> {
    const { table } = await this.runtime.place();
    const { definition } = checkChanges(existing(name, await table.read(name)).record, changes);
    if (changes.job !== undefined && definition.job !== null) await this.#tryJob(definition.job);
    return await this.#write(
      name,
      options,
      (stored, change) => {
        const { record } = existing(name, stored); // also a broken one: this mends it
        return edit(record, checkChanges(record, changes), change, this.runtime.timingOf(name));
      },
    );
  }

  /** Undoes what people changed of what code says, but for whether it is enabled. @throws {NotFoundError} There is no such schedule. */
  revert(name: string, options: ScheduleChangeOptions = {}): Promise<Schedule> {
    return this.#change(
      name,
      options,
      (record, change) => revert(record, change, this.runtime.timingOf(name)),
    );
  }

  /**
   * Lets a schedule fire again, from the next tick after now: those that passed meanwhile are not missed.
   *
   * @throws {NotFoundError} There is no such schedule.
   * @throws {InputRangeError} It is broken.
   */
  enable(name: string, options: ScheduleChangeOptions = {}): Promise<Schedule> {
    return this.#change(
      name,
      options,
      (record, change) => setEnabled(record, true, change, this.runtime.timingOf(name)),
    );
  }

  /** Keeps a schedule from firing, also the ticks that are queued. Runs under way go on. @throws {NotFoundError} There is none. */
  disable(name: string, options: ScheduleChangeOptions = {}): Promise<Schedule> {
    return this.#change(
      name,
      options,
      (record, change) => setEnabled(record, false, change, this.runtime.timingOf(name)),
    );
  }

  /**
   * Deletes a schedule with its history; its jobs stay. One that code declares is made anew when such a program
   * starts: `disable` lasts.
   *
   * @throws {NotFoundError} There is no such schedule.
   */
  async remove(name: string, { onChanged, ...who }: ScheduleChangeOptions = {}): Promise<void> {
    checkBy(who);
    const { table } = await this.runtime.place();
    const changed = await table.change([name], this.runtime.clock.now(), () => null);
    this.#tell(name, changed.get(name) ?? notFound(name), onChanged);
  }

  /**
   * Adds a job of the schedule now, also if it is disabled or a run has not ended. Its ticks come as before.
   *
   * @returns The job's id.
   * @throws {NotFoundError} There is no such schedule.
   * @throws {InputTypeError | InputRangeError} Its job is refused, or its handler is not in code; nothing was stored.
   */
  async trigger(name: string, options: By = {}): Promise<string> {
    const by = checkBy(options);
    const { store, table } = await this.runtime.place();
    const at = this.runtime.clock.now();
    const tail = crypto.randomUUID().slice(0, 8);
    const run = { at, tail, ...(by === null ? {} : { by }) };
    for (;;) {
      const stored = readable(name, await table.read(name));
      const { host, declarations } = this.runtime;
      if (stored.record.definition.job === null && !stored.record.inCode) {
        throw new InputTypeError("name", "names a schedule that is not in code: nothing would run its job");
      }
      const job = await host.build(requestOf(name, stored.record, run, declarations.get(name)?.job));
      const record = withRuns(stored.record, [[at, null, tail]]);
      try {
        await store.commit({ put: [table.put(stored, record)], insert: [{ job }] }, at);
      } catch (error) {
        if (error instanceof VersionConflictError) continue; // a tick, say, was faster
        throw error;
      }
      host.emit("added", job);
      host.emit("schedule", { name, change: "triggered" });
      return job.id;
    }
  }

  #change(
    name: string,
    options: ScheduleChangeOptions,
    change: (record: ScheduleRecord, change: Change) => ScheduleRecord,
  ): Promise<Schedule> {
    return this.#write(name, options, (stored, who) => change(readable(name, stored).record, who));
  }

  async #write(
    name: string,
    { onChanged, ...who }: ScheduleChangeOptions,
    next: (stored: StoredSchedule | null, change: Change) => ScheduleRecord,
  ): Promise<Schedule> {
    const change = { at: this.runtime.clock.now(), by: checkBy(who) };
    const { store, table } = await this.runtime.place();
    const changed = (await table.change([name], change.at, (_, stored) => next(stored, change))).get(name);
    if (changed === undefined || changed.after === null) return await this.get(name) ?? notFound(name);
    this.#tell(name, changed, onChanged);
    return await this.#show(store, { name, record: changed.after, flaw: null });
  }

  #tell(name: string, changed: ChangedSchedule, onChanged: ScheduleChangeOptions["onChanged"]): void {
    this.runtime.changed(name, changed);
    const { before, after } = changed;
    if (before === null || onChanged === undefined) return;
    const show = (stored: ShownSchedule) => toSchedule(stored, this.#timingOf(stored), new Map());
    onChanged(show(before), after === null ? null : show({ name, record: after, flaw: null }));
  }

  /** Refuses a job that `add` would refuse. */
  async #tryJob({ type, data, options }: Parameters<SchedulerRuntime["host"]["build"]>[0]): Promise<void> {
    await this.runtime.host.build({ type, data, ...(options === undefined ? {} : { options }) });
  }

  async #show(store: Store, stored: ShownSchedule): Promise<Schedule> {
    const { name, record } = stored;
    const jobs = await Promise.all(
      openJobs(name, record).map(async (id): Promise<[string, Job | null]> => [id, await store.get(id)]),
    );
    return toSchedule(stored, this.#timingOf(stored), new Map(jobs));
  }

  #timingOf({ name, record }: ShownSchedule): Timing | { message: string } {
    try {
      return this.runtime.timingOf(name)(record.definition, record.createdAt);
    } catch (error) {
      if (!isInputError(error)) throw error;
      return { message: error.issues[0]?.message ?? error.message };
    }
  }
}

/** At most `count` ticks from `first` on. */
function ticksFrom(timing: Timing, first: number | null, count: number): number[] {
  const ticks: number[] = [];
  for (let tick = first; tick !== null && ticks.length < count; tick = timing.next(tick)) ticks.push(tick);
  return ticks;
}

function existing(name: string, stored: StoredSchedule | null): StoredSchedule {
  return stored ?? notFound(name);
}

/** @throws {InputTypeError} What is stored cannot be read. */
function readable(name: string, stored: StoredSchedule | null): StoredSchedule {
  const found = existing(name, stored);
  if (found.flaw === null) return found;
  throw new InputTypeError("name", `names a schedule that is broken: ${found.flaw}`);
}

function notFound(name: string): never {
  throw new NotFoundError("schedule", name);
}
