import { expire as expired, isExpired, isFinal, isWaiting } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import { change } from "./change.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { toText } from "./codec.ts";
import { announce, placing, reserveAndSet } from "./entries.ts";
import { readRecord } from "./find.ts";

/** Jobs moved in one commit. */
const AT_ONCE = 200;

/**
 * Makes due jobs pending, in batches under the claim lock: a verb that takes one of them away sets the lock, and two
 * promoters cannot both move one.
 */
export async function promote(
  context: Context,
  now: number,
): Promise<{ promoted: number; nextDueAt: number | null }> {
  let promoted = 0;
  for (;;) {
    const moved = await untilStored(() => promoteSome(context, now));
    promoted += moved;
    if (moved < AT_ONCE) break;
  }
  const { kv, keys } = context;
  for await (const entry of kv.list({ prefix: keys.dues() }, { limit: 1 })) {
    return { promoted, nextDueAt: Number(entry.key.at(-2)) };
  }
  return { promoted, nextDueAt: null };
}

async function promoteSome(context: Context, now: number): Promise<number> {
  const { kv, keys } = context;
  const lock = await kv.get(keys.lock());
  const due: { key: Deno.KvKey; seq: string; inline: Uint8Array }[] = [];
  const range = { prefix: keys.dues(), end: [...keys.dues(), now + 1] };
  for await (const entry of kv.list<Uint8Array>(range, { limit: AT_ONCE, batchSize: AT_ONCE })) {
    due.push({ key: entry.key, seq: String(entry.key.at(-1)), inline: entry.value });
  }
  if (due.length === 0) return 0;
  const jobs = await Promise.all(due.map(async ({ key, seq, inline }) => {
    const record = inline.length > 0 ? inline : (await kv.get<Uint8Array>(keys.job(seq))).value;
    const { job } = readRecord(seq, record);
    return {
      from: job.status,
      inline,
      job: { ...job, scheduledAt: Number(key.at(-2)), status: "pending" as const },
    };
  }));
  const placings = jobs.flatMap(({ job, inline }) => placing(keys, job, toText(inline), inline.length) ?? []);
  await commit(context, {
    build(batch: Batch) {
      if (batch.checksLock || batch.takesEntry) return false;
      if (!reserveAndSet(batch, [], due.map(({ key }) => key), [], placings)) return false;
      batch.checkLock(lock.key, lock.versionstamp);
      batch.setsLock = true;
      batch.addsWork = true;
      for (const { job, from } of jobs) batch.moves.move(job, isFinal(from) ? "scheduled" : from, "pending");
      return true;
    },
    committed: () => jobs.forEach(({ job }) => announce(context, job)),
  });
  return due.length;
}

/** Cancels waiting jobs that were not started in time, and forgets the entries of those that were. */
export async function expire(context: Context, now: number): Promise<number> {
  const { kv, keys } = context;
  const prefix = keys.expiries();
  let start: Deno.KvKey = prefix;
  let count = 0;
  for (;;) {
    const passed: Deno.KvKey[] = [];
    const range = { start, end: [...prefix, now + 1] };
    for await (const { key } of kv.list(range, { limit: AT_ONCE, batchSize: AT_ONCE })) passed.push(key);
    const last = passed.at(-1);
    if (last === undefined) return count;
    start = [...last, 0];
    const idle: Deno.KvKey[] = [];
    await Promise.all(passed.map(async (key) => {
      let cancelled = false;
      const job = await change(context, String(key.at(-1)), (current) => {
        cancelled = isWaiting(current.status) && isExpired(current, now);
        return cancelled ? expired(current, now) : current;
      });
      if (cancelled) count++;
      // A running job may go back without having started: its entry stays.
      else if (job === null || job.status !== "running") idle.push(key);
    }));
    await untilStored(() => commit(context, { build: (batch: Batch) => reserveAndSet(batch, [], idle) }));
  }
}
