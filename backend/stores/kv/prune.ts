import { FINAL_STATUSES, isFinal, type Job } from "../../lib/job.ts";
import type { PruneRequest } from "../../lib/store.ts";
import { removal } from "./change.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { find } from "./find.ts";
import { readTotals } from "./tallies.ts";

/** Jobs deleted side by side; their commits join. */
const AT_ONCE = 50;

/**
 * Deletes finished jobs, oldest first within a type and status. Each is checked: one that was retried meanwhile stays.
 *
 * A job with a `keepFor` of its own is passed over in the lists by status and found in a list by the time it goes, so
 * that any number of long-kept jobs costs a sweep next to nothing.
 */
export async function prune(context: Context, request: PruneRequest): Promise<number> {
  let pruned = 0;
  for await (const some of chunks(doomed(context, request), AT_ONCE)) {
    const left = request.limit - pruned;
    const gone = await Promise.all(some.slice(0, left).map((one) => deleteOne(context, one)));
    pruned += gone.filter((deleted) => deleted).length;
    if (pruned >= request.limit) break;
  }
  return pruned;
}

/** An entry whose job is to go, if it still is as the entry says. */
interface Doomed {
  key: Deno.KvKey;
  stillGoes(job: Job): boolean;
}

async function* doomed({ reads, keys }: Context, request: PruneRequest): AsyncIterable<Doomed> {
  const types = new Set((await readTotals(reads, keys)).map(({ type }) => type));
  for (const status of FINAL_STATUSES) {
    const before = request.finishedBefore[status];
    if (before === undefined) continue;
    const stillGoes = (job: Job) => job.status === status && (job.finishedAt ?? before) < before;
    for (const type of types) {
      const prefix = keys.doneOf(type, status);
      const range = { prefix, end: [...prefix, before] };
      for await (const { key, value } of reads.list<Uint8Array>(range, { batchSize: 100 })) {
        if (!request.keepFor || value.length === 0) yield { key, stillGoes };
      }
    }
  }
  if (!request.keepFor) return;
  const range = { prefix: keys.keeps(), end: [...keys.keeps(), request.now + 1] };
  for await (const { key } of reads.list(range, { batchSize: 100 })) {
    const stillGoes = ({ finishedAt, keepFor }: Job) =>
      finishedAt !== null && keepFor !== null && finishedAt + keepFor <= request.now;
    yield { key, stillGoes };
  }
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

async function deleteOne(context: Context, { key, stillGoes }: Doomed): Promise<boolean> {
  const found = await find(context, String(key.at(-1)), context.reads);
  try {
    if (found === null) { // an entry that outlived its job
      await commit(context, { build: (batch) => reserveAndSet(batch, [], [key]) });
      return false;
    }
    if (!isFinal(found.job.status) || !stillGoes(found.job)) return false; // retried meanwhile
    await commit(context, await removal(context, found));
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false; // it changed: the next sweep looks again
    throw error;
  }
}
