import { decodeCursor, encodeCursor, typeMatches } from "../../lib/filter.ts";
import type { HistoryPoint } from "../../lib/history.ts";
import { FINAL_STATUSES, isFinal, type Job } from "../../lib/job.ts";
import type {
  ClaimRequest,
  LogPage,
  PruneLogsRequest,
  PruneRequest,
  StoreStats,
  WorkerInfo,
} from "../../lib/store.ts";
import type { MemoryData } from "./data.ts";
import { claimOrder, merge } from "./sorted-jobs.ts";

/** The pending jobs that `request` may take, best first. */
export function claimable(data: MemoryData, { types, queues, limit }: ClaimRequest): Job[] {
  const lists = [...types.keys()].map((type) => data.ready.get(type)?.after() ?? []);
  const room = new Map(types);
  const jobs: Job[] = [];
  for (const job of merge(claimOrder, lists)) {
    if (jobs.length >= limit) break;
    const left = room.get(job.type) ?? 0;
    if (left <= 0 || data.queues.get(job.queue)?.paused) continue;
    if (queues !== null && !queues.includes(job.queue)) continue;
    room.set(job.type, left - 1);
    jobs.push(job);
  }
  return jobs;
}

/** The counts of all jobs. */
export function statsOf({ counts, byStatus }: MemoryData): StoreStats {
  const oldest = new Map<string, number>();
  for (const { queue, scheduledAt } of byStatus.pending.after()) {
    oldest.set(queue, Math.min(oldest.get(queue) ?? Infinity, scheduledAt));
  }
  return {
    ...counts.all,
    byQueue: Object.fromEntries(counts.byQueue),
    byType: Object.fromEntries(counts.byType),
    oldestPendingAt: oldest.size === 0 ? null : Math.min(...oldest.values()),
    oldestPendingByQueue: Object.fromEntries(oldest),
  };
}

/** What happened within `range`, by time, then type. */
export function historyOf(
  data: MemoryData,
  { from, to, type }: { from: number; to: number; type?: string },
): HistoryPoint[] {
  return [...data.history()]
    .filter((point) => point.at >= from && point.at < to)
    .filter((point) => type === undefined || typeMatches(point.type, type))
    .sort((a, b) => a.at - b.at || byText(a.type, b.type));
}

/** One page of the log of `job`. */
export function logPage(data: MemoryData, job: Job, page: { cursor?: string; limit: number }): LogPage {
  const list = { logs: job.seq };
  const lines = data.logs.get(job.seq) ?? [];
  const from = page.cursor === undefined ? 0 : decodeCursor(list, page.cursor) as number;
  const to = from + page.limit;
  return { lines: lines.slice(from, to), nextCursor: to < lines.length ? encodeCursor(list, to) : null };
}

/** Every process that has reported, by id. */
export function workersOf(data: MemoryData): WorkerInfo[] {
  const workers: WorkerInfo[] = [];
  for (const { report, workerId: id, alive, held } of data.processes.values()) {
    if (report !== null) workers.push({ ...report, id, alive, jobs: [...held.keys()] });
  }
  return workers.sort((a, b) => byText(a.id, b.id));
}

/** The finished jobs that `prune` must delete, the oldest of each status first. */
export function prunable(data: MemoryData, { finishedBefore, keepFor, now, limit }: PruneRequest): Job[] {
  const isOld = (job: Job) => {
    if (job.finishedAt === null || !isFinal(job.status)) return false;
    if (keepFor && job.keepFor !== null) return job.finishedAt + job.keepFor <= now;
    return job.finishedAt < (finishedBefore[job.status] ?? -Infinity);
  };
  const old = FINAL_STATUSES.flatMap((status) => [...data.byStatus[status].after()].filter(isOld).reverse());
  return old.slice(0, limit);
}

/** The jobs whose lines `pruneLogs` must delete, and where it stops. */
export function prunableLogs(
  data: MemoryData,
  { finishedBefore, cursor, limit }: PruneLogsRequest,
): { seqs: string[]; nextCursor: string | null } {
  const list = "pruneLogs";
  const after = cursor === undefined ? "" : String(decodeCursor(list, cursor));
  const logged = [...data.logs.keys()].filter((seq) => seq > after).sort(byText);
  const looked = logged.slice(0, limit);
  const isOld = (seq: string) => {
    const job = data.find(seq);
    return job !== undefined && isFinal(job.status) && (job.finishedAt ?? Infinity) < finishedBefore;
  };
  const last = logged.length > limit ? looked.at(-1) : undefined;
  return { seqs: looked.filter(isOld), nextCursor: last === undefined ? null : encodeCursor(list, last) };
}

/** The order of texts, by code unit. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
