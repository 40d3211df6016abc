import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isId } from "../lib/check.ts";
import { NotFoundError } from "../lib/errors.ts";
import type { Queue } from "../lib/queue.ts";
import type { WorkerInfo } from "../lib/store.ts";
import { note } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, idParam, iso, isoTime, nothing, route } from "./schemas.ts";

const workerSchema = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  status: z.enum(["running", "draining", "dead"]),
  concurrency: z.number(),
  types: z.array(z.string()),
  jobs: z.array(z.string()).openapi({ description: "Ids of the jobs it holds" }),
  processed: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  startedAt: isoTime,
  heartbeatAt: isoTime,
  eventLoopLag: z.number().openapi({ description: "Milliseconds" }),
  memory: z.number().openapi({ description: "Bytes" }),
}).openapi("Worker");

const listWorkers = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists every registered worker",
  request: { query: nothing },
  responses: { 200: answer("Every registered worker", z.object({ data: z.array(workerSchema) })) },
});

const stopWorker = route([], {
  method: "delete",
  path: "/{id}",
  summary: "Stops a worker gracefully, or forgets a dead one",
  request: { params: idParam, query: nothing },
  responses: {
    200: answer("It was dead and is forgotten", z.object({ id: z.string(), status: z.literal("removed") })),
    202: answer(
      "It stops once its jobs have ended",
      z.object({ id: z.string(), status: z.literal("stopping") }),
    ),
  },
});

const cleanUp = route([], {
  method: "post",
  path: "/cleanup",
  summary: "Rescues the jobs of dead workers, and forgets those",
  request: { query: nothing, body: body(nothing, false) },
  responses: {
    200: answer("The dead workers forgotten, their jobs rescued", z.object({ removed: z.array(z.string()) })),
  },
});

/** Routes under `/api/admin/workers`. */
export function workerRoutes({ queue }: { queue: Queue }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listWorkers, async (c) => c.json({ data: (await queue.workers()).map(viewWorker) }, 200))
    .openapi(cleanUp, async (c) => {
      const removed = await queue.removeDeadWorkers();
      note(c, { action: "worker.cleanup", subject: null, after: { removed } });
      return c.json({ removed }, 200);
    })
    .openapi(stopWorker, async (c) => {
      const { id } = c.req.valid("param");
      if (!isId(id)) throw new NotFoundError("worker", id);
      const status = await queue.removeWorker(id);
      note(c, { action: status === "stopping" ? "worker.stop" : "worker.remove", subject: id });
      return status === "stopping" ? c.json({ id, status }, 202) : c.json({ id, status }, 200);
    });
}

function viewWorker(worker: WorkerInfo): z.infer<typeof workerSchema> {
  return {
    id: worker.id,
    host: worker.host,
    pid: worker.pid,
    version: worker.version,
    status: worker.alive ? worker.status : "dead",
    concurrency: worker.concurrency,
    types: [...worker.types],
    jobs: [...worker.jobs],
    processed: worker.processed,
    succeeded: worker.succeeded,
    failed: worker.failed,
    startedAt: iso(worker.startedAt),
    heartbeatAt: iso(worker.heartbeatAt),
    eventLoopLag: worker.eventLoopLag,
    memory: worker.memory,
  };
}
