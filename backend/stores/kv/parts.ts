import type { Job } from "../../lib/job.ts";
import { Batch, type Write } from "./batch.ts";
import { readJob } from "./bundles.ts";
import { decode, encode, type PartRef, type PartRefs, toText, uuidTime } from "./codec.ts";
import type { Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { getAll } from "./get-all.ts";

/** Data or a result above this many bytes lies in pieces of its own, so that a record always fits a KV value. */
export const LARGE = 16_384;
/** Bytes of a piece; a KV value ends at 65,536. */
const PIECE = 60_000;
/** Pieces whose record has not come after this long never get one: their process died. */
const ORPHAN_AFTER_MS = 3_600_000;

/** A job's values, cut where they are too large for its record. */
export interface Cut {
  parts: PartRefs;
  /** The pieces to store before the record. */
  pieces: Entry[];
  /** The first piece of each value: it must still be there when the record is stored. */
  firsts: Deno.KvKey[];
}

/** Nothing was cut off: most jobs. */
export const UNCUT: Cut = Object.freeze({ parts: {}, pieces: [], firsts: [] });

function isSmall(value: unknown): boolean {
  return value === null || value === undefined || roughSize(value, LARGE) <= LARGE;
}

/** Cuts those of `data` and `result` that are large. `seq` and `token` name the pieces. */
export function cut(
  context: Context,
  seq: string,
  values: { data?: unknown; result?: unknown },
  token: () => string,
): Cut {
  if (isSmall(values.data) && isSmall(values.result)) return UNCUT;
  const made: Cut = { parts: {}, pieces: [], firsts: [] };
  for (const name of ["data", "result"] as const) {
    const value = values[name];
    if (isSmall(value)) continue;
    const bytes = encode(value);
    const ref: PartRef = { token: token(), count: Math.ceil(bytes.length / PIECE) };
    for (let n = 0; n < ref.count; n++) {
      const piece = bytes.subarray(n * PIECE, (n + 1) * PIECE);
      made.pieces.push([context.keys.part(seq, ref.token, n), piece]);
    }
    made.firsts.push(context.keys.part(seq, ref.token, 0));
    made.parts[name] = ref;
  }
  return made;
}

/** An upper bound of the bytes of `value` as JSON, counted no further than a little above `enough`. */
function roughSize(value: unknown, enough: number): number {
  let size = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && size <= enough) {
    const next = waiting.pop();
    if (typeof next === "string") {
      size += next.length + 2;
      // A character takes up to three bytes, a control character or quote up to six.
      if (next.length * 6 > LARGE - size) size += encode(next).length - next.length;
    } else if (typeof next === "object" && next !== null) {
      if ("toJSON" in next) size += encode(next).length;
      else {
        for (const [name, inner] of Object.entries(next)) {
          size += Array.isArray(next) ? 1 : name.length * 6 + 4;
          waiting.push(inner);
        }
      }
      size += 2;
    } else {
      size += 24;
    }
  }
  return size;
}

/** Stores pieces, in as many commits as it takes. */
export async function storePieces({ submitAdd }: Context, pieces: readonly Entry[]): Promise<void> {
  await Promise.all(pieces.map((piece) =>
    new Promise<void>((resolve, reject) => {
      const write: Write = {
        build: (batch: Batch) => reserveAndSet(batch, [piece]),
        committed: () => resolve(),
        fenced: () => false,
        failed: reject,
        uncertain: reject,
      };
      submitAdd(write);
    })
  ));
}

/** Checks that the first piece of each cut value is there: a sweep may have taken it for an orphan. */
export async function checksOf({ kv }: Context, firsts: readonly Deno.KvKey[]): Promise<Deno.AtomicCheck[]> {
  const checks: Deno.AtomicCheck[] = [];
  for (const key of firsts) {
    const { versionstamp } = await kv.get(key);
    checks.push({ key, versionstamp });
  }
  return checks;
}

/** True if a value lies in pieces. */
export function hasParts(parts: PartRefs): boolean {
  return parts.data !== undefined || parts.result !== undefined;
}

/** Returns `job` with the values that lie in pieces. @throws {TypeError} A piece is missing. */
export async function withParts(kv: Deno.Kv, context: Context, job: Job, parts: PartRefs): Promise<Job> {
  const [whole] = await allWithParts(kv, context, [{ job, parts }]);
  if (!whole) throw new TypeError(`Cannot read job "${job.seq}": a part of it is missing`);
  return whole;
}

/** The like for many jobs, read together; null in the place of one a piece of which is missing. */
export async function allWithParts<T extends Job>(
  kv: Deno.Kv,
  context: Context,
  stored: readonly { job: T; parts: PartRefs }[],
): Promise<(T | null)[]> {
  const keys = stored.flatMap(({ job, parts }) => pieceKeys(context, job.seq, parts));
  const entries = (await getAll<Uint8Array>(kv, keys)).values();
  return stored.map(({ job, parts }) => {
    const data = joined(parts.data, entries);
    const result = joined(parts.result, entries);
    if (data === "missing" || result === "missing") return null;
    return { ...job, ...(data && { data: data.value }), ...(result && { result: result.value }) };
  });
}

/** The value whose pieces come next. Null: it does not lie in pieces. */
function joined(
  ref: PartRef | undefined,
  entries: Iterator<Deno.KvEntryMaybe<Uint8Array>>,
): { value: unknown } | "missing" | null {
  if (ref === undefined) return null;
  const pieces = Array.from({ length: ref.count }, () => entries.next().value?.value ?? null);
  const whole = pieces.filter((piece) => piece !== null);
  if (whole.length < pieces.length) return "missing";
  const bytes = new Uint8Array(whole.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of whole) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { value: decode(bytes) };
}

/** The keys of the pieces that `parts` names. */
export function pieceKeys({ keys }: Context, seq: string, parts: PartRefs): Deno.KvKey[] {
  return [parts.data, parts.result].flatMap((ref) =>
    ref === undefined ? [] : Array.from({ length: ref.count }, (_, n) => keys.part(seq, ref.token, n))
  );
}

/** Deletes pieces whose record never came: a process died between the two. @returns How many. */
export async function sweepOrphans(context: Context, now: number): Promise<number> {
  const { reads, keys, committer } = context;
  let swept = 0;
  for await (const entry of reads.list({ prefix: keys.allParts() }, { batchSize: 20 })) {
    const [seq, token] = entry.key.slice(-3).map(String);
    if (seq === undefined || token === undefined || now - uuidTime(token) < ORPHAN_AFTER_MS) continue;
    const { record, check } = await readJob(reads, keys, seq);
    if (record !== null && (typeof record === "string" ? record : toText(record)).includes(token)) continue;
    await new Promise<void>((resolve, reject) =>
      committer.submit({
        build: (batch) => reserveAndSet(batch, [], [entry.key], [entry, check]),
        committed: () => (swept++, resolve()),
        conflict: () => resolve(), // the record came, or the sweep of another process was first
        fenced: () => (resolve(), true),
        failed: reject,
      })
    );
  }
  return swept;
}
