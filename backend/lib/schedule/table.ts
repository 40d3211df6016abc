import { VersionConflictError } from "../errors.ts";
import type { RecordPut, Store, StoredRecord } from "../store.ts";
import type { ScheduleRecord } from "./record.ts";
import { readStored, type SignedRecord, type StoredSchedule } from "./stored.ts";

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
   * @returns What those that changed have become.
   */
  async change(
    names: readonly string[],
    now: number,
    change: (name: string, stored: StoredSchedule | null) => Next,
  ): Promise<Map<string, ScheduleRecord | null>> {
    for (let tries = 1;; tries++) {
      const [last, found] = await Promise.all([
        this.#store.record(REVISION.kind, REVISION.key),
        Promise.all(names.map((name) => this.read(name))),
      ]);
      const changed = new Map<string, ScheduleRecord | null>();
      const put: RecordPut[] = [];
      for (const [i, name] of names.entries()) {
        const stored = found[i] ?? null;
        const next = change(name, stored);
        if (next === undefined || next === stored?.record || (next === null && stored === null)) continue;
        changed.set(name, next);
        const value = next === null ? undefined : this.#signed(next);
        put.push({ kind: KIND, key: name, value, expect: stored?.version ?? null });
      }
      if (changed.size === 0) return changed;
      const { count, names: before } = revisionOf(last);
      const value: Revision = {
        count: count + changed.size,
        names: [...before, ...changed.keys()].slice(-KEPT_NAMES),
      };
      put.push({ ...REVISION, value, expect: last?.version ?? null });
      try {
        await this.#store.commit({ put }, now);
        return changed;
      } catch (error) {
        if (!(error instanceof VersionConflictError) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /**
   * `record` as no other write has it. Two schedulers make the same of a tick, and a store that looks up whether its
   * write was stored must not take the other's for its own.
   */
  #signed(record: ScheduleRecord): SignedRecord {
    return { ...record, writtenBy: `${this.#writer}-${this.#writes++}` };
  }
}

/** The names that changed between two revisions; null: more than are known. */
export function changedSince(before: Revision, after: Revision): readonly string[] | null {
  const missed = after.count - before.count;
  if (missed < 0 || missed > after.names.length) return null;
  return missed === 0 ? [] : [...new Set(after.names.slice(-missed))];
}

function revisionOf(stored: StoredRecord | null): Revision {
  return stored === null ? { count: 0, names: [] } : stored.value as Revision;
}
