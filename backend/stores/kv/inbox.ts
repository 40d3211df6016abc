import { cancel, isFinal, type Job } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import { change } from "./change.ts";
import { decode, encode, recordOf, toBytes } from "./codec.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { type Found, readRecord } from "./find.ts";
import { getAll } from "./get-all.ts";

/** What others ask of a process. */
interface Requests {
  /** Jobs to stop, by seq, and when that was asked. */
  cancel: Record<string, number>;
  /** The process is to stop. */
  stop: boolean;
  /** The process is to tell the feed what it does to jobs, until then; epoch milliseconds. */
  feed?: number;
}

function decodeRequests(bytes: Uint8Array | null): Requests {
  return { cancel: {}, stop: false, ...(bytes === null ? {} : decode(bytes) as Partial<Requests>) };
}

/**
 * Asks the holder of a running job to stop it: the record says so, for the holder's rescuer, and the holder's
 * inbox, for the holder. Its settlements check that inbox, so a cancel that is stored first wins.
 *
 * @throws {Conflict} The job moved on.
 */
export async function askToCancel(context: Context, found: Found, after: Job): Promise<void> {
  const { keys, process } = context;
  const { seq } = after;
  const { cancelRequestedAt, updatedAt } = after;
  const record = toBytes(recordOf({ ...found.recorded, cancelRequestedAt, updatedAt }, found.parts));
  if (found.owner === process.id) {
    return await commit(context, {
      build: (batch: Batch) =>
        batch.own([seq]) && reserveAndSet(batch, [[keys.job(seq), record]], [], found.checks),
      committed: () => stopOwn(context, [[seq, cancelRequestedAt ?? updatedAt]]),
    });
  }
  const inbox = await context.kv.get<Uint8Array>(keys.inbox(found.owner ?? ""));
  const requests = decodeRequests(inbox.value);
  requests.cancel[seq] = cancelRequestedAt ?? updatedAt;
  await commit(context, {
    build: (batch: Batch) =>
      batch.own([seq, `inbox ${found.owner}`]) &&
      reserveAndSet(batch, [[keys.job(seq), record], [inbox.key, encode(requests)]], [], [
        ...found.checks,
        inbox,
      ]),
  });
}

/** Asks a process to stop gracefully. @throws {Conflict} Somebody else asked it something meanwhile. */
export async function askToStop(context: Context, procId: string): Promise<void> {
  await ask(context, procId, { stop: true });
}

/** Asks a process to tell the feed what it does. @throws {Conflict} Somebody else asked it something meanwhile. */
export async function askToFeed(context: Context, procId: string, feed: number): Promise<void> {
  await ask(context, procId, { feed });
}

async function ask(context: Context, procId: string, what: Partial<Requests>): Promise<void> {
  const inbox = await context.kv.get<Uint8Array>(context.keys.inbox(procId));
  const requests: Requests = { ...decodeRequests(inbox.value), ...what };
  await commit(context, {
    build: (batch: Batch) =>
      batch.own([`inbox ${procId}`]) && reserveAndSet(batch, [[inbox.key, encode(requests)]], [], [inbox]),
  });
}

/** Tells this process's worker to stop jobs it holds. */
function stopOwn({ process, emit }: Context, asked: readonly [seq: string, at: number][]): void {
  for (const [seq, at] of asked) {
    const holding = process.holdings.get(seq);
    if (holding !== undefined) holding.cancelRequestedAt ??= at;
  }
  emit({ kind: "cancel", seqs: asked.map(([seq]) => seq) });
}

/** Tells this process to stop. */
export function stopThis({ process, emit }: Context): void {
  process.stopRequested = true;
  emit({ kind: "stop" });
}

/**
 * Reads this process's inbox, acts on what is new, and empties it in the background.
 *
 * A job that is no longer held when its request is read is cancelled as it then stands. Where emptying failed, requests
 * stay that were heeded: a job that was retried since is not stopped by them.
 */
export async function readInbox(context: Context): Promise<void> {
  const { kv, keys, process } = context;
  const inbox = await kv.get<Uint8Array>(keys.inbox(process.id));
  if (inbox.versionstamp === process.inboxVersion) return;
  const requests = decodeRequests(inbox.value);
  const asked = await liveCancels(context, Object.keys(requests.cancel));
  if (inbox.versionstamp === process.inboxVersion) return; // somebody else in this process has acted on it meanwhile
  process.inboxVersion = inbox.versionstamp; // only now: what checks it is stored as if all has been heeded
  if (inbox.value === null) return;
  const held = asked.filter(([seq]) => process.holdings.has(seq));
  if (held.length > 0) stopOwn(context, held);
  if (requests.stop) stopThis(context);
  if (requests.feed !== undefined) context.subscription.prolong(requests.feed);
  const others = asked.map(([seq]) => seq).filter((seq) => !process.holdings.has(seq));
  process.unheeded = new Set(others);
  empty(context, inbox, others).catch(() => {}); // it is read again with the next request or at the next start
}

/** Those of `seqs` whose records say that they are to stop, and since when: a retry takes that back. */
async function liveCancels(
  { kv, keys }: Context,
  seqs: readonly string[],
): Promise<[seq: string, at: number][]> {
  const records = await getAll<Uint8Array>(kv, seqs.map((seq) => keys.job(seq)));
  return seqs.flatMap((seq, i): [string, number][] => {
    const { cancelRequestedAt } = readRecord(seq, records[i]?.value).job;
    return cancelRequestedAt === null ? [] : [[seq, cancelRequestedAt]];
  });
}

async function empty(
  context: Context,
  inbox: Deno.KvEntryMaybe<Uint8Array>,
  others: string[],
): Promise<void> {
  const { process, clock } = context;
  for (const seq of others) {
    await change(context, seq, (job) => {
      const asked = job.cancelRequestedAt !== null && !isFinal(job.status);
      return asked ? cancel(job, clock.now()) : job;
    });
  }
  try {
    await commit(context, {
      // One whose claim was answered since is held now: all is read again.
      build: (batch: Batch) =>
        others.some((seq) => process.holdings.has(seq)) || reserveAndSet(batch, [], [inbox.key], [inbox]),
      committed: () => process.inboxVersion = null,
    });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error; // a newer request came, and is read for itself
  }
}
