import { OpenAPIHono, z } from "@hono/zod-openapi";
import { addPoint, emptyPoint, type HistoryPoint, percentilesOf } from "../lib/history.ts";
import type { Queue } from "../lib/queue.ts";
import type { StatusCounts, StoreStats } from "../lib/store.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, iso, isoTime, nothing, route } from "./schemas.ts";

/** How far back rates and times look, in milliseconds: long enough to be calm, short enough to be news. */
const WINDOW = 3_600_000;

/** How many jobs have each status. */
export const countsSchema = z.object({
  pending: z.number(),
  scheduled: z.number(),
  running: z.number(),
  retrying: z.number(),
  completed: z.number(),
  failed: z.number(),
  cancelled: z.number(),
});

/** How long jobs took: half of them, 95 and 99 of a hundred. */
export const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable();

const statsSchema = countsSchema.extend({
  byQueue: z.record(z.string(), countsSchema),
  byType: z.record(z.string(), countsSchema),
  oldestPendingAge: z.number().nullable().openapi({
    description: "Milliseconds; null without a pending job",
  }),
  oldestPendingAgeByQueue: z.record(z.string(), z.number()),
  lastHour: z.object({
    from: isoTime,
    to: isoTime,
    added: z.number(),
    completed: z.number(),
    failed: z.number(),
    cancelled: z.number(),
    retried: z.number(),
    throughput: z.number().openapi({ description: "Completed jobs a minute" }),
    successRate: z.number().nullable().openapi({
      description: "Of the jobs that completed or failed; null without any",
    }),
    failureRate: z.number().nullable(),
    byType: z.record(
      z.string(),
      z.object({ wait: percentiles, run: percentiles }).openapi({ description: "Milliseconds" }),
    ),
  }),
}).openapi("Stats");

type Stats = z.infer<typeof statsSchema>;

const readStats = route(["viewer"], {
  method: "get",
  path: "/stats",
  summary: "Counts all jobs, and tells how the last hour went",
  request: { query: nothing },
  responses: { 200: answer("Counts of all jobs, and how the last hour went", statsSchema) },
});

/** `GET /api/admin/jobs/stats`. */
export function statsRoutes({ queue }: { queue: Queue }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(readStats, async (c) => {
      const now = queue.now();
      // Points are whole minutes: the one that has just begun belongs to the hour too.
      const range = { from: now - WINDOW, to: now + 1 };
      const [stats, history] = await Promise.all([queue.stats(), queue.history(range)]);
      return c.json(viewStats(stats, history, now), 200);
    });
}

function viewStats(stats: StoreStats, history: readonly HistoryPoint[], now: number): Stats {
  const age = (since: number) => Math.max(0, now - since);
  return {
    ...countsOf(stats),
    byQueue: mapValues(stats.byQueue, countsOf),
    byType: mapValues(stats.byType, countsOf),
    oldestPendingAge: stats.oldestPendingAt === null ? null : age(stats.oldestPendingAt),
    oldestPendingAgeByQueue: mapValues(stats.oldestPendingByQueue, age),
    lastHour: viewHistory(history, now),
  };
}

function viewHistory(history: readonly HistoryPoint[], now: number): Stats["lastHour"] {
  const total = emptyPoint(now, "");
  const types = new Map<string, HistoryPoint>();
  for (const point of history) {
    const ofType = types.get(point.type) ?? emptyPoint(now, point.type);
    types.set(point.type, ofType);
    addPoint(ofType, point);
    addPoint(total, point);
  }
  const { added, completed, failed, cancelled, retried } = total;
  const ended = completed + failed;
  return {
    from: iso(now - WINDOW),
    to: iso(now),
    added,
    completed,
    failed,
    cancelled,
    retried,
    throughput: completed / (WINDOW / 60_000),
    successRate: ended === 0 ? null : completed / ended,
    failureRate: ended === 0 ? null : failed / ended,
    byType: Object.fromEntries(
      [...types].map(([type, point]) => {
        return [type, { wait: percentilesOf(point.waitTime), run: percentilesOf(point.runTime) }];
      }),
    ),
  };
}

function countsOf(counts: StatusCounts): StatusCounts {
  const { pending, scheduled, running, retrying, completed, failed, cancelled } = counts;
  return { pending, scheduled, running, retrying, completed, failed, cancelled };
}

/** A queue or type may be called `__proto__`: fields are defined, never assigned. */
function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
