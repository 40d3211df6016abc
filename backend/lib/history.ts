import { isFinal, isWaiting, type Job } from "./job.ts";

/** Upper bounds of the histogram's buckets in milliseconds, 1–2–5 steps to a day; a last bucket takes the rest. */
// deno-fmt-ignore
export const BUCKET_BOUNDS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5, 216e5, 864e5,
];

/** Counts per bucket of `BUCKET_BOUNDS`; one longer than it; trailing zeros may be missing. */
export type Histogram = number[];

/** What happened to the jobs of one type within one minute. */
export interface HistoryPoint {
  /** The minute's start, epoch milliseconds. */
  at: number;
  type: string;
  added: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Attempts that failed and will run again. */
  retried: number;
  /** Those that came to an end, completed, failed or cancelled, by queue. */
  ended: Record<string, number>;
  /** Time from start to end of the attempts that ended, milliseconds. */
  runTime: Histogram;
  /** Time from due to start of the attempts that ended, milliseconds. */
  waitTime: Histogram;
}

/** Milliseconds after which a minute no longer changes: processes write theirs about once a second, some may be slow. */
export const SETTLED_AFTER = 5 * 60_000;

/** Queues that one process tells apart within a type and minute: others are not in `ended`. */
const MOST_QUEUES = 100;

/** A point with nothing in it. */
export function emptyPoint(at: number, type: string): HistoryPoint {
  return {
    at,
    type,
    added: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    retried: 0,
    ended: {},
    runTime: [],
    waitTime: [],
  };
}

/** The minute (epoch milliseconds of its start) in which `time` lies. */
export function minuteOf(time: number): number {
  return time - time % 60_000;
}

/** Counts `value` milliseconds into `histogram`. */
export function count(histogram: Histogram, value: number): void {
  let bucket = 0;
  while (bucket < BUCKET_BOUNDS.length && value > (BUCKET_BOUNDS[bucket] ?? 0)) bucket++;
  while (histogram.length <= bucket) histogram.push(0);
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** Counts the end of an attempt, or of a job that waited: `before` is what it was, `after` what it became. */
export function countEnded(point: HistoryPoint, before: Job, after: Job, now: number): void {
  if (before.status !== "running" && !(isWaiting(before.status) && after.status === "cancelled")) return;
  if (after.status === "completed") point.completed++;
  else if (after.status === "failed") point.failed++;
  else if (after.status === "cancelled") point.cancelled++;
  else if (after.status === "retrying") point.retried++;
  else return; // given back: not an attempt
  if (isFinal(after.status) && isRoomFor(point.ended, after.queue)) addEnded(point.ended, after.queue, 1);
  if (before.status !== "running") return;
  const startedAt = before.startedAt ?? now;
  count(point.runTime, Math.max(0, now - startedAt));
  count(point.waitTime, Math.max(0, startedAt - before.scheduledAt));
}

function isRoomFor(ended: HistoryPoint["ended"], queue: string): boolean {
  return Object.hasOwn(ended, queue) || Object.keys(ended).length < MOST_QUEUES;
}

function addEnded(ended: HistoryPoint["ended"], queue: string, n: number): void {
  if (Object.hasOwn(ended, queue)) ended[queue] = (ended[queue] ?? 0) + n;
  // Not assigned: it may be called `__proto__`.
  else {Object.defineProperty(ended, queue, {
      value: n,
      writable: true,
      enumerable: true,
      configurable: true,
    });}
}

/** Adds what `other` counted to `point`. */
export function addPoint(point: HistoryPoint, other: HistoryPoint): void {
  point.added += other.added;
  point.completed += other.completed;
  point.failed += other.failed;
  point.cancelled += other.cancelled;
  point.retried += other.retried;
  for (const [queue, n] of Object.entries(other.ended)) addEnded(point.ended, queue, n);
  for (const name of ["runTime", "waitTime"] as const) {
    other[name].forEach((n, i) => {
      while (point[name].length <= i) point[name].push(0);
      point[name][i] = (point[name][i] ?? 0) + n;
    });
  }
}

/**
 * The value (milliseconds) below which the fraction `p` of what was counted lies, interpolated within its
 * bucket; null when nothing was counted.
 */
export function percentile(histogram: Histogram, p: number): number | null {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let rank = p * total;
  for (const [bucket, n] of histogram.entries()) {
    if (n > 0 && rank <= n) {
      const low = bucket === 0 ? 0 : BUCKET_BOUNDS[bucket - 1] ?? 0;
      const high = BUCKET_BOUNDS[bucket] ?? low * 2;
      return low + (high - low) * rank / n;
    }
    rank -= n;
  }
  return BUCKET_BOUNDS.at(-1) ?? null;
}

/** The percentiles that people look at, in milliseconds to a tenth; null when nothing was counted. */
export function percentilesOf(histogram: Histogram): { p50: number; p95: number; p99: number } | null {
  // Buckets are wider than that: more digits would only look exact.
  const rounded = (p: number) => Math.round(10 * (percentile(histogram, p) ?? NaN)) / 10;
  const [p50, p95, p99] = [rounded(0.5), rounded(0.95), rounded(0.99)];
  return Number.isNaN(p50) ? null : { p50, p95, p99 };
}
