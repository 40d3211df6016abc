import { isFinal, type Job } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import { costOf } from "./batch.ts";
import { encodeJob, type PartRefs } from "./codec.ts";
import type { Context } from "./context.ts";
import type { Keys } from "./keys.ts";

/** Records up to this many bytes are kept in `ready` and `due` too, so that a claim needs no second read. */
const INLINE = 2_048;
const EMPTY = new Uint8Array(0);
/** The value of a `done` entry whose job has a time of keeping of its own, so that a sweep can pass over it. */
const KEPT = new Uint8Array([1]);

/** One key with what it is to be. */
export type Entry = readonly [Deno.KvKey, Uint8Array];

/** Where a job that is not running stands: its entry in `ready`, `due` or `done`. */
export function placeKey(keys: Keys, job: Job): Deno.KvKey {
  if (job.status === "pending") return keys.ready(job);
  if (isFinal(job.status)) return keys.done(job.type, job.status, job.finishedAt ?? job.updatedAt, job.seq);
  return keys.due(job.scheduledAt, job.seq);
}

/** The other indexes a job is in, most jobs in none. */
export function sideKeys(keys: Keys, job: Job): Deno.KvKey[] {
  if (job.tags.length === 0 && job.keepFor === null && job.expiresAt === null) return NONE;
  const side = job.tags.map((tag) => keys.tag(tag, job));
  if (job.expiresAt !== null && !isFinal(job.status)) side.push(keys.expiry(job.expiresAt, job.seq));
  if (job.keepFor !== null && isFinal(job.status)) {
    side.push(keys.keep((job.finishedAt ?? job.updatedAt) + job.keepFor, job.seq));
  }
  return side;
}

const NONE: Deno.KvKey[] = [];

/** What must be written and deleted so that a job's record and indexes say `after`. */
export interface Rewrite {
  record: Uint8Array;
  entries: Entry[];
  gone: Deno.KvKey[];
}

/** The rewrite that makes `before` (null: a new job) into `after`, which is not running. A running job has no place. `data`: see `encodeJob`. */
export function rewrite(
  keys: Keys,
  before: Job | null,
  after: Job,
  parts: PartRefs,
  data?: string,
): Rewrite {
  const record = encodeJob(after, parts, data);
  const inline = isFinal(after.status)
    ? after.keepFor === null ? EMPTY : KEPT
    : record.length > INLINE
    ? EMPTY
    : record;
  const place = placeKey(keys, after);
  const entries: Entry[] = [[keys.job(after.seq), record], [place, inline]];
  const now = sideKeys(keys, after);
  const then = before === null ? NONE : sideKeys(keys, before);
  if (now === NONE && then === NONE) return { record, entries, gone: [] };
  const [old, fresh] = [new Set(then.map(nameOf)), new Set(now.map(nameOf))];
  for (const key of now) if (!old.has(nameOf(key))) entries.push([key, EMPTY]);
  return { record, entries, gone: then.filter((key) => !fresh.has(nameOf(key))) };
}

/** Sets `entries` in `batch` and deletes `gone`, if there is room. */
export function reserveAndSet(
  batch: Batch,
  entries: readonly Entry[],
  gone: readonly Deno.KvKey[] = [],
  checks: readonly Deno.AtomicCheck[] = [],
): boolean {
  if (!batch.reserve(costOf(entries, gone, checks.length))) return false;
  for (const check of checks) batch.op.check(check);
  for (const key of gone) batch.op.delete(key);
  for (const [key, value] of entries) batch.op.set(key, value);
  return true;
}

/** `job` is stored as it is now: tells those who may have waited for it. */
export function announce(context: Context, job: Job, record: Uint8Array): void {
  if (job.status === "pending") {
    context.news.work();
    if (!context.ready.isUsed) return;
    const { queue, type, priority, scheduledAt, seq } = job;
    const inline = record.length > INLINE ? EMPTY : record;
    context.ready.offer({ queue, type, priority, scheduledAt, seq, record: inline });
  } else if (!isFinal(job.status)) {
    context.news.due(job.scheduledAt);
  } else {
    context.news.finished();
  }
}

function nameOf(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
