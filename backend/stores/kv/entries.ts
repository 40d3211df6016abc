import { isFinal, type Job } from "../../lib/job.ts";
import { eventOf } from "../../lib/job-change.ts";
import type { Batch } from "./batch.ts";
import { costOf } from "./batch.ts";
import { type PartRefs, recordOf, toBytes, uuidTime } from "./codec.ts";
import type { Context } from "./context.ts";
import type { Telling } from "./feed-codec.ts";
import type { Keys } from "./keys.ts";
import { KEPT, type Placing } from "./pages.ts";

/** Records up to this many bytes are kept in `ready` and `due` too, so that a claim needs no second read. */
const INLINE = 2_048;
const EMPTY = new Uint8Array(0);

/** One key with what it is to be. */
export type Entry = readonly [Deno.KvKey, Uint8Array];

/** Where `job` stands if that is a page, that of the pending or that of the finished jobs; else null. */
export function placing(keys: Keys, job: Job, record: string, size: number): Placing | null {
  const { seq, type, status } = job;
  if (status === "pending") {
    const inline = size > INLINE ? { text: "", size: 0 } : { text: record, size };
    return { place: keys.ready(job), seq, time: uuidTime(seq), ...inline };
  }
  if (!isFinal(status)) return null;
  const text = job.keepFor === null ? "" : KEPT;
  return { place: keys.done(type, status, finishedAt(job)), seq, time: 0, text, size: text.length };
}

/** When a job finished. */
export function finishedAt(job: Job): number {
  return job.finishedAt ?? job.updatedAt;
}

/** The other indexes a job is in, most jobs in none. */
export function sideKeys(keys: Keys, job: Job): Deno.KvKey[] {
  if (job.tags.length === 0 && job.keepFor === null && job.expiresAt === null) return NONE;
  const side = job.tags.map((tag) => keys.tag(tag, job));
  if (job.expiresAt !== null && !isFinal(job.status)) side.push(keys.expiry(job.expiresAt, job.seq));
  if (job.keepFor !== null && isFinal(job.status)) {
    side.push(keys.keep(finishedAt(job) + job.keepFor, job.seq));
  }
  return side;
}

const NONE: never[] = [];

/** What must be written and deleted so that a job's record and indexes say `after`. */
export interface Rewrite {
  entries: Entry[];
  gone: Deno.KvKey[];
  /** Where it then stands, unless that is an entry of its own. */
  placing: Placing | null;
}

/** The rewrite that makes `before` (null: a new job) into `after`, which is not running. A running job has no place. `data`: see `recordOf`. */
export function rewrite(
  keys: Keys,
  before: Job | null,
  after: Job,
  parts: PartRefs,
  data?: string,
): Rewrite {
  const text = recordOf(after, parts, data);
  const record = toBytes(text);
  const entries: Entry[] = [[keys.job(after.seq), record]];
  const placed = placing(keys, after, text, record.length);
  if (placed === null) {
    entries.push([keys.due(after.scheduledAt, after.seq), record.length > INLINE ? EMPTY : record]);
  }
  const now = sideKeys(keys, after);
  const then = before === null ? NONE : sideKeys(keys, before);
  if (now === NONE && then === NONE) return { entries, gone: [], placing: placed };
  const [old, fresh] = [new Set(then.map(nameOf)), new Set(now.map(nameOf))];
  for (const key of now) if (!old.has(nameOf(key))) entries.push([key, EMPTY]);
  return { entries, gone: then.filter((key) => !fresh.has(nameOf(key))), placing: placed };
}

/** What `batch` tells the feed of a job that it makes `after` of; nothing while nobody is subscribed. */
export function tellingsOf(batch: Batch, before: Job | null, after: Job): readonly Telling[] {
  if (batch.feed === null) return NONE;
  const event = eventOf(before, after);
  return event === null ? NONE : [[event, after]];
}

/** Sets `entries` in `batch`, deletes `gone`, puts jobs in their places and tells the feed, if there is room. */
export function reserveAndSet(
  batch: Batch,
  entries: readonly Entry[],
  gone: readonly Deno.KvKey[] = [],
  checks: readonly Deno.AtomicCheck[] = [],
  placings: readonly Placing[] = [],
  tellings: readonly Telling[] = [],
): boolean {
  if (!batch.reserve(costOf(entries, gone, checks.length), placings, tellings)) return false;
  for (const check of checks) batch.op.check(check);
  for (const key of gone) batch.op.delete(key);
  for (const [key, value] of entries) batch.op.set(key, value);
  for (const placing of placings) batch.pages.put(placing);
  return true;
}

/** `job` is stored as it is now: tells those who may have waited for it. */
export function announce({ news, process }: Context, job: Job): void {
  if (process.holdings.size > 0 && process.holdings.has(job.seq)) return; // claimed by the commit that stored it
  if (isFinal(job.status)) news.finished();
  else if (job.status !== "pending") news.due(job.scheduledAt);
  else news.work(job.type);
}

function nameOf(key: Deno.KvKey): string {
  return JSON.stringify(key);
}
