import { decodeCursor, encodeCursor } from "../../lib/filter.ts";
import { isFinal } from "../../lib/job.ts";
import type { PrunedLogs, PruneLogsRequest } from "../../lib/store.ts";
import { readJobs } from "./bundles.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { finishedAt, reserveAndSet } from "./entries.ts";
import { readRecord } from "./find.ts";
import { seqAt } from "./pages.ts";

/** Logs that are judged and deleted side by side; their commits join. */
const AT_ONCE = 50;
/** Keys deleted in one commit. */
const KEYS = 100;
/** Chunks read at once; each has up to 50 kB. */
const BATCH = 10;
/** What cursors are for. */
const LIST = "pruneLogs";

/** The chunks of one job's log. */
interface Log {
  seq: string;
  /** While it is there, nobody else has deleted this log. */
  first: Deno.AtomicCheck;
  others: Deno.KvKey[];
}

/**
 * Deletes the logs of jobs that finished long ago. Walks the logs, not the jobs: a million jobs that have none, or none
 * any more, cost nothing. Logs whose job is gone (a handler's last words came too late) go too.
 */
export async function pruneLogs(context: Context, request: PruneLogsRequest): Promise<PrunedLogs> {
  const { cursor, finishedBefore, limit, dryRun = false } = request;
  const after = cursor === undefined ? "" : String(decodeCursor(LIST, cursor));
  let jobs = 0;
  let looked = 0;
  let some: Log[] = [];
  for await (const log of logsBetween(context, after, seqAt(finishedBefore))) {
    some.push(log);
    looked++;
    if (some.length < AT_ONCE && looked < limit) continue;
    jobs += await deleteOld(context, some, finishedBefore, dryRun);
    some = [];
    if (looked >= limit) return { jobs, nextCursor: encodeCursor(LIST, log.seq) };
  }
  jobs += await deleteOld(context, some, finishedBefore, dryRun);
  return { jobs, nextCursor: null };
}

/** Logs by their job's seq, which begins with the time at which it was added: before it finished. */
async function* logsBetween({ reads, keys }: Context, after: string, before: string): AsyncIterable<Log> {
  const prefix = keys.logs();
  const range = { start: [...prefix, after, Infinity], end: [...prefix, before] };
  if (after >= before) return;
  let log: Log | undefined;
  for await (const { key, versionstamp } of reads.list(range, { batchSize: BATCH })) {
    const seq = String(key[prefix.length]);
    if (log?.seq === seq) {
      log.others.push(key);
      continue;
    }
    if (log !== undefined) yield log;
    log = { seq, first: { key, versionstamp }, others: [] };
  }
  if (log !== undefined) yield log;
}

/** Deletes those of `logs` whose job finished before then. @returns Of how many jobs. */
async function deleteOld(
  context: Context,
  logs: readonly Log[],
  before: number,
  dryRun: boolean,
): Promise<number> {
  const { reads, keys } = context;
  const records = await readJobs(reads, keys, logs.map(({ seq }) => seq));
  const deleted = await Promise.all(logs.map(async (log, i) => {
    const record = records[i]?.record ?? null;
    if (record !== null) {
      const { job } = readRecord(log.seq, record);
      if (!isFinal(job.status) || finishedAt(job) >= before) return 0;
    }
    if (!dryRun && !await deleteLog(context, log)) return 0;
    return record === null ? 0 : 1;
  }));
  return deleted.reduce<number>((sum, count) => sum + count, 0);
}

/** Deletes a log as it was read, the first chunk last. @returns False if somebody else has, or will with the next pass. */
async function deleteLog(context: Context, { seq, first, others }: Log): Promise<boolean> {
  try {
    for (let at = 0; at < others.length; at += KEYS) {
      const some = others.slice(at, at + KEYS);
      await commit(context, { build: (batch) => reserveAndSet(batch, [], some) });
    }
    await commit(context, {
      // Two writes of one commit would both pass the check.
      build: (batch) => batch.own([`log ${seq}`]) && reserveAndSet(batch, [], [first.key], [first]),
    });
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false;
    throw error;
  }
}
