import { OpenAPIHono, z } from "@hono/zod-openapi";
import { HistorySeries, type Series } from "../lib/history-series.ts";
import type { Queue } from "../lib/queue.ts";
import { LONGEST_NOTE } from "../lib/queue-pause.ts";
import type { Redactor } from "../lib/redact.ts";
import { noCounts } from "../lib/status-counts.ts";
import type { QueueInfo, StoreStats } from "../lib/store.ts";
import { note } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { pauseSchema, viewPause } from "./queue-pause.ts";
import { answer, body, nameParam, nothing, route } from "./schemas.ts";
import { countsSchema } from "./stats.ts";

const QUARTER = 15 * 60_000;
const QUARTERS = 96;

const queueSchema = z.object({
  name: z.string(),
  paused: z.boolean(),
  pause: pauseSchema.nullable(),
  counts: countsSchema,
  latency: z.number().openapi({
    description: "For how long the oldest pending job has waited, milliseconds",
  }),
  throughput: z.number().openapi({
    description: "Jobs that completed, failed or were cancelled, a minute, over the last hour",
  }),
  endedByHour: z.array(z.number()).openapi({
    description: "How many those were in each of the last 24 hours, the present one last",
  }),
}).openapi("Queue");

const pausedSchema = queueSchema.pick({ name: true, paused: true, pause: true });

const pauseInput = z.strictObject({
  note: z.string().optional().openapi({
    minLength: 1,
    maxLength: LONGEST_NOTE,
    description: "Why, for others to read: one line",
  }),
});

const listQueues = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists every queue",
  request: { query: nothing },
  responses: { 200: answer("Every queue", z.object({ data: z.array(queueSchema) })) },
});

const pauseQueue = route([], {
  method: "post",
  path: "/{name}/pause",
  summary: "Lets the jobs of a queue wait",
  description: "One that is paused already keeps its pause, unless there is another note now.",
  request: { params: nameParam, query: nothing, body: body(pauseInput, false) },
  responses: { 200: answer("Its jobs wait; those that run go on", pausedSchema) },
});

const resumeQueue = route([], {
  method: "post",
  path: "/{name}/resume",
  summary: "Lets the jobs of a queue run again",
  request: { params: nameParam, query: nothing, body: body(nothing, false) },
  responses: { 200: answer("Its jobs run again", pausedSchema) },
});

/** Routes under `/api/admin/queues`. */
export function queueRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  // Quarters, since only those that have passed are kept: an hour would be read again and again.
  const day = new HistorySeries((range) => queue.history(range), { step: QUARTER, count: QUARTERS });

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listQueues, async (c) => {
      const now = queue.now();
      const [queues, stats, series] = await Promise.all([queue.queues(), queue.stats(), day.upTo(now)]);
      return c.json({ data: queues.map((info) => viewQueue(info, { stats, series, now, redactor })) }, 200);
    })
    .openapi(pauseQueue, async (c) => {
      const { name } = c.req.valid("param");
      const { note: why } = c.req.valid("json");
      const pause = await queue.pause(name, { by: c.var.role, note: why });
      const after = { note: why && redactor.text(why) };
      note(c, { action: "queue.pause", subject: name, after });
      return c.json({ name, paused: true, pause: pause && viewPause(pause, redactor) }, 200);
    })
    .openapi(resumeQueue, async (c) => {
      const { name } = c.req.valid("param");
      await queue.resume(name);
      note(c, { action: "queue.resume", subject: name });
      return c.json({ name, paused: false, pause: null }, 200);
    });
}

function viewQueue(
  { name, paused, pause }: QueueInfo,
  { stats: { byQueue, oldestPendingByQueue }, series, now, redactor }: {
    stats: StoreStats;
    series: Series;
    now: number;
    redactor: Redactor;
  },
): z.infer<typeof queueSchema> {
  const quarters = series.buckets.map(({ ended }) => valueOf(ended, name) ?? 0);
  const lastHour = quarters.slice(-4).reduce((sum, n) => sum + n, 0);
  return {
    name,
    paused,
    pause: pause === undefined ? null : viewPause(pause, redactor),
    counts: valueOf(byQueue, name) ?? noCounts(),
    latency: Math.max(0, now - (valueOf(oldestPendingByQueue, name) ?? now)),
    throughput: lastHour * 60_000 / (now - (series.to - 4 * QUARTER)),
    endedByHour: Array.from({ length: QUARTERS / 4 }, (_, hour) => {
      return quarters.slice(4 * hour, 4 * hour + 4).reduce((sum, n) => sum + n, 0);
    }),
  };
}

/** What stands for `name`, which anybody may have chosen. */
function valueOf<T>(record: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
