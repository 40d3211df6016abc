import { VersionConflictError } from "../errors.ts";
import type { RecordPut, Store, StoredRecord } from "../store.ts";
import type { ScheduleRecord } from "./record.ts";
import { readStored, type StoredSchedule } from "./stored.ts";

const KIND = "schedule";
const REVISION = { kind: "schedule-revision", key: "all" };

/** Names of changed schedules that the revision holds: who has not missed more need not read all anew. */
const KEPT_NAMES = 100;

/** Tries of a change: whenever one fails, another one was stored. */
const MOST_TRIES = 1_000;

/** What changed in the table, as one who looks from time to time needs it. */
export interface Revision {
  /** How many changes there have been; a tick is none. */
  readonly count: number;
  /** The names of the last ones, oldest first. */
  readonly names: readonly string[];
}

/** A schedule that was changed. */
export interface ChangedSchedule {
  /** What the change was made of; null: there was none of this name. */
  readonly before: StoredSchedule | null;
  /** null: it is gone. */
  readonly after: ScheduleRecord | null;
  /** Which change it is, of all: the `count` of the revision from then on. */
  readonly revision: number;
}

/** What a record is to become: another one, nothing, or what it is (undefined). */
export type Next = ScheduleRecord | null | undefined;

/** The schedules in the store. */
export class ScheduleTable {
  readonly #store: Store;
  readonly #writer = crypto.randomUUID().slice(0, 8);
  #writes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The schedule of this name; null if there is none. */
  async read(name: string): Promise<StoredSchedule | null> {
    const stored = await this.#store.record(KIND, name);
    return stored === null ? null : readStored(stored);
  }

  /** All schedules, by name. */
  async readAll(): Promise<StoredSchedule[]> {
    return (await this.#store.records(KIND)).map(readStored);
  }

  /** The last revision. */
  async revision(): Promise<Revision> {
    return revisionOf(await this.#store.record(REVISION.kind, REVISION.key));
  }

  /** The write that makes `record` of the schedule that was read as `stored`. */
  put({ name, version }: StoredSchedule, record: ScheduleRecord): RecordPut {
    return { kind: KIND, key: name, value: this.#signed(record), expect: version };
  }

  /**
   * Changes schedules as `change` says, all or none, and says so in the revision. Should another process be faster,
   * `change` is called again with what is stored then; what it throws is thrown here, and nothing changes.
   *
   * @returns Those that changed, as they were and as they have become.
   */
  async change(
    names: readonly string[],
    now: number,
    change: (name: string, stored: StoredSchedule | null) => Next,
  ): Promise<Map<string, ChangedSchedule>> {
    for (let tries = 1;; tries++) {
      const [last, found] = await Promise.all([
        this.#store.record(REVISION.kind, REVISION.key),
        Promise.all(names.map((name) => this.read(name))),
      ]);
      const { count, names: before } = revisionOf(last);
      const changed = new Map<string, ChangedSchedule>();
      const put: RecordPut[] = [];
      for (const [i, name] of names.entries()) {
        const stored = found[i] ?? null;
        const next = change(name, stored);
        if (next === undefined || next === stored?.record || (next === null && stored === null)) continue;
        changed.set(name, { before: stored, after: next, revision: count + changed.size + 1 });
        const value = next === null ? undefined : this.#signed(next);
        put.push({ kind: KIND, key: name, value, expect: stored?.version ?? null });
      }
      if (changed.size === 0) return changed;
      const value: Revision = {
        count: count + changed.size,
        names: [...before, ...changed.keys()].slice(-KEPT_NAMES),
      };
      put.push({ ...REVISION, value: this.#signed(value), expect: last?.version ?? null });
      try {
        await this.#store.commit({ put }, now);
        return changed;
      } catch (error) {
        if (!(error instanceof VersionConflictError) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /**
   * `value` as no other write has it. Two schedulers make the same of a tick, as two people who remove a schedule do of
   * the revision, and a store that looks up whether its write was stored must not take the other's for its own.
   */
  #signed<T extends object>(value: T): T & { readonly writtenBy: string } {
    return { ...value, writtenBy: `${this.#writer}-${this.#writes++}` };
  }
}

/** The changes between two revisions: which each is, and the name it was of; null: more than are known. */
export function changedSince(before: Revision, after: Revision): ReadonlyMap<number, string> | null {
  const missed = after.count - before.count;
  if (missed < 0 || missed > after.names.length) return null;
  const names = after.names.slice(after.names.length - missed);
  return new Map(names.map((name, i) => [before.count + 1 + i, name]));
}

function revisionOf(stored: StoredRecord | null): Revision {
  const { count, names } = stored === null ? { count: 0, names: [] } : stored.value as Revision;
  return { count, names };
}
