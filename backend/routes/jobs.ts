import { OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../lib/errors.ts";
import { isFinal, isWaiting, type Job } from "../lib/job.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import { addMany, addOne } from "./job-add.ts";
import { brief } from "./job-brief.ts";
import { filterOf, findJob, mayRead } from "./job-find.ts";
import * as input from "./job-input.ts";
import * as schemas from "./job-schemas.ts";
import { placeInLine } from "./job-line.ts";
import { viewJob, viewListed, viewWhole } from "./job-view.ts";
import { pageOf, pageSchema } from "./list-page.ts";
import { note, noteChange, noteNothing } from "./middleware/audit.ts";
import type { ApiEnv, Role } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, duration, flag, idParam, nothing, route } from "./schemas.ts";

/** The longest `?wait=`, in milliseconds: proxies give up not much later. */
const LONGEST_WAIT = 300_000;

const wait = duration.refine((ms) => ms <= LONGEST_WAIT, "must be at most 5 minutes")
  .openapi({ example: "30s", description: "Answers when the job has finished, or 202 after this long" });

const listJobs = route(["viewer", "producer"], {
  method: "get",
  path: "/",
  summary: "Lists jobs, newest first",
  parameters: [input.dataConditions],
  request: { query: input.listQuery },
  responses: {
    200: answer("A page of jobs", pageSchema(schemas.listedJobSchema)),
  },
});

const addJob = route(["producer"], {
  method: "post",
  path: "/",
  summary: "Adds a job, or up to 1,000",
  parameters: [{
    name: "Idempotency-Key",
    in: "header",
    description: "Of requests with the same key, one adds a job and all answer with it; not with many jobs",
    schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[ -~]+$" },
  }],
  request: { query: z.strictObject({ strict: flag.optional() }), body: body(input.newJobs) },
  responses: {
    200: answer("The job that stood for this request before", schemas.jobSchema),
    201: answer(
      "The job added, or the ids of many",
      z.union([schemas.jobSchema, z.object({ ids: z.array(z.string()) })]),
    ),
  },
}, {
  404: "The job that stood for this request has just been removed",
  409:
    "Another job holds the unique key and shall not be replaced or kept, or has the id and is hidden from the caller",
});

const getQuery = z.strictObject({
  wait: wait.optional(),
  brief: flag.optional().openapi({
    description: "Cuts what is long in data and result, and says so in cuts",
  }),
  ahead: flag.optional().openapi({ description: "Counts the jobs that stand before a pending one" }),
});

const getJob = route(["viewer", "producer"], {
  method: "get",
  path: "/{id}",
  summary: "Tells everything about a job",
  request: { params: idParam, query: getQuery },
  responses: {
    200: answer("The job", schemas.wholeJobSchema),
    202: answer("The job, which has not finished yet", schemas.wholeJobSchema),
  },
});

const changeJob = route([], {
  method: "patch",
  path: "/{id}",
  summary: "Changes a waiting job",
  request: { params: idParam, query: nothing, body: body(input.jobChanges) },
  responses: { 200: answer("The job as it is now", schemas.jobSchema) },
}, { 409: "It does not wait" });

const deleteJob = route([], {
  method: "delete",
  path: "/{id}",
  summary: "Cancels a job that waits or runs, removes one that has finished",
  request: { params: idParam, query: nothing },
  responses: {
    200: answer("The job, cancelled before it ran", schemas.jobSchema),
    202: answer("The job, asked to stop: its handler has not ended yet", schemas.jobSchema),
    204: { description: "The job had finished and is removed" },
  },
}, { 409: "It has changed just now" });

/** Routes under `/api/admin/jobs` that concern one job, or a list of them. */
export function jobRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  const view = (job: Job) => viewJob(job, redactor);

  /** What can be said about a job now, as far as somebody asks. Who may not see queues is not told who paused one. */
  async function whole(job: Job, asked: z.infer<typeof getQuery>, role: Role) {
    const [all, workers] = isWaiting(job.status)
      ? await Promise.all([queue.queues(), queue.workers()])
      : [[], []];
    const queues = role === "producer" ? all.map(({ name, paused }) => ({ name, paused })) : all;
    const isCounted = asked.ahead === true && job.status === "pending";
    const ahead = isCounted ? await placeInLine(queue, job, workers) : null;
    const view = viewWhole(job, redactor, { now: queue.now(), queues, workers, ahead });
    return asked.brief ? brief(view) : view;
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listJobs, async (c) => {
      const query = c.req.valid("query");
      const { limit, cursor } = query;
      const page = await queue.list(filterOf(query, c.var.role, redactor), { limit, cursor });
      const partial = new Set(page.partial);
      const data = page.jobs.map((job) => viewListed(job, redactor, partial.has(job.seq)));
      return c.json(pageOf(data, page, limit), 200);
    })
    .openapi(addJob, async (c) => {
      noteNothing(c, "each job says in createdBy who added it");
      const jobs = c.req.valid("json");
      const context = {
        role: c.get("role"),
        strict: c.req.valid("query").strict ?? false,
        idempotencyKey: c.req.header("Idempotency-Key"),
      };
      if (Array.isArray(jobs)) return c.json({ ids: await addMany(queue, jobs, context) }, 201);
      const { job, added } = await addOne(queue, jobs, context);
      const location = `${c.req.path}/${encodeURIComponent(job.id)}`;
      return c.json(view(job), added ? 201 : 200, { location });
    })
    .openapi(getJob, async (c) => {
      const { id } = c.req.valid("param");
      const query = c.req.valid("query");
      const { wait } = query;
      const job = await findJob(queue, id, c.var.role);
      if (wait === undefined) return c.json(await whole(job, query, c.var.role), 200);
      const later = await queue.waitFinished(id, { timeout: wait, signal: c.req.raw.signal });
      if (!mayRead(later, c.var.role)) throw new NotFoundError("job", id); // removed, and its id is another's now
      return c.json(await whole(later, query, c.var.role), isFinal(later.status) ? 200 : 202);
    })
    .openapi(changeJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const onChanged = noteChange(c, { action: "job.update", subject: job.id }, view);
      return c.json(view(await queue.update(job.id, c.req.valid("json"), { onChanged })), 200);
    })
    .openapi(deleteJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      if (isFinal(job.status)) {
        await queue.remove(job.id, { finishedAt: job.finishedAt });
        note(c, { action: "job.remove", subject: job.id, before: view(job) });
        return c.body(null, 204);
      }
      const onChanged = noteChange(c, { action: "job.cancel", subject: job.id }, view);
      const after = view(await queue.cancel(job.id, { onChanged }));
      return c.json(after, after.status === "running" ? 202 : 200);
    });
}
