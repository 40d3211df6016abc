import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Job } from "../lib/job.ts";
import { logOf } from "../lib/log.ts";
import type { Queue } from "../lib/queue.ts";
import type { JobFilter, JobPage } from "../lib/store.ts";
import { csvRow } from "./csv.ts";
import { filterOf } from "./job-find.ts";
import * as input from "./job-input.ts";
import { type JobView, viewJob } from "./job-view.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import type { Redactor } from "./middleware/redact.ts";
import { route } from "./schemas.ts";

/** Jobs read at once. */
const PAGE = 200;

/** Characters sent at once: many jobs share a chunk, and a large one is not kept until others join it. */
const CHUNK = 65_536;

/** The columns of a CSV file, and what stands in each. */
const COLUMNS: readonly [name: string, cell: (job: JobView) => string | number | null][] = [
  ["id", (job) => job.id],
  ["seq", (job) => job.seq],
  ["type", (job) => job.type],
  ["status", (job) => job.status],
  ["queue", (job) => job.queue],
  ["priority", (job) => job.priority],
  ["tags", (job) => job.tags.join(" ")],
  ["attempt", (job) => job.attempt],
  ["maxAttempts", (job) => job.maxAttempts],
  ["createdAt", (job) => job.createdAt],
  ["scheduledAt", (job) => job.scheduledAt],
  ["startedAt", (job) => job.startedAt],
  ["finishedAt", (job) => job.finishedAt],
  ["createdBy", (job) => job.createdBy],
  ["workerId", (job) => job.workerId],
  ["retryOf", (job) => job.retryOf],
  ["progress", (job) => job.progress?.percent ?? null],
  ["error", (job) => job.errors.at(-1)?.message ?? null],
  ["data", (job) => JSON.stringify(job.data ?? null)],
  ["result", (job) => JSON.stringify(job.result ?? null)],
];

/** How each format is written. */
const FORMATS = {
  ndjson: { mediaType: "application/x-ndjson", head: "", line: (job: JobView) => `${JSON.stringify(job)}\n` },
  csv: {
    mediaType: "text/csv; charset=utf-8; header=present",
    head: csvRow(COLUMNS.map(([name]) => name)),
    line: (job: JobView) => csvRow(COLUMNS.map(([, cell]) => cell(job))),
  },
};

const exportJobs = route(["viewer"], {
  method: "get",
  path: "/export",
  request: { query: input.exportQuery },
  responses: {
    200: {
      description: "Every job of the filter, whole, as it comes from the store",
      content: {
        "application/x-ndjson": { schema: z.string() },
        "text/csv": { schema: z.string() },
      },
    },
  },
});

/** `GET /api/admin/jobs/export`. */
export function jobExportRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(exportJobs, async (c) => {
      const { format, ...query } = c.req.valid("query");
      const filter = filterOf(query, c.var.role, redactor);
      const { mediaType, head, line } = FORMATS[format];
      // What can be refused, or a store that is away, is answered before the file begins.
      const first = await queue.list(filter, { limit: PAGE });
      const lines = linesOf(jobsOf(queue, filter, first), head, (job) => line(viewJob(job, redactor)));
      const name = `jobs-${
        new Date(queue.now()).toISOString().replace(/\.\d+/, "").replaceAll(":", "")
      }.${format}`;
      return c.body(ReadableStream.from(chunksOf(lines, c.var.requestId)), 200, {
        "Content-Type": mediaType,
        "Content-Disposition": `attachment; filename="${name}"`,
      });
    });
}

/**
 * Every job of `filter`, whole. A page is read when the one before has been taken, so that no more than one is held,
 * however many jobs there are and however slowly they are taken.
 */
async function* jobsOf(queue: Queue, filter: JobFilter, first: JobPage): AsyncGenerator<Job> {
  for (let page = first;;) {
    const partial = new Set(page.partial);
    for (const job of page.jobs) {
      const whole = partial.has(job.seq) ? await queue.get(job.seq) : job;
      if (whole !== null) yield whole; // null: removed since it was listed
    }
    if (page.nextCursor === null) return;
    page = await queue.list(filter, { limit: PAGE, cursor: page.nextCursor });
  }
}

async function* linesOf(
  jobs: AsyncIterable<Job>,
  head: string,
  line: (job: Job) => string,
): AsyncGenerator<string> {
  yield head;
  for await (const job of jobs) yield line(job);
}

/** `lines` as bytes. What goes wrong in the middle cuts the answer off: a client must not take it for the whole. */
async function* chunksOf(lines: AsyncIterable<string>, requestId: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  try {
    for await (const line of lines) {
      text += line;
      if (text.length < CHUNK) continue;
      yield encoder.encode(text);
      text = "";
    }
  } catch (error) {
    logOf("http").error("Cannot go on with an export: {error}", { requestId, error });
    throw error;
  }
  if (text !== "") yield encoder.encode(text);
}
