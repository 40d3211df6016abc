import { VersionConflictError } from "../../lib/errors.ts";
import type { RecordPut, StoredRecord } from "../../lib/store.ts";
import { entryOf, type MemoryData } from "./data.ts";
import { byText } from "./read.ts";

/** All records of `kind`, by key. */
export function recordsOf({ records }: MemoryData, kind: string): StoredRecord[] {
  return [...records.get(kind)?.values() ?? []].sort((a, b) => byText(a.key, b.key));
}

/** The last records of `kind`, the greatest keys first. */
export function lastRecords(
  data: MemoryData,
  kind: string,
  { before, limit }: { before?: string; limit: number },
): StoredRecord[] {
  return recordsOf(data, kind).filter(({ key }) => before === undefined || key < before).reverse()
    .slice(0, limit);
}

/** Writes all records of `put`. @throws {VersionConflictError} One is not as expected; none is written. */
export function putRecords(data: MemoryData, put: readonly RecordPut[]): void {
  for (const { kind, key, expect } of put) {
    const version = data.records.get(kind)?.get(key)?.version ?? null;
    if (version !== expect) throw new VersionConflictError(kind, key);
  }
  for (const { kind, key, value } of put) {
    const records = entryOf(data.records, kind, () => new Map<string, StoredRecord>());
    if (value === undefined) records.delete(key);
    else records.set(key, { key, value, version: data.newToken() });
  }
}
