import { FINAL_STATUSES, type FinalStatus, type Job } from "../../lib/job.ts";
import type { PruneRequest } from "../../lib/store.ts";
import { leaveBundles } from "./bundles.ts";
import { commit, Conflict, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { readRecord } from "./find.ts";
import { getAll } from "./get-all.ts";
import { leavePage } from "./leave.ts";
import { decodePage, findPage, KEPT, type StoredPage } from "./pages.ts";
import { belongings, remove } from "./remove.ts";
import { readTotals } from "./tallies.ts";

/** Pages or jobs that are worked on side by side; their commits join. */
const AT_ONCE = 10;
/** Keys deleted for one page in one commit. */
const KEYS = 400;

/**
 * Deletes finished jobs, oldest first within a type and status, a page of them in one commit. The page is checked: a job
 * that was retried meanwhile stays.
 *
 * A job with a `keepFor` of its own is passed over in the pages and found in a list by the time it goes, so that any
 * number of long-kept jobs costs a sweep next to nothing.
 */
export async function prune(context: Context, request: PruneRequest): Promise<number> {
  if (request.dryRun) return await count(context, request);
  let pruned = 0;
  for await (const some of chunks(doomed(context, request), AT_ONCE)) {
    await untilStored(() => unbundle(context, some.flatMap(({ seqs }) => seqs)));
    let left = request.limit - pruned;
    const deleted = await Promise.all(some.map((one) => {
      const most = Math.max(0, Math.min(one.most, left));
      left -= most;
      return most === 0 ? 0 : one.remove(most);
    }));
    pruned += deleted.reduce((sum, count) => sum + count, 0);
    if (pruned >= request.limit) break;
  }
  return pruned;
}

/** How many jobs would go, by the pages they stand in: their records are not read. */
async function count(context: Context, request: PruneRequest): Promise<number> {
  let counted = 0;
  for await (const { most } of doomed(context, request)) {
    counted += most;
    if (counted >= request.limit) return request.limit;
  }
  return counted;
}

/** Jobs that are to go. */
interface Doomed {
  /** How many, at the most. */
  most: number;
  /** Those that may be in bundles, as far as they are known. */
  seqs: readonly string[];
  /** Deletes up to `limit` of them. */
  remove(limit: number): Promise<number>;
}

async function* doomed(context: Context, request: PruneRequest): AsyncIterable<Doomed> {
  const { reads, keys } = context;
  const types = new Set((await readTotals(reads, keys)).map(({ type }) => type));
  for (const status of FINAL_STATUSES) {
    const before = request.finishedBefore[status];
    if (before === undefined) continue;
    for (const type of types) {
      const prefix = keys.doneOf(type, status);
      const range = { prefix, end: [...prefix, before] };
      for await (const { key, value, versionstamp } of reads.list<Uint8Array>(range, { batchSize: 50 })) {
        const page = { key, versionstamp, items: decodePage(key, value) };
        const seqs = page.items.filter(({ text }) => !request.keepFor || text !== KEPT).map(({ seq }) => seq);
        if (seqs.length === 0) continue;
        yield {
          most: seqs.length,
          seqs,
          remove: (limit) => deleteOf(context, page, status, seqs.slice(0, limit)),
        };
      }
    }
  }
  if (!request.keepFor) return;
  const range = { prefix: keys.keeps(), end: [...keys.keeps(), request.now + 1] };
  for await (const { key } of reads.list(range, { batchSize: 100 })) {
    yield { most: 1, seqs: [], remove: async () => await removeKept(context, key, request.now) ? 1 : 0 };
  }
}

/** A job whose own time of keeping is over. An entry that outlived its job goes too. */
async function removeKept(context: Context, key: Deno.KvKey, now: number): Promise<boolean> {
  const isOver = ({ finishedAt, keepFor }: Job) =>
    finishedAt !== null && keepFor !== null && finishedAt + keepFor <= now;
  const removed = await remove(context, String(key.at(-1)), isOver);
  if (!removed) {
    await untilStored(() => commit(context, { build: (batch) => reserveAndSet(batch, [], [key]) }));
  }
  return removed;
}

async function* chunks<T>(items: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Deletes jobs of one page, and of what becomes of it meanwhile. */
async function deleteOf(
  context: Context,
  page: StoredPage,
  status: FinalStatus,
  seqs: string[],
): Promise<number> {
  let deleted = 0;
  const left = new Set(seqs);
  for (let current: StoredPage | null = page; current !== null;) {
    const here = current.items.map(({ seq }) => seq).filter((seq) => left.has(seq));
    const going = await untilStored(() => asManyAsFit(context, here));
    if (await deleteTogether(context, current, status, going)) {
      deleted += going.jobs.length;
      for (const seq of going.seqs) left.delete(seq);
    }
    current = await nextPage(context, page.key.slice(0, -1), left);
  }
  return deleted;
}

/** The page at `place` that holds some of `seqs`; forgets those that stand there no more. */
async function nextPage(context: Context, place: Deno.KvKey, seqs: Set<string>): Promise<StoredPage | null> {
  for (const seq of seqs) {
    const page = await findPage(context.kv, place, seq);
    if (page !== null) return page;
    seqs.delete(seq);
  }
  return null;
}

/** Jobs to be deleted in one commit. */
interface Going {
  seqs: string[];
  /** Those of them that are still there. */
  jobs: Job[];
  gone: Deno.KvKey[];
  checks: Deno.AtomicCheck[];
}

async function asManyAsFit(context: Context, seqs: readonly string[]): Promise<Going> {
  const { kv, keys } = context;
  const going: Going = { seqs: [], jobs: [], gone: [], checks: [] };
  const records = await getAll<Uint8Array>(kv, seqs.map((seq) => keys.job(seq)));
  for (const [i, seq] of seqs.entries()) {
    if (going.gone.length >= KEYS) break;
    going.seqs.push(seq);
    const record = records[i];
    if (!record?.versionstamp) continue; // it stood here longer than it lived
    const { job, parts } = readRecord(seq, record.value);
    const own = await belongings(context, job, parts);
    going.jobs.push(job);
    going.gone.push(...own.gone);
    going.checks.push(...own.checks);
  }
  return going;
}

/** Takes finished jobs out of what bundles are left that hold them too, or they would be there again. */
async function unbundle(context: Context, seqs: readonly string[]): Promise<void> {
  const left = await leaveBundles(context, seqs);
  await Promise.all(
    left.map(({ sets, gone, checks, subjects }) =>
      commit(context, { build: (batch) => batch.own(subjects) && reserveAndSet(batch, sets, gone, checks) })
    ),
  );
}

/** @returns False if the page changed. */
async function deleteTogether(
  context: Context,
  page: StoredPage,
  status: FinalStatus,
  { seqs, jobs, gone, checks }: Going,
): Promise<boolean> {
  const left = leavePage(page, seqs);
  try {
    await commit(context, {
      build(batch) {
        if (!batch.own([...seqs, ...left.subjects])) return false;
        if (!reserveAndSet(batch, left.sets, [...left.gone, ...gone], [...left.checks, ...checks])) {
          return false;
        }
        for (const job of jobs) batch.moves.move(job, status, null);
        return true;
      },
    });
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false;
    throw error;
  }
}
