import { OpenAPIHono, z } from "@hono/zod-openapi";
import { type HistoryPoint, percentilesOf } from "../lib/history.ts";
import { HistorySeries } from "../lib/history-series.ts";
import type { Queue } from "../lib/queue.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, iso, isoTime, route } from "./schemas.ts";
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

const historySchema = z.object({
  from: isoTime,
  to: isoTime.openapi({ description: "Where the last bucket, the present one, will end" }),
  step: z.number().openapi({ description: "Width of a bucket, milliseconds" }),
  data: z.array(bucketSchema).openapi({ description: "Every bucket, oldest first" }),
}).openapi("History");

const readHistory = route(["viewer"], {
  method: "get",
  path: "/history",
  request: {
    query: z.strictObject({
      range: z.enum(["1h", "24h", "7d"]).default("1h"),
      type: z.string().optional().openapi({ description: "Only this type and its family" }),
    }),
  },
  responses: { 200: answer("What happened to jobs, bucket by bucket", historySchema) },
});

/** `GET /api/admin/stats/history`. */
export function statsHistoryRoutes({ queue }: { queue: Queue }) {
  const seriesOf = (range: keyof typeof RANGES) => {
    return new HistorySeries((wanted) => queue.history(wanted), RANGES[range]);
  };
  const series = { "1h": seriesOf("1h"), "24h": seriesOf("24h"), "7d": seriesOf("7d") };

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(readHistory, async (c) => {
      const { range, type } = c.req.valid("query");
      const { from, to, buckets } = await series[range].upTo(queue.now(), type);
      const { step } = RANGES[range];
      return c.json({ from: iso(from), to: iso(to), step, data: buckets.map(viewBucket) }, 200);
    });
}

function viewBucket(bucket: HistoryPoint): z.infer<typeof bucketSchema> {
  const { at, added, completed, failed, cancelled, retried, waitTime, runTime } = bucket;
  return {
    at: iso(at),
    added,
    completed,
    failed,
    cancelled,
    retried,
    wait: percentilesOf(waitTime),
    run: percentilesOf(runTime),
  };
}
