import { JOB_STATUSES } from "../../lib/job.ts";
import { noCounts } from "../../lib/status-counts.ts";
import type { StatusCounts, StoreStats } from "../../lib/store.ts";
import type { Context } from "./context.ts";
import { readTotals } from "./tallies.ts";

/** Priorities of one lane that are looked at for its oldest job. */
const PRIORITIES = 100;

/** Counts of all jobs, added up from every process's totals, and how long the oldest pending ones have waited. */
export async function readStats(context: Context): Promise<StoreStats> {
  const totals = await readTotals(context.reads, context.keys);
  const all = noCounts();
  const byQueue = new Map<string, StatusCounts>();
  const byType = new Map<string, StatusCounts>();
  const oldest = new Map<string, number>();
  await Promise.all(totals.map(async ({ queue, type, counts }) => {
    add(all, counts);
    addTo(byQueue, queue, counts);
    addTo(byType, type, counts);
    const at = counts.pending > 0 ? await oldestOf(context, queue, type) : null;
    if (at !== null) oldest.set(queue, Math.min(oldest.get(queue) ?? Infinity, at));
  }));
  return {
    ...all,
    byQueue: Object.fromEntries([...byQueue].filter(hasJobs)),
    byType: Object.fromEntries([...byType].filter(hasJobs)),
    oldestPendingAt: oldest.size === 0 ? null : Math.min(...oldest.values()),
    oldestPendingByQueue: Object.fromEntries(oldest),
  };
}

function addTo(sums: Map<string, StatusCounts>, name: string, counts: StatusCounts): void {
  const sum = sums.get(name) ?? noCounts();
  add(sum, counts);
  sums.set(name, sum);
}

function add(sum: StatusCounts, counts: StatusCounts): void {
  for (const status of JOB_STATUSES) sum[status] += counts[status];
}

function hasJobs([, counts]: [string, StatusCounts]): boolean {
  return JOB_STATUSES.some((status) => counts[status] !== 0);
}

/** The due time of a lane's oldest job: the first of each priority is the oldest of that priority. */
async function oldestOf({ reads, keys }: Context, queue: string, type: string): Promise<number | null> {
  const prefix = keys.lane(queue, type);
  let start: Deno.KvKey = [...prefix, -Infinity];
  let oldest: number | null = null;
  for (let n = 0; n < PRIORITIES; n++) {
    let next: Deno.KvKey | null = null;
    for await (const { key } of reads.list({ prefix, start }, { limit: 1 })) {
      const [negated, dueAt] = key.slice(-3).map(Number);
      oldest = Math.min(oldest ?? Infinity, dueAt ?? Infinity);
      next = [...prefix, negated ?? 0, Infinity];
    }
    if (next === null) return oldest;
    start = next;
  }
  return oldest;
}
