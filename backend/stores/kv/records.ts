import { InputRangeError, VersionConflictError } from "../../lib/errors.ts";
import type { Insert, RecordPut, StoredRecord } from "../../lib/store.ts";
import { Addition, type AdditionEnd } from "./addition.ts";
import { costOf } from "./batch.ts";
import { decode, encode } from "./codec.ts";
import { commit, type Context, Fenced, untilStored } from "./context.ts";
import { type Entry, tellingsOf } from "./entries.ts";
import { getAll } from "./get-all.ts";
import { type Request, request } from "./insert.ts";
import { type Look, look } from "./insert-checked.ts";
import { storePieces } from "./parts.ts";

/** One record; null if there is none. */
export async function readRecordOf(
  { reads, keys }: Context,
  kind: string,
  key: string,
): Promise<StoredRecord | null> {
  const entry = await reads.get<Uint8Array>(keys.record(kind, key));
  return entry.value === null ? null : { key, value: decode(entry.value), version: entry.versionstamp };
}

/** All records of a kind, by key. */
export async function listRecords({ reads, keys }: Context, kind: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const entry of reads.list<Uint8Array>({ prefix: keys.recordsOf(kind) })) {
    const { key, value, versionstamp } = entry;
    records.push({ key: String(key.at(-1)), value: decode(value), version: versionstamp });
  }
  return records;
}

/** The last records of a kind, the greatest key first. */
export async function readRecordPage(
  { reads, keys }: Context,
  kind: string,
  { before, limit }: { before?: string; limit: number },
): Promise<StoredRecord[]> {
  const prefix = keys.recordsOf(kind);
  const range = before === undefined ? { prefix } : { prefix, end: [...prefix, before] };
  const records: StoredRecord[] = [];
  for await (const entry of reads.list<Uint8Array>(range, { reverse: true, limit })) {
    const { key, value, versionstamp } = entry;
    records.push({ key: String(key.at(-1)), value: decode(value), version: versionstamp });
  }
  return records;
}

/** What versions look like. */
const VERSION = /^[0-9a-f]{20}$/;

/** The most one commit of records and jobs may hold; KV ends at 1,000 mutations and 819,200 bytes. */
const LIMITS = { mutations: 400, bytes: 400_000, checks: 80 };

/**
 * Writes records and adds jobs in one commit. Jobs that exist, or whose unique key is held, are left out.
 *
 * @throws {VersionConflictError} A record is not at its expected version.
 * @throws {InputRangeError} It is more than one commit can hold.
 */
export async function commitRecords(
  context: Context,
  change: { put: readonly RecordPut[]; insert?: readonly Insert[] },
  now: number,
  token: () => string,
): Promise<void> {
  const puts = [...change.put];
  for (const { kind, key, expect } of puts) {
    // KV refuses such a check altogether, and with it the whole commit.
    if (expect !== null && !VERSION.test(expect)) throw new VersionConflictError(kind, key);
  }
  const requests = (change.insert ?? []).map((item) => request(context, item, token));
  const writes = puts.map(({ kind, key, value }): [Deno.KvKey, Uint8Array | null] => [
    context.keys.record(kind, key),
    value === undefined ? null : encode(value),
  ]);
  await storePieces(context, requests.flatMap((request) => request.cut.pieces));
  let refused: unknown = null;
  await untilStored(async () => {
    // Mostly all is as expected, and the commit itself tells: only what it refuses is looked up.
    if (refused !== null) {
      if (refused instanceof Fenced && await isApplied(context, writes)) return;
      await checkVersions(context, puts);
    }
    const looks = requests.map((request) =>
      (refused === null ? assumeNew(context, request) : null) ??
        look(context, { ...request, onConflict: "keep" }, now)
    );
    try {
      await commitOnce(context, puts, writes, requests, await Promise.all(looks));
    } catch (error) {
      refused = error;
      throw error;
    }
  });
}

/**
 * True if every record is as it was to be: a commit whose answer was lost before the process was declared dead. One
 * that only deletes is not known by that: somebody else may have deleted the same.
 */
async function isApplied(
  { kv }: Context,
  writes: readonly [Deno.KvKey, Uint8Array | null][],
): Promise<boolean> {
  const entries = await getAll<Uint8Array>(kv, writes.map(([key]) => key));
  return writes.some(([, value]) => value !== null) && writes.every(([, value], i) => {
    const stored = entries[i]?.value ?? null;
    return stored === null || value === null ? stored === value : String(stored) === String(value);
  });
}

async function checkVersions({ kv, keys }: Context, puts: readonly RecordPut[]): Promise<void> {
  const entries = await getAll(kv, puts.map(({ kind, key }) => keys.record(kind, key)));
  for (const [i, { kind, key, expect }] of puts.entries()) {
    if (entries[i]?.versionstamp !== expect) throw new VersionConflictError(kind, key);
  }
}

/** What `look` finds of a job whose id and key nobody holds; null if that depends on what is stored. */
function assumeNew({ keys }: Context, { job, cut }: Request): Look | null {
  if (cut.firsts.length > 0) return null;
  const taken = [
    ...(job.id === job.seq ? [] : [keys.alias(job.id)]),
    ...(job.unique === null ? [] : [keys.unique(job.unique.key)]),
  ];
  return { checks: taken.map((key) => ({ key, versionstamp: null })) };
}

async function commitOnce(
  context: Context,
  puts: readonly RecordPut[],
  writes: readonly [Deno.KvKey, Uint8Array | null][],
  requests: readonly Request[],
  looks: readonly Look[],
): Promise<void> {
  const additions: Addition[] = [];
  const subjects = new Set<string>();
  const ended: AdditionEnd = { error: undefined, stored() {}, again() {}, failed() {} };
  for (const [i, request] of requests.entries()) {
    const found = looks[i];
    if (found === undefined || !("checks" in found)) continue;
    const addition = new Addition(context, request.job, request.data, request.cut, ended);
    addition.checks = found.checks;
    addition.isApart = true;
    // Two jobs of one id or key in one commit would both pass their checks: the first counts.
    if (addition.subjects.some((subject) => subjects.has(subject))) continue;
    for (const subject of addition.subjects) subjects.add(subject);
    additions.push(addition);
  }
  const sets = writes.flatMap(([key, value]): Entry[] => value === null ? [] : [[key, value]]);
  const gone = writes.flatMap(([key, value]) => value === null ? [key] : []);
  const cost = costOf(sets, gone, puts.length);
  for (const addition of additions) {
    for (const name of ["mutations", "bytes", "keyBytes", "checks"] as const) {
      cost[name] += addition.cost[name];
    }
  }
  for (const name of ["mutations", "bytes", "checks"] as const) {
    if (cost[name] > LIMITS[name]) {
      throw new InputRangeError("commit", `holds ${cost[name]} ${name}; one commit takes ${LIMITS[name]}`);
    }
  }
  await commit(context, {
    build(batch) {
      if (
        !batch.own([
          ...writes.map(([key]) => String(key)),
          ...subjects,
        ])
      ) {
        return false;
      }
      const tellings = additions.flatMap(({ job }) => tellingsOf(batch, null, job));
      if (!batch.reserve(cost, additions.flatMap(({ placings }) => placings), tellings)) return false;
      puts.forEach(({ expect }, i) => {
        const [key, value] = writes[i] ?? [];
        if (key === undefined) return;
        batch.op.check({ key, versionstamp: expect });
        if (value === null || value === undefined) batch.op.delete(key);
        else batch.op.set(key, value);
      });
      for (const addition of additions) addition.put(batch);
      return true;
    },
    committed: () => additions.forEach((addition) => addition.committed()),
  });
}
