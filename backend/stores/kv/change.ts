import { InvalidStatusError, UniqueConflictError } from "../../lib/errors.ts";
import { holdsUnique, isFinal, isWaiting, type Job } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import { encode, type PartRefs } from "./codec.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { announce, type Entry, reserveAndSet, rewrite, tellingsOf } from "./entries.ts";
import { find, type Found } from "./find.ts";
import { askToCancel } from "./inbox.ts";
import { holderOf } from "./insert-checked.ts";
import { leave } from "./leave.ts";
import { checksOf, type Cut, pieceKeys, withParts } from "./parts.ts";

/**
 * Applies `transition` to job `seq` as it is now and stores the outcome, again and again until nobody interferes.
 *
 * @param made What was cut off the new data, if the transition brings any.
 * @returns The job as stored, null if there is none.
 */
export async function change(
  context: Context,
  seq: string,
  transition: (job: Job) => Job,
  made?: Cut,
): Promise<Job | null> {
  return await untilStored(async () => {
    const found = await find(context, seq);
    if (found === null) return null;
    const before = found.job;
    const after = transition(before);
    if (after === before) return await withParts(context.kv, context, before, found.parts);
    if (before.status === "running") return await requestCancel(context, found, after);
    const parts = partsAfter(found, after, made);
    await swap(context, found, after, parts, made);
    return await withParts(context.kv, context, after, parts);
  });
}

/** Which values of the changed job lie in pieces: new data brings its own, a result that is gone leaves none. */
function partsAfter({ job, parts }: Found, after: Job, made?: Cut): PartRefs {
  const left: PartRefs = {};
  const data = after.data === job.data && made === undefined ? parts.data : made?.parts.data;
  if (data !== undefined) left.data = data;
  if (parts.result !== undefined && isFinal(after.status)) left.result = parts.result;
  return left;
}

/** Asks the holder of a running job to stop it. */
async function requestCancel(context: Context, found: Found, after: Job): Promise<Job> {
  if (after.status !== "running") throw new InvalidStatusError("change", found.job.id, found.job.status);
  await askToCancel(context, found, after);
  return await withParts(context.kv, context, after, found.parts);
}

/** Stores a job that was not running as `after`, if it still is as found. */
async function swap(context: Context, found: Found, after: Job, parts: PartRefs, made?: Cut): Promise<void> {
  const { keys } = context;
  const before = found.job;
  const { entries, gone, placing } = rewrite(keys, before, after, parts);
  if (!context.queues.has(after.queue)) entries.push([keys.queue(after.queue), new Uint8Array(0)]);
  const left = await leave(context, found);
  entries.push(...left.sets);
  gone.push(...left.gone);
  const checks = [...found.checks, ...left.checks, ...await checksOf(context, made?.firsts ?? [])];
  gone.push(...droppedPieces(context, found, parts));
  if (isFinal(before.status) && after.unique !== null) {
    checks.push(await takeKey(context, after, entries));
  }
  await commit(context, {
    build(batch: Batch): boolean {
      const takesEntry = isWaiting(before.status);
      if (takesEntry && batch.checksLock) return false; // a claim in the same commit may be of this very job
      const subjects = [after.seq, ...left.subjects];
      if (after.unique !== null) subjects.push(`key ${after.unique.key}`);
      const placings = placing === null ? [] : [placing];
      const tellings = tellingsOf(batch, before, after);
      if (!batch.own(subjects) || !reserveAndSet(batch, entries, gone, checks, placings, tellings)) {
        return false;
      }
      batch.checksInbox ||= isFinal(after.status); // which tells of subscriptions: no end is kept from the feed
      batch.takesEntry ||= takesEntry;
      batch.addsWork ||= isWaiting(after.status);
      batch.moves.move(before, before.status, null);
      batch.moves.move(after, null, after.status);
      batch.moves.ended(before, after);
      return true;
    },
    committed: () => announce(context, after),
  });
}

function droppedPieces(context: Context, { job, parts }: Found, left: PartRefs): Deno.KvKey[] {
  const dropped: PartRefs = {};
  if (parts.data !== undefined && left.data?.token !== parts.data.token) dropped.data = parts.data;
  if (parts.result !== undefined && left.result === undefined) dropped.result = parts.result;
  return pieceKeys(context, job.seq, dropped);
}

/** Lets a job that runs again take its unique key; the key is rewritten in any case, so that who read it must look again. */
async function takeKey(context: Context, job: Job, entries: Entry[]): Promise<Deno.AtomicCheck> {
  const key = job.unique?.key ?? "";
  const { kv, keys, clock } = context;
  const held = await kv.get<Uint8Array>(keys.unique(key));
  const holder = held.value === null ? null : holderOf(held.value);
  if (holder !== null && holder !== job.seq) {
    const other = await find(context, holder);
    if (other !== null && holdsUnique(other.job, clock.now())) {
      throw new UniqueConflictError(key, other.job.id);
    }
  }
  entries.push([keys.unique(key), encode({ seq: job.seq })]);
  return held;
}
