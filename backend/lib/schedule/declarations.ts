import type { JobDefinition } from "../define-job.ts";
import { isInputError } from "../errors.ts";
import { utf8Length } from "../json.ts";
import type { Log } from "../log.ts";
import type { Declaration } from "./definition.ts";
import { create, declare, type ScheduleRecord, type TimingOf } from "./record.ts";
import type { StoredSchedule } from "./stored.ts";
import type { ChangedSchedule, ScheduleTable } from "./table.ts";

/** A schedule of this program's code. */
export interface Declared {
  declaration: Declaration;
  /** The definition of the job it adds, if code gave one. */
  job: JobDefinition | undefined;
  /** When code declared it, epoch milliseconds. */
  at: number;
}

/** What is needed to store declarations. */
export interface StoreDeclarations {
  table: ScheduleTable;
  now: number;
  /** From when on ticks of a schedule that is declared now are late, not missed. */
  since: number;
  timingOf: (name: string) => TimingOf;
  log: Log;
}

/** The most bytes of JSON that go into one commit, and what a record takes besides what code says. */
const BATCH_BYTES = 250_000;
const RECORD_BYTES = 20_000;

/** The schedules that this program declares, and which of them have still to be compared with what is stored. */
export class Declarations {
  readonly #all = new Map<string, Declared>();
  readonly #since = new Map<string, number>();
  readonly #pending = new Set<string>();

  add(name: string, declared: Declared): void {
    this.#all.set(name, declared);
    this.#pending.add(name);
  }

  get(name: string): Declared | undefined {
    return this.#all.get(name);
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  /** From when on ticks of this schedule are late at the most: before, this process did not know it. */
  sinceOf(name: string): number {
    return this.#since.get(name) ?? -Infinity;
  }

  /** What is stored says that `name` is not in code: it will be told again. */
  tellAgain(name: string): void {
    if (this.#all.has(name)) this.#pending.add(name);
  }

  /** Compares what is new with what is stored, and stores it. @returns What has changed. */
  async store(options: StoreDeclarations): Promise<Map<string, ChangedSchedule>> {
    const changed = new Map<string, ChangedSchedule>();
    for (const names of this.#batches()) {
      const batch = await options.table.change(
        names,
        options.now,
        (name, stored) => this.#compare(name, stored, options),
      );
      for (const name of names) {
        this.#pending.delete(name);
        this.#since.set(name, options.since);
      }
      for (const [name, schedule] of batch) changed.set(name, schedule);
    }
    return changed;
  }

  #compare(
    name: string,
    stored: StoredSchedule | null,
    { now, timingOf, log }: StoreDeclarations,
  ): ScheduleRecord | undefined {
    const declared = this.#all.get(name);
    if (declared === undefined) return undefined;
    try {
      return stored === null || stored.flaw !== null
        ? create(declared.declaration, { at: declared.at, by: null }, {
          fromCode: true,
          timingOf: timingOf(name),
        })
        : declare(stored.record, declared.declaration, now, timingOf(name));
    } catch (error) {
      if (!isInputError(error)) throw error;
      log.error('Cannot tell what became of schedule "{name}": {error}', { name, error }); // what is stored is broken
      return undefined;
    }
  }

  #batches(): string[][] {
    const batches: string[][] = [];
    let room = 0;
    for (const name of this.#pending) {
      const bytes = RECORD_BYTES + 2 * utf8Length(JSON.stringify(this.#all.get(name)?.declaration));
      if (batches.length === 0 || bytes > room) {
        batches.push([]);
        room = BATCH_BYTES;
      }
      batches.at(-1)?.push(name);
      room -= bytes;
    }
    return batches;
  }
}
