import { minuteOf } from "../../lib/history.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { sweepBundles } from "./bundles.ts";
import { pruneFeed } from "./feed-reader.ts";
import { endLapsed } from "./feed-subscription.ts";
import { sweepOrphans } from "./parts.ts";

/** History is written this often; a killed process loses no more of it. */
const FLUSH_MS = 1_000;
/** Old history and orphans are looked for this often. */
const SWEEP_MS = 3_600_000;
/** What is too old to be read in the feed is looked for this often. */
const PRUNE_FEED_MS = 60_000;
/** History is kept for seven days. */
const HISTORY_MS = 7 * 86_400_000;
/** Keys deleted in one commit. */
const AT_ONCE = 500;

/** Writes what this process counted since the last call. What cannot be written now is kept for the next. */
export async function flushHistory(context: Context): Promise<void> {
  const now = context.clock.now();
  const both = [context.tallies, context.bulk.tallies];
  await Promise.allSettled(both.map((tallies) => tallies.complete(context.kv)));
  const writes = both.flatMap((tallies) => tallies.takeHistory(now));
  await Promise.all(writes.map(async ({ entry, failed }) => {
    try {
      await untilStored(() => commit(context, { build: (batch) => reserveAndSet(batch, [entry]) }));
    } catch {
      failed(); // the store is away, and whoever adds or settles is told why
    }
  }));
}

/** Deletes history that is old, pieces of values whose record never came, and bundles nobody needs. */
export async function sweep(context: Context, now: number): Promise<void> {
  const { reads, keys } = context;
  const range = { prefix: keys.minutes(), end: [...keys.minutes(), minuteOf(now - HISTORY_MS)] };
  for (;;) {
    const old: Deno.KvKey[] = [];
    for await (const { key } of reads.list(range, { limit: AT_ONCE, batchSize: AT_ONCE })) old.push(key);
    if (old.length === 0) break;
    await untilStored(() => commit(context, { build: (batch) => reserveAndSet(batch, [], old) }));
  }
  await sweepOrphans(context, now);
  await sweepBundles(context);
}

/** Does all that until `signal` aborts. What fails is done in the next round. */
export async function keepUp(context: Context, signal: AbortSignal): Promise<void> {
  const { clock } = context;
  let sweptAt = -Infinity;
  let prunedAt = clock.monotonic();
  while (!signal.aborted) {
    await clock.sleep(FLUSH_MS, signal);
    if (signal.aborted) return;
    try {
      await flushHistory(context);
      await endLapsed(context);
      if (clock.monotonic() - prunedAt >= PRUNE_FEED_MS) {
        prunedAt = clock.monotonic();
        await pruneFeed(context, clock.now());
      }
      if (clock.monotonic() - sweptAt < SWEEP_MS) continue;
      sweptAt = clock.monotonic();
      await sweep(context, clock.now());
    } catch {
      // The store is away. Whoever adds or settles is told why.
    }
  }
}
