import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Job } from "../lib/job.ts";
import { logOf } from "../lib/log.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import type { JobFilter, JobPage } from "../lib/store.ts";
import { csvRow } from "./csv.ts";
import { filterOf } from "./job-find.ts";
import * as input from "./job-input.ts";
import { type JobView, viewJob } from "./job-view.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { route } from "./schemas.ts";

/**
 * Jobs read at once. What is held while a page is written must be little: V8 takes for long-lived what it meets twice, and
 * lets that pile up.
 */
const PAGE = 200;

/** Bytes sent at once: many jobs share a chunk, and a large one is not kept until others join it. */
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
  summary: "Writes every job of a filter into a file",
  parameters: [input.dataConditions],
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
      const file = chunksOf(queue, filter, first, { head, line: (job) => line(viewJob(job, redactor)) });
      const name = `jobs-${
        new Date(queue.now()).toISOString().replace(/\.\d+/, "").replaceAll(":", "")
      }.${format}`;
      return c.body(ReadableStream.from(orCutOff(file, c.var.requestId)), 200, {
        "Content-Type": mediaType,
        "Content-Disposition": `attachment; filename="${name}"`,
      });
    });
}

/** How a file is written. */
interface Writing {
  head: string;
  line(job: Job): string;
}

/**
 * Every job of `filter`, whole, as the bytes of a file. A page is read when the one before has been taken, so that no
 * more than one is held, however many jobs there are and however slowly they are taken.
 */
async function* chunksOf(
  queue: Queue,
  filter: JobFilter,
  first: JobPage,
  { head, line }: Writing,
): AsyncGenerator<Uint8Array> {
  const chunk = new Chunk();
  chunk.take(head);
  for (let page = first;;) {
    const partial = new Set(page.partial);
    for (const job of page.jobs) {
      const whole = partial.has(job.seq) ? await queue.get(job.seq) : job;
      if (whole === null) continue; // removed since it was listed
      const text = line(whole);
      if (chunk.take(text)) continue;
      yield chunk.end();
      if (!chunk.take(text)) yield encoder.encode(text);
    }
    if (page.nextCursor === null) break;
    page = await queue.list(filter, { limit: PAGE, cursor: page.nextCursor });
  }
  yield chunk.end();
}

const encoder = new TextEncoder();

/** Bytes that are sent at once. Lines are written to where they are sent from: joined as text they would be garbage twice. */
class Chunk {
  #bytes = new Uint8Array(CHUNK);
  #size = 0;

  /** @returns False, and nothing is taken, if there may be no room for `text`. */
  take(text: string): boolean {
    if (3 * text.length > CHUNK - this.#size) return false;
    this.#size += encoder.encodeInto(text, this.#bytes.subarray(this.#size)).written;
    return true;
  }

  /** What was taken; begins another one. */
  end(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#size);
    this.#bytes = new Uint8Array(CHUNK);
    this.#size = 0;
    return bytes;
  }
}

/** What goes wrong in the middle of a file cuts the answer off: a client must not take it for the whole. */
async function* orCutOff(file: AsyncIterable<Uint8Array>, requestId: string): AsyncGenerator<Uint8Array> {
  try {
    yield* file;
  } catch (error) {
    logOf("http").error("Cannot go on with an export: {error}", { requestId, error });
    throw error;
  }
}
