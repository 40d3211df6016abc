import { OpenAPIHono, z } from "@hono/zod-openapi";
import { InputRangeError, InvalidStatusError, isInputError } from "../lib/errors.ts";
import { isFinal, type Job } from "../lib/job.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import type { LogPage } from "../lib/store.ts";
import { findJob } from "./job-find.ts";
import * as input from "./job-input.ts";
import * as schemas from "./job-schemas.ts";
import { viewJob, viewLogLine } from "./job-view.ts";
import { note, noteChange } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, cursor, idParam, limit, nothing, route } from "./schemas.ts";

const retryJob = route([], {
  method: "post",
  path: "/{id}/retry",
  summary: "Runs a finished job again, or with other data as a new job",
  request: { params: idParam, query: nothing, body: body(input.retryInput, false) },
  responses: {
    200: answer("The job, pending again", schemas.jobSchema),
    201: answer("A new job with the changed data", schemas.jobSchema),
  },
}, { 409: "It has not finished, or another job holds its unique key" });

const cancelJob = route([], {
  method: "post",
  path: "/{id}/cancel",
  summary: "Cancels a job that waits or runs",
  request: { params: idParam, query: nothing, body: body(nothing, false) },
  responses: {
    200: answer("The job, cancelled before it ran", schemas.jobSchema),
    202: answer("The job, asked to stop: its handler has not ended yet", schemas.jobSchema),
  },
}, { 409: "It has finished" });

const readLogs = route(["viewer", "producer"], {
  method: "get",
  path: "/{id}/logs",
  summary: "Lists what the job has written to its log, oldest first",
  request: {
    params: idParam,
    query: z.strictObject({ limit: limit.optional(), after: cursor.optional() }),
  },
  responses: {
    200: answer(
      "Lines of the job's log, oldest first",
      z.object({
        data: z.array(schemas.logLineSchema),
        nextCursor: z.string().nullable(),
      }),
    ),
  },
});

const cleanUp = route([], {
  method: "post",
  path: "/cleanup",
  summary: "Deletes finished jobs",
  request: { query: nothing, body: body(input.cleanupInput) },
  responses: { 200: answer("How many finished jobs are deleted", z.object({ removed: z.number() })) },
});

/** Routes under `/api/admin/jobs` that do something with jobs, or read what handlers wrote. */
export function jobActionRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  const view = (job: Job) => viewJob(job, redactor);

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(cleanUp, async (c) => {
      const request = c.req.valid("json");
      const removed = await queue.prune(request);
      note(c, { action: "job.cleanup", subject: null, after: { ...request, removed } });
      return c.json({ removed }, 200);
    })
    .openapi(retryJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const { data } = c.req.valid("json");
      if (data === undefined) {
        const onChanged = noteChange(c, { action: "job.retry", subject: job.id }, view);
        return c.json(view(await queue.retry(job.id, { onChanged })), 200);
      }
      if (!isFinal(job.status)) throw new InvalidStatusError("retry", job.id, job.status);
      const id = await queue.repeat(job.id, redactor.restore(data, job.data));
      const location = new URL(c.req.url).pathname.replace(/[^/]+\/retry$/, encodeURIComponent(id));
      const repeated = view(await findJob(queue, id, c.var.role));
      const [before, after] = [job.data, repeated.data].map((data) => ({ data: redactor.value(data) }));
      note(c, { action: "job.repeat", subject: id, before, after: { ...after, retryOf: job.id } });
      return c.json(repeated, 201, { Location: location });
    })
    .openapi(cancelJob, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const onChanged = noteChange(c, { action: "job.cancel", subject: job.id }, view);
      const after = view(await queue.cancel(job.id, { onChanged }));
      return c.json(after, after.status === "running" ? 202 : 200);
    })
    .openapi(readLogs, async (c) => {
      const job = await findJob(queue, c.req.valid("param").id, c.var.role);
      const { after, limit } = c.req.valid("query");
      const page = await pageOfLogs(queue, job.id, { cursor: after, limit });
      return c.json({
        data: page.lines.map((line) => viewLogLine(line, redactor)),
        nextCursor: page.nextCursor,
      }, 200);
    });
}

async function pageOfLogs(
  queue: Queue,
  id: string,
  page: { cursor?: string; limit?: number },
): Promise<LogPage> {
  try {
    return await queue.logs(id, page);
  } catch (error) { // this route calls its cursor "after"
    const issue = isInputError(error) ? error.issues[0] : undefined;
    if (issue?.path !== "cursor") throw error;
    throw new InputRangeError("after", issue.message, { cause: error });
  }
}
