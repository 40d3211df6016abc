import { type AuditEntry, type AuditNote, changesOf } from "./audit-entry.ts";
import { VersionConflictError } from "./errors.ts";
import { decodeCursor, encodeCursor, SCAN_LIMIT } from "./filter.ts";
import { createSeq, firstSeq } from "./ids.ts";
import { checkPage, type PageOptions } from "./queries.ts";
import type { Queue } from "./queue.ts";
import type { QueueHost } from "./queue-host.ts";
import type { Store, StoredRecord } from "./store.ts";

const KIND = "audit";

/** Entries read at once. */
const PAGE = 200;

/** Entries deleted in one commit. */
const DELETED_AT_ONCE = 50;

/** Who asks for a change. */
export interface AuditActor {
  by: string;
  requestId: string | null;
}

/** Which entries a list shows. All given conditions must hold. */
export interface AuditFilter {
  /** `job` means every action on jobs, `job.cancel` that one. */
  action?: string;
  subject?: string;
  by?: string;
}

/** One page of entries. */
export interface AuditPage {
  entries: AuditEntry[];
  /** Where to go on; null at the end. */
  nextCursor: string | null;
  /** How many entries were read to fill the page. */
  scanned: number;
}

/** Who changed what and when, in the store of a queue. */
export class AuditLog {
  readonly #host: QueueHost;
  readonly #nextId = createSeq();

  constructor(queue: Pick<Queue, "host">) {
    this.#host = queue.host();
  }

  /** Adds an entry. Resolves when it is stored durably. */
  async add(note: AuditNote, { by, requestId }: AuditActor): Promise<void> {
    const store = await this.#host.store();
    const at = this.#host.clock.now();
    const { action, subject } = note;
    const value: Omit<AuditEntry, "id"> = { at, by, action, subject, requestId, ...changesOf(note) };
    await store.commit({ put: [{ kind: KIND, key: this.#nextId(at), value, expect: null }] }, at);
  }

  /**
   * One page, newest first. At most 2,000 entries are read; the cursor then goes on behind them.
   *
   * @throws {InputTypeError | InputRangeError} Limit or cursor is wrong.
   */
  async page(filter: AuditFilter = {}, options: PageOptions = {}): Promise<AuditPage> {
    const { limit, cursor } = checkPage(options);
    const { action = null, subject = null, by = null } = filter;
    const list = [KIND, action, subject, by];
    let before = cursor === undefined ? undefined : String(decodeCursor(list, cursor));
    const store = await this.#host.store();
    const entries: AuditEntry[] = [];
    for (let scanned = 0;;) {
      const records = await store.recordPage(KIND, {
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      for (const record of records) {
        const entry = entryOf(record);
        before = record.key;
        scanned++;
        if (matches(entry, filter)) entries.push(entry);
        if (entries.length < limit && scanned < SCAN_LIMIT) continue;
        return { entries, nextCursor: encodeCursor(list, before), scanned };
      }
      if (records.length < PAGE) return { entries, nextCursor: null, scanned };
    }
  }
}

/**
 * Deletes the entries made before `before` (epoch milliseconds). Several processes may do so at once.
 *
 * @returns How many.
 */
export async function pruneAudit(
  store: Store,
  { before, now }: { before: number; now: number },
): Promise<number> {
  let total = 0;
  for (let end = firstSeq(before);;) {
    const records = await store.recordPage(KIND, { before: end, limit: DELETED_AT_ONCE });
    const last = records.at(-1);
    if (last === undefined) return total;
    try {
      await store.commit({
        put: records.map(({ key, version }) => ({ kind: KIND, key, value: undefined, expect: version })),
      }, now);
      total += records.length;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error; // another process was faster
    }
    end = last.key;
  }
}

function entryOf({ key, value }: StoredRecord): AuditEntry {
  return { ...value as Omit<AuditEntry, "id">, id: key };
}

function matches(entry: AuditEntry, { action, subject, by }: AuditFilter): boolean {
  return (action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (subject === undefined || entry.subject === subject) &&
    (by === undefined || entry.by === by);
}
