/** What answers about jobs hold. */
import { z } from "@hono/zod-openapi";
import { JOB_STATUSES } from "../lib/job.ts";
import { pauseSchema } from "./queue-pause.ts";
import { isoTime } from "./schemas.ts";

const jobError = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  attempt: z.number(),
  at: isoTime,
  startedAt: isoTime.optional().openapi({ description: "When the attempt began" }),
  workerId: z.string().optional().openapi({ description: "Who ran it" }),
});

/** A job in an answer. Durations are milliseconds. */
export const jobSchema = z.object({
  id: z.string(),
  seq: z.string(),
  type: z.string(),
  data: z.unknown(),
  queue: z.string(),
  status: z.enum(JOB_STATUSES),
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
  fingerprint: z.string().nullable().openapi({
    description: "Of its last error: names the failures of the same cause in /api/admin/errors",
  }),
  cuts: z.array(z.object({
    path: z.array(z.union([z.string(), z.number()])).openapi({ example: ["data", "rows"] }),
    kept: z.number().openapi({ description: "Characters, entries or fields, the first ones" }),
    of: z.number(),
  })).optional().openapi({ description: "Where a brief answer leaves something out" }),
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
    pause: pauseSchema.optional().openapi({ description: "Of its queue; not for producers" }),
    ahead: z.object({
      jobs: z.number(),
      isMore: z.boolean().openapi({ description: "Not all were counted" }),
    }).optional().openapi({ description: "Jobs of its queue that will be claimed first" }),
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
