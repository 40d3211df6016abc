import { VersionConflictError } from "./errors.ts";
import type { Store, StoredRecord } from "./store.ts";

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
  const expired = (await store.records(kind)).filter(({ value }) => hasExpired(value, now));
  if (dryRun) return expired.length;
  let total = 0;
  for (let at = 0; at < expired.length; at += AT_ONCE) {
    signal?.throwIfAborted();
    const some = expired.slice(at, at + AT_ONCE);
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
