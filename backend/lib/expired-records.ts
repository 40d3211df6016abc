import { VersionConflictError } from "./errors.ts";
import type { Store, StoredRecord } from "./store.ts";

/** Records read at once: a kind may have any number of them. */
const PAGE = 500;

/** Records deleted side by side; a store may join their commits. */
const AT_ONCE = 50;

/** How expired records are deleted. */
interface ExpiredSweep {
  /** Epoch milliseconds. */
  now: number;
  dryRun: boolean;
  signal: AbortSignal | undefined;
}

/** Deletes the records of `kind` that say themselves that they have expired. @returns How many. */
export async function deleteExpired(
  store: Store,
  kind: string,
  { now, dryRun, signal }: ExpiredSweep,
): Promise<number> {
  let total = 0;
  for (let page = await store.recordPage(kind, { limit: PAGE });;) {
    const expired = page.filter(({ value }) => hasExpired(value, now));
    if (dryRun) total += expired.length;
    else total += await deleteAll(store, kind, expired, { now, signal });
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return total;
    page = await store.recordPage(kind, { before: last.key, limit: PAGE });
  }
}

async function deleteAll(
  store: Store,
  kind: string,
  records: readonly StoredRecord[],
  { now, signal }: Pick<ExpiredSweep, "now" | "signal">,
): Promise<number> {
  let total = 0;
  for (let at = 0; at < records.length; at += AT_ONCE) {
    signal?.throwIfAborted();
    const some = records.slice(at, at + AT_ONCE);
    const deleted = await Promise.all(some.map((record) => deleteRecord(store, kind, record, now)));
    total += deleted.filter(Boolean).length;
  }
  return total;
}

function hasExpired(value: unknown, now: number): boolean {
  if (typeof value !== "object" || value === null || !("expiresAt" in value)) return false;
  return typeof value.expiresAt === "number" && value.expiresAt <= now;
}

/** @returns False if it is not as it was read: prolonged, or deleted by somebody else. */
async function deleteRecord(
  store: Store,
  kind: string,
  { key, version }: StoredRecord,
  now: number,
): Promise<boolean> {
  try {
    await store.commit({ put: [{ kind, key, value: undefined, expect: version }] }, now);
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
}
