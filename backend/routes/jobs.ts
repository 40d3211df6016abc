import { OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../lib/errors.ts";
import { isFinal, isWaiting, type Job } from "../lib/job.ts";
import type { Queue } from "../lib/queue.ts";
import { addMany, addOne } from "./job-add.ts";
import { filterOf, findJob, mayRead } from "./job-find.ts";
import * as input from "./job-input.ts";
import * as schemas from "./job-schemas.ts";
import { viewJob, viewListed, viewWhole } from "./job-view.ts";
import { note, noteNothing } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import type { Redactor } from "./middleware/redact.ts";
import { answer, body, duration, flag, idParam, nothing, route } from "./schemas.ts";

/** The longest `?wait=`, in milliseconds: proxies give up not much later. */
const LONGEST_WAIT = 300_000;

const wait = duration.refine((ms) => ms <= LONGEST_WAIT, "must be at most 5 minutes")
  .openapi({ example: "30s", description: "Answers when the job has finished, or 202 after this long" });

const listJobs = route(["viewer", "producer"], {
  method: "get",
  path: "/",
  request: { query: input.listQuery },
  responses: {
    200: answer(
      "A page of jobs",
      z.object({
        data: z.array(schemas.listedJobSchema),
        nextCursor: z.string().nullable(),
        scanned: z.number().optional(),
      }),
    ),
  },
});

const addJob = route(["producer"], {
  method: "post",
  path: "/",
  request: { query: z.strictObject({ strict: flag.optional() }), body: body(input.newJobs) },
  responses: {
    200: answer("The job that stood for this request before", schemas.jobSchema),
    201: answer(
      "The job added, or the ids of many",
      z.union([schemas.jobSchema, z.object({ ids: z.array(z.string()) })]),
    ),
  },
});

const getJob = route(["viewer", "producer"], {
  method: "get",
  path: "/{id}",
  request: { params: idParam, query: z.strictObject({ wait: wait.optional() }) },
  responses: {
    200: answer("The job", schemas.wholeJobSchema),
    202: answer("The job, which has not finished yet", schemas.wholeJobSchema),
  },
});

const changeJob = route([], {
  method: "patch",
  path: "/{id}",
  request: { params: idParam, query: nothing, body: body(input.jobChanges) },
  responses: { 200: answer("The job as it is now", schemas.jobSchema) },
});

const deleteJob = route([], {
  method: "delete",
  path: "/{id}",
  request: { params: idParam, query: nothing },
  responses: {
    200: answer("The job, cancelled before it ran", schemas.jobSchema),
    202: answer("The job, asked to stop: its handler has not ended yet", schemas.jobSchema),
    204: { description: "The job had finished and is removed" },
  },
});

/** Routes under `/api/admin/jobs` that concern one job, or a list of them. */
export function jobRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  async function whole(job: Job) {
    const [queues, workers] = isWaiting(job.status)
      ? await Promise.all([queue.queues(), queue.workers()])
      : [[], []];
    return viewWhole(job, redactor, { now: queue.now(), queues, workers });
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listJobs, async (c) => {
      const query = c.req.valid("query");
      const { limit, cursor } = query;
      const page = await queue.list(filterOf(query, c.var.role, redactor), { limit, cursor });
      const unfilled = page.nextCursor !== null && page.jobs.length < (limit ?? 50);
      const partial = new Set(page.partial);
      return c.json({
        data: page.jobs.map((job) => viewListed(job, redactor, partial.has(job.seq))),
        nextCursor: page.nextCursor,
        ...(unfilled ? { scanned: page.scanned } : {}),
      }, 200);
    })
    .openapi(addJob, async (c) => {
      noteNothing(c, "each job says in createdBy who added it");
      const jobs = c.req.valid("json");
      const context = {
        role: c.var.role,
        strict: c.req.valid("query").strict ?? false,
        idempotencyKey: c.req.header("Idempotency-Key"),
      };
      if (Array.isArray(jobs)) return c.json({ ids: await addMany(queue, jobs, context) }, 201);
      const { job, added } = await addOne(queue, jobs, context);
      const location = `${new URL(c.req.url).pathname}/${encodeURIComponent(job.id)}`;
      return c.json(viewJob(job, redactor), added ? 201 : 200, { Location: location });
    })
    .openapi(getJob, async (c) => {
      const { id } = c.req.valid("param");
      const { wait } = c.req.valid("query");
      const job = await findJob(queue, id, c.var.role);
      if (wait === undefined) return c.json(await whole(job), 200);
      const later = await queue.waitFinished(id, { timeout: wait, signal: c.req.raw.signal });
      if (!mayRead(later, c.var.role)) throw new NotFoundError("job", id); // removed, and its id is another's now
      return c.json(await whole(later), isFinal(later.status) ? 200 : 202);
    })
    .openapi(changeJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const after = viewJob(await queue.update(job.id, c.req.valid("json")), redactor);
      note(c, { action: "job.update", subject: job.id, before: viewJob(job, redactor), after });
      return c.json(after, 200);
    })
    .openapi(deleteJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const before = viewJob(job, redactor);
      if (isFinal(job.status)) {
        await queue.remove(job.id);
        note(c, { action: "job.remove", subject: job.id, before });
        return c.body(null, 204);
      }
      const after = viewJob(await queue.cancel(job.id), redactor);
      note(c, { action: "job.cancel", subject: job.id, before, after });
      return c.json(after, after.status === "running" ? 202 : 200);
    });
}
