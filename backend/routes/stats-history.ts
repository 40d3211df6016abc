import { OpenAPIHono, z } from "@hono/zod-openapi";
import { addPoint, emptyPoint, type HistoryPoint, percentilesOf } from "../lib/history.ts";
import { HistorySeries } from "../lib/history-series.ts";
import type { Queue } from "../lib/queue.ts";
import { Releases } from "../lib/releases.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, iso, isoTime, nothing, route } from "./schemas.ts";
import { percentiles } from "./stats.ts";

const MINUTE = 60_000;

/** How wide the buckets of a range are, in milliseconds, and how many make it up: about as many as a chart has room for. */
const RANGES = {
  "1h": { step: MINUTE, count: 60 },
  "24h": { step: 15 * MINUTE, count: 96 },
  "7d": { step: 120 * MINUTE, count: 84 },
} as const;

const bucketSchema = z.object({
  at: isoTime.openapi({ description: "Where the bucket begins" }),
  added: z.number(),
  completed: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  retried: z.number().openapi({ description: "Attempts that failed and will run again" }),
  wait: percentiles.openapi({ description: "From due to start, milliseconds; null without an attempt" }),
  run: percentiles.openapi({ description: "From start to end, milliseconds; null without an attempt" }),
});

/** Types that are told apart: as many as anybody reads. */
const MOST_TYPES = 100;

const typeSchema = bucketSchema.omit({ at: true }).extend({ type: z.string() });

const historySchema = z.object({
  from: isoTime,
  to: isoTime.openapi({ description: "Where the last bucket, the present one, will end" }),
  step: z.number().openapi({ description: "Width of a bucket, milliseconds" }),
  data: z.array(bucketSchema).openapi({ description: "Every bucket, oldest first" }),
  total: bucketSchema.omit({ at: true }).openapi({ description: "All buckets together" }),
  types: z.array(typeSchema).openapi({
    description: "The same by type, those that ended most often first, up to a hundred",
  }),
}).openapi("History");

const readHistory = route(["viewer"], {
  method: "get",
  path: "/history",
  summary: "Tells what happened to jobs, bucket by bucket, for charts",
  request: {
    query: z.strictObject({
      range: z.enum(["1h", "24h", "7d"]).default("1h"),
      type: z.string().optional().openapi({ description: "Only this type and its family" }),
    }),
  },
  responses: { 200: answer("What happened to jobs, bucket by bucket", historySchema) },
});

const listVersions = route(["viewer"], {
  method: "get",
  path: "/versions",
  summary: "Tells when another version of the program took over",
  request: { query: nothing },
  responses: {
    200: answer(
      "When another version of the program took over",
      z.object({
        data: z.array(
          z.object({
            version: z.string(),
            at: isoTime.openapi({ description: "When its first process began to run" }),
            before: z.string().openapi({ description: "The version until then" }),
          }),
        ).openapi({ description: "The last changes, oldest first" }),
      }).openapi("Versions"),
    ),
  },
});

/** `GET /api/admin/stats/history` and `GET /api/admin/stats/versions`. */
export function statsHistoryRoutes({ queue }: { queue: Queue }) {
  const seriesOf = (range: keyof typeof RANGES) => {
    return new HistorySeries((wanted) => queue.history(wanted), RANGES[range]);
  };
  const series = { "1h": seriesOf("1h"), "24h": seriesOf("24h"), "7d": seriesOf("7d") };

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(readHistory, async (c) => {
      const { range, type } = c.req.valid("query");
      const { from, to, buckets, types } = await series[range].upTo(queue.now(), type);
      const { step } = RANGES[range];
      const total = emptyPoint(from, "");
      for (const bucket of buckets) addPoint(total, bucket);
      return c.json({
        from: iso(from),
        to: iso(to),
        step,
        data: buckets.map((bucket) => ({ at: iso(bucket.at), ...viewPoint(bucket) })),
        total: viewPoint(total),
        types: types.slice(0, MOST_TYPES).map((point) => ({ type: point.type, ...viewPoint(point) })),
      }, 200);
    })
    .openapi(listVersions, async (c) => {
      const releases = await new Releases(queue).list();
      return c.json({
        data: releases.map(({ version, at, before }) => ({ version, at: iso(at), before: before ?? "" })),
      }, 200);
    });
}

function viewPoint(point: HistoryPoint): Omit<z.infer<typeof bucketSchema>, "at"> {
  const { added, completed, failed, cancelled, retried, waitTime, runTime } = point;
  return {
    added,
    completed,
    failed,
    cancelled,
    retried,
    wait: percentilesOf(waitTime),
    run: percentilesOf(runTime),
  };
}
