/**
 * What requests about jobs may hold: which fields there are and of what kind. What is allowed within (lengths,
 * ranges, fields that exclude each other) the queue says itself, the same to every caller.
 */
import { z } from "@hono/zod-openapi";
import { MAX_BULK_IDS } from "../lib/bulk/data.ts";
import { FINAL_STATUSES, JOB_STATUSES } from "../lib/job.ts";
import { cursor, duration, limit, listOf, time } from "./schemas.ts";

const backoff = z.strictObject({
  type: z.enum(["exponential", "fixed"]).optional(),
  delay: duration.optional(),
  max: duration.optional(),
  factor: z.number().optional(),
  jitter: z.number().optional(),
});

const unique = z.strictObject({
  key: z.string(),
  within: z.union([z.literal("active"), duration]).optional(),
  onConflict: z.enum(["keep", "replace", "reject"]).optional(),
});

/** The options of a job to add. */
export const jobOptions = z.strictObject({
  priority: z.number().optional(),
  delay: duration.optional(),
  scheduledAt: time.optional(),
  maxAttempts: z.number().optional(),
  maxRetries: z.number().optional(),
  backoff: backoff.optional(),
  timeout: duration.optional(),
  jobId: z.string().optional(),
  unique: unique.optional(),
  queue: z.string().optional(),
  tags: listOf(z.string(), 1000).optional(),
  createdBy: z.string().optional(),
  expiresIn: duration.optional(),
  keepFor: duration.optional(),
});

/** One job to add. */
export const newJob = z.strictObject({
  type: z.string().openapi({ example: "email:welcome" }),
  data: z.unknown().default(null),
  options: jobOptions.optional(),
}).openapi("NewJob");

/** The most jobs one request may add. */
const MAX_JOBS = 1000;

/** One job to add, or many. */
export const newJobs = z.union([newJob, listOf(newJob, MAX_JOBS)]);

/** What of a waiting job can be changed. */
export const jobChanges = z.strictObject({ priority: z.number().optional(), scheduledAt: time.optional() })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: "must have priority, scheduledAt or both",
  });

/** Changed data makes a retry a new job. */
export const retryInput = z.strictObject({ data: z.unknown().optional() });

/** Which finished jobs to delete. */
export const cleanupInput = z.strictObject({
  olderThan: duration,
  status: z.union([z.enum(FINAL_STATUSES), listOf(z.enum(FINAL_STATUSES), FINAL_STATUSES.length)]).optional(),
});

const status = z.enum(JOB_STATUSES);

/** The conditions that jobs can be chosen by. */
export const conditions = {
  status: z.union([status, z.array(status)]).optional(),
  type: z.string().optional(),
  queue: z.string().optional(),
  tag: z.string().optional(),
  q: z.string().optional().openapi({ description: "Text in id, type or data" }),
  createdBy: z.string().optional(),
  fingerprint: z.string().optional().openapi({ description: "Of the last error, as GET /errors names it" }),
  createdAfter: time.optional(),
  createdBefore: time.optional(),
  finishedAfter: time.optional(),
  finishedBefore: time.optional(),
};

/** Documents those conditions that have no fixed name: each field of this object is a parameter of its own. */
export const dataConditions = {
  name: "data.<path>",
  in: "query",
  description: "What the job's data has there, as in `data.user.id=17`. Of several all must hold",
  style: "form",
  explode: true,
  schema: {
    type: "object",
    propertyNames: { pattern: "^data\\.." },
    additionalProperties: { type: "string" },
    example: { "data.user.id": "17" },
  },
} as const;

/** Conditions on what jobs hold. */
type DataConditions = { [path: `data.${string}`]: string };

/** A query of `shape`, and `data.<path>=value` besides. */
function queryOf<T extends z.ZodRawShape>(shape: T) {
  const schema: unknown = z.object(shape).catchall(z.string()).superRefine((query, context) => {
    const unknown = Object.keys(query)
      .filter((name) => !Object.hasOwn(shape, name) && !/^data\../s.test(name));
    if (unknown.length > 0) context.issues.push({ code: "unrecognized_keys", keys: unknown, input: query });
  });
  // To the compiler a catchall would make every field a string.
  return schema as z.ZodObject<T, { in: DataConditions; out: DataConditions }>;
}

/** Which jobs a list shows. */
export const listQuery = queryOf({ ...conditions, limit: limit.optional(), cursor: cursor.optional() });

/** Which jobs are exported, and how. */
export const exportQuery = queryOf({ ...conditions, format: z.enum(["ndjson", "csv"]).default("ndjson") });

/** Which jobs to change; what it may hold for an action is said by the bulk job itself. */
export const bulkInput = z.strictObject({
  action: z.enum(["retry", "cancel", "remove"]),
  ids: listOf(z.string(), MAX_BULK_IDS).optional(),
  filter: z.strictObject({ ...conditions, data: z.record(z.string(), z.string()).optional() }).optional(),
  dryRun: z.boolean().default(false),
}).openapi({ example: { action: "retry", filter: { status: "failed" } } });
