/**
 * What requests about schedules may hold: which fields there are and of what kind. What is allowed within (lengths,
 * ranges, expressions, fields that exclude each other) the scheduler says itself, the same to every caller.
 */
import { z } from "@hono/zod-openapi";
import { jobOptions } from "./job-input.ts";
import { cursor, duration, limit, time } from "./schemas.ts";

/** What becomes of fixed times where the clocks change. */
export const dst = z.enum(["vixie", "skip", "both"]);

const policies = {
  timezone: z.string().optional().openapi({ example: "Europe/Paris" }),
  missed: z.enum(["skip", "once", "all"]).optional(),
  missedLimit: z.number().optional(),
  overlap: z.enum(["skip", "allow", "queue", "cancel-previous"]).optional(),
  jitter: duration.optional(),
  dst: dst.optional(),
  enabled: z.boolean().optional(),
};

/** Where ticks begin: the first hundred, however rare, still lie in years of four digits, as ISO 8601 has them. */
const begin = time.refine((at) => at < Date.UTC(3000, 0), "must be before the year 3000");

/** What null takes away, as it shows in answers that nothing was given. */
const limits = {
  startAt: begin.nullable().optional(),
  endAt: time.nullable().optional(),
  maxRuns: z.number().nullable().optional(),
};

/** The job that each tick adds. Which of its options the schedule decides itself, the scheduler says. */
const job = z.strictObject({
  type: z.string().openapi({ example: "report:build" }),
  data: z.unknown().optional(),
  options: jobOptions.optional(),
});

/** A schedule to make. */
export const newSchedule = z.strictObject({
  name: z.string().openapi({ example: "nightly" }),
  expression: z.string().openapi({ example: "30 2 * * MON-FRI" }),
  job,
  ...policies,
  startAt: limits.startAt.transform((at) => at ?? undefined),
  endAt: limits.endAt.transform((at) => at ?? undefined),
  maxRuns: limits.maxRuns.transform((runs) => runs ?? undefined),
}).openapi("NewSchedule");

/** What to change of a schedule; what is left out stays. */
export const scheduleChanges = z.strictObject({
  expression: z.string().optional().openapi({ example: "0 3 * * *" }),
  job: job.partial().optional(),
  ...policies,
  ...limits,
}).refine((changes) => Object.keys(changes).length > 0, {
  message: "must hold at least one field to change",
});

/** Where a schedule is in its life. */
export const state = z.enum(["active", "disabled", "ended", "broken", "not in code"]);

/** Which schedules a list shows. */
export const listQuery = z.strictObject({
  state: z.union([state, z.array(state)]).optional(),
  q: z.string().optional().openapi({ description: "Text in name, job type, expression or description" }),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

/** How many ticks to look ahead. */
export const upcomingQuery = z.strictObject({
  count: z.string().regex(/^([1-9]\d?|100)$/, "must be a whole number from 1 to 100").transform(Number)
    .openapi({ type: "integer", minimum: 1, maximum: 100, default: 10 }).optional(),
});

/** An expression to explain. */
export const previewInput = z.strictObject({
  expression: z.string().openapi({ example: "30 2 * * MON-FRI" }),
  timezone: z.string().optional(),
  dst: dst.optional(),
  name: z.string().optional().openapi({ description: "What `H` chooses by: the schedule's name" }),
  count: z.number().optional().openapi({ type: "integer", minimum: 1, maximum: 100, default: 10 }),
  from: time.optional().openapi({ description: "The times after this. Without it: after now" }),
  draft: z.boolean().optional().openapi({
    default: false,
    description: "True: it is being typed. What is wrong with it is answered as `fault`, not with 400",
  }),
  anchor: begin.optional().openapi({
    description: "What `@every` counts from: the schedule's createdAt. Without it: as from",
  }),
}).openapi("CronPreviewInput");
