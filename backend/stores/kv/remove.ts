import { InvalidStatusError } from "../../lib/errors.ts";
import { isWaiting, type Job } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import type { PartRefs } from "./codec.ts";
import { leaveBundles } from "./bundles.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet, sideKeys } from "./entries.ts";
import { find, type Found } from "./find.ts";
import { holderOf } from "./insert-checked.ts";
import { leave } from "./leave.ts";
import { pieceKeys } from "./parts.ts";

/** Chunks of a log that are deleted together with their job; of a longer log the rest goes before. */
const LOG_CHUNKS = 100;

/**
 * Deletes a job that is not running, with all that belongs to it.
 *
 * @param isMeant Asked of the job as it is now; the commit checks that it still is so.
 * @returns False if there is none, or it is not meant.
 * @throws {InvalidStatusError} It is running.
 */
export async function remove(
  context: Context,
  seq: string,
  isMeant: (job: Job) => boolean = () => true,
): Promise<boolean> {
  return await untilStored(async () => {
    const found = await find(context, seq);
    if (found === null || !isMeant(found.job)) return false;
    if (found.job.status === "running") throw new InvalidStatusError("remove", found.job.id, "running");
    await removeFound(context, found);
    return true;
  });
}

async function removeFound(context: Context, found: Found): Promise<void> {
  const { job } = found;
  const places = [await leave(context, found), ...await leaveBundles(context, [job.seq])];
  const own = await belongings(context, job, found.parts);
  const sets = places.flatMap((place) => place.sets);
  const gone = [...places.flatMap((place) => place.gone), ...own.gone];
  // A finished job's page says that it still is as it was found, as the entry of a waiting one does.
  const stood = places.flatMap((place) => place.checks).filter((check) => check !== found.page);
  const checks = [...found.checks, ...stood, ...own.checks];
  const subjects = places.flatMap((place) => place.subjects);
  const takesEntry = isWaiting(job.status);
  await commit(context, {
    build(batch: Batch): boolean {
      if (takesEntry && batch.checksLock) return false;
      if (!batch.own([job.seq, ...subjects])) return false;
      if (!reserveAndSet(batch, sets, gone, checks)) return false;
      batch.takesEntry ||= takesEntry;
      batch.moves.move(job, job.status, null);
      return true;
    },
  });
}

/** The keys of all that belongs to a job, but for its place and its bundle, and what must hold for them to be deleted. */
export async function belongings(
  context: Context,
  job: Job,
  parts: PartRefs,
): Promise<{ gone: Deno.KvKey[]; checks: Deno.AtomicCheck[] }> {
  const { kv, keys } = context;
  const gone: Deno.KvKey[] = [keys.job(job.seq), keys.progress(job.seq), ...sideKeys(keys, job)];
  if (job.id !== job.seq) gone.push(keys.alias(job.id));
  gone.push(...pieceKeys(context, job.seq, parts), ...await logChunks(context, job.seq));
  if (job.unique === null) return { gone, checks: [] };
  const held = await kv.get<Uint8Array>(keys.unique(job.unique.key));
  if (held.value === null || holderOf(held.value) !== job.seq) return { gone, checks: [] };
  return { gone: [...gone, held.key], checks: [held] };
}

/** The chunks of a job's log. Of a long one most are deleted here: all of them would not fit the commit. */
async function logChunks(context: Context, seq: string): Promise<Deno.KvKey[]> {
  const { kv, keys } = context;
  const chunks: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: keys.logsOf(seq) })) chunks.push(key);
  while (chunks.length > LOG_CHUNKS) {
    const some = chunks.splice(0, LOG_CHUNKS);
    await commit(context, { build: (batch) => reserveAndSet(batch, [], some) });
  }
  return chunks;
}
