import { OpenAPIHono, z } from "@hono/zod-openapi";
import { fingerprintOf } from "../lib/fingerprint.ts";
import { type FailureBuckets, type FailureGroup, FailureGroups, readFailed } from "../lib/failures.ts";
import { DEFAULT_LIMIT, type PageOptions } from "../lib/queries.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import type { JobFilter } from "../lib/store.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, iso, isoTime, limit, route } from "./schemas.ts";

/** Processes that are named with each group: those that most of its attempts ran in. */
const MOST_WORKERS = 5;

/** How wide the buckets of a range are, in milliseconds, and how many make it up. */
const RANGES = {
  "1h": { step: 300_000, count: 12 },
  "24h": { step: 3_600_000, count: 24 },
  "7d": { step: 21_600_000, count: 28 },
  "30d": { step: 86_400_000, count: 30 },
} as const;

const groupSchema = z.object({
  fingerprint: z.string().openapi({ description: "The same for the same type, name and pattern" }),
  type: z.string(),
  name: z.string().openapi({ description: "Name of the error" }),
  pattern: z.string().openapi({
    description: "First line of the messages; … for ids and quoted values, # for numbers",
  }),
  count: z.number().openapi({ description: "Attempts that failed so; a job remembers its last ten errors" }),
  jobs: z.number().openapi({ description: "Jobs of those attempts" }),
  failed: z.number().openapi({
    description: "Those of them that have failed for good, this being their last error",
  }),
  firstAt: isoTime,
  lastAt: isoTime,
  series: z.array(z.number()).openapi({
    description: "Attempts by bucket of the range, oldest first; empty without a range",
  }),
  workers: z.array(z.object({ id: z.string(), count: z.number() })).openapi({
    description: "The processes that ran most of the attempts, up to five",
  }),
  sample: z.object({
    jobId: z.string(),
    message: z.string(),
    stack: z.string().nullable(),
    workerId: z.string().nullable(),
  }).openapi({ description: "The last one" }),
}).openapi("FailureGroup");

const errorsSchema = z.object({
  data: z.array(groupSchema).openapi({ description: "Those with the most failures first" }),
  groups: z.number().openapi({ description: "How many there are, shown or not" }),
  scanned: z.number().openapi({ description: "Entries that were read" }),
  complete: z.boolean().openapi({ description: "False: older failures were not looked at" }),
  from: isoTime.nullable().openapi({ description: "Where the range begins" }),
  step: z.number().nullable().openapi({ description: "Width of a bucket, milliseconds" }),
});

const listErrors = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Groups failures by their cause",
  request: {
    query: z.strictObject({
      type: z.string().optional().openapi({ description: "Only this type and its family" }),
      range: z.enum(["1h", "24h", "7d", "30d"]).optional().openapi({
        description: "Only attempts that failed so lately; without it all that jobs remember",
      }),
      limit: limit.refine((count) => count >= 1 && count <= 200, "must be a whole number from 1 to 200")
        .optional(),
    }),
  },
  responses: { 200: answer("What makes jobs fail", errorsSchema) },
});

/** `GET /api/admin/errors`. */
export function errorRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listErrors, async (c) => {
      const { type, range, limit: most = DEFAULT_LIMIT } = c.req.valid("query");
      const buckets = range === undefined ? null : bucketsUpTo(queue.now(), RANGES[range]);
      const failures = new FailureGroups(buckets);
      const query = {
        ...(type === undefined ? {} : { type }),
        ...(buckets === null ? {} : { since: buckets.from }),
      };
      const list = (filter: JobFilter, page: PageOptions) => queue.list(filter, page);
      const { scanned, complete } = await readFailed(list, query, failures.add);
      const groups = failures.sorted();
      const data = groups.slice(0, most).map((group) => viewGroup(group, redactor));
      const { from = null, step = null } = buckets ?? {};
      return c.json({ data, groups: groups.length, scanned, complete, from: iso(from), step }, 200);
    });
}

/** The last of them ends just behind `now`. */
function bucketsUpTo(now: number, { step, count }: { step: number; count: number }): FailureBuckets {
  return { from: now + 1 - count * step, step, count };
}

function viewGroup(group: FailureGroup, redactor: Redactor): z.infer<typeof groupSchema> {
  const { type, name, pattern, count, jobs, failed, firstAt, series, last } = group;
  const { message, stack, workerId, at } = last.error;
  const workers = [...group.workers].sort(([, a], [, b]) => b - a).slice(0, MOST_WORKERS);
  return {
    fingerprint: fingerprintOf(type, name, pattern),
    type,
    name,
    pattern: redactor.text(pattern),
    count,
    jobs,
    failed,
    firstAt: iso(firstAt),
    lastAt: iso(at),
    series,
    workers: workers.map(([id, count]) => ({ id, count })),
    sample: {
      jobId: last.jobId,
      message: redactor.text(message),
      stack: stack === undefined ? null : redactor.text(stack),
      workerId: workerId ?? null,
    },
  };
}
