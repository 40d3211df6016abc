import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Queue } from "../lib/queue.ts";
import { noCounts } from "../lib/status-counts.ts";
import type { QueueInfo, StoreStats } from "../lib/store.ts";
import { note } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, nameParam, nothing, route } from "./schemas.ts";
import { countsSchema } from "./stats.ts";

const queueSchema = z.object({
  name: z.string(),
  paused: z.boolean(),
  counts: countsSchema,
  latency: z.number().openapi({
    description: "For how long the oldest pending job has waited, milliseconds",
  }),
}).openapi("Queue");

const pausedSchema = z.object({ name: z.string(), paused: z.boolean() });

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
  request: { params: nameParam, query: nothing, body: body(nothing, false) },
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
export function queueRoutes({ queue }: { queue: Queue }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listQueues, async (c) => {
      const [queues, stats] = await Promise.all([queue.queues(), queue.stats()]);
      return c.json({ data: queues.map((info) => viewQueue(info, stats, queue.now())) }, 200);
    })
    .openapi(pauseQueue, async (c) => {
      const { name } = c.req.valid("param");
      await queue.pause(name);
      note(c, { action: "queue.pause", subject: name });
      return c.json({ name, paused: true }, 200);
    })
    .openapi(resumeQueue, async (c) => {
      const { name } = c.req.valid("param");
      await queue.resume(name);
      note(c, { action: "queue.resume", subject: name });
      return c.json({ name, paused: false }, 200);
    });
}

function viewQueue({ name, paused }: QueueInfo, stats: StoreStats, now: number): z.infer<typeof queueSchema> {
  const oldest = Object.hasOwn(stats.oldestPendingByQueue, name)
    ? stats.oldestPendingByQueue[name] ?? now
    : now;
  const counts = Object.hasOwn(stats.byQueue, name) ? stats.byQueue[name] : undefined;
  return { name, paused, counts: counts ?? noCounts(), latency: Math.max(0, now - oldest) };
}
