import { z } from "@hono/zod-openapi";
import { FINAL_STATUSES, JOB_STATUSES } from "../lib/job.ts";
import { cursor, duration, isoTime, limit, time } from "./schemas.ts";

/*
 * Input: these schemas say which fields there are and of what kind. What the queue allows within (lengths, ranges,
 * fields that exclude each other) the queue says itself, the same to every caller.
 */

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

const options = z.strictObject({
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
  tags: z.array(z.string()).optional(),
  createdBy: z.string().optional(),
  expiresIn: duration.optional(),
  keepFor: duration.optional(),
});

/** One job to add. */
export const newJob = z.strictObject({
  type: z.string(),
  data: z.unknown().default(null),
  options: options.optional(),
}).openapi("NewJob");

/** The most jobs one request may add. */
export const MAX_JOBS = 1000;

/** One job to add, or many. */
export const newJobs = z.union([newJob, z.array(newJob).max(MAX_JOBS)]);

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
  status: z.union([z.enum(FINAL_STATUSES), z.array(z.enum(FINAL_STATUSES))]).optional(),
});

const status = z.enum(JOB_STATUSES);

/** Which jobs a list shows; `data.<path>=value` besides. */
export const listQuery = z.object({
  status: z.union([status, z.array(status)]).optional(),
  type: z.string().optional(),
  queue: z.string().optional(),
  tag: z.string().optional(),
  q: z.string().optional().openapi({ description: "Text in id, type or data" }),
  createdBy: z.string().optional(),
  createdAfter: time.optional(),
  createdBefore: time.optional(),
  finishedAfter: time.optional(),
  finishedBefore: time.optional(),
  limit: limit.optional(),
  cursor: cursor.optional(),
}).catchall(z.string()).superRefine((query, context) => {
  const unknown = Object.keys(query).filter((name) => !(name in listQuery.shape) && !/^data\../s.test(name));
  if (unknown.length > 0) context.issues.push({ code: "unrecognized_keys", keys: unknown, input: query });
});

/* Answers. */

const jobError = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  attempt: z.number(),
  at: isoTime,
});

/** A job in an answer. Durations are milliseconds. */
export const jobSchema = z.object({
  id: z.string(),
  seq: z.string(),
  type: z.string(),
  data: z.unknown(),
  queue: z.string(),
  status,
  priority: z.number(),
  tags: z.array(z.string()),
  attempt: z.number(),
  maxAttempts: z.number(),
  progress: z.object({ percent: z.number(), note: z.string().nullable(), at: isoTime }).nullable(),
  result: z.unknown(),
  errors: z.array(jobError),
  createdAt: isoTime,
  updatedAt: isoTime,
  scheduledAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  expiresAt: isoTime.nullable(),
  cancelRequestedAt: isoTime.nullable(),
  workerId: z.string().nullable(),
  createdBy: z.string().nullable(),
  traceContext: z.string().nullable(),
  backoff: z.object({
    type: z.enum(["exponential", "fixed"]),
    delay: z.number(),
    max: z.number(),
    factor: z.number(),
    jitter: z.number(),
  }).nullable(),
  timeout: z.number().nullable(),
  keepFor: z.number().nullable(),
  unique: z.object({ key: z.string(), until: isoTime.nullable() }).nullable(),
  deaths: z.number(),
  retryOf: z.string().nullable(),
}).openapi("Job");

/** A job in a list. */
export const listedJobSchema = jobSchema.extend({
  omitted: z.array(z.enum(["data", "result"])).optional().openapi({
    description: "Fields that are too long for a list and null here",
  }),
}).openapi("ListedJob");

/** A job with what can be said about it now. */
export const wholeJobSchema = jobSchema.extend({
  timeline: z.array(z.object({ at: isoTime, event: z.string(), message: z.string().optional() })),
  estimatedFinishAt: isoTime.nullable(),
  waitsFor: z.array(z.object({
    reason: z.enum([
      "due_time",
      "retry_time",
      "queue_paused",
      "no_worker",
      "busy_workers",
      "next_claim",
    ]),
    message: z.string(),
    until: isoTime.optional(),
  })),
}).openapi("WholeJob");

/** A line of a job's log. */
export const logLineSchema = z.object({
  attempt: z.number(),
  at: isoTime,
  level: z.enum(["debug", "info", "warn", "error"]),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
