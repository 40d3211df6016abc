/** What answers about schedules hold. */
import { z } from "@hono/zod-openapi";
import { JOB_STATUSES } from "../lib/job.ts";
import { state } from "./schedule-input.ts";
import { isoTime } from "./schemas.ts";

/** How a run ended or where it is: the status of its job, or why it has none. */
const outcome = z.enum([...JOB_STATUSES, "skipped", "missed", "refused", "removed"]);

const timing = z.object({
  expression: z.string(),
  timezone: z.string(),
  missed: z.enum(["skip", "once", "all"]),
  missedLimit: z.number(),
  overlap: z.enum(["skip", "allow", "queue", "cancel-previous"]),
  jitter: z.number().openapi({ description: "Milliseconds" }),
  dst: z.enum(["vixie", "skip", "both"]),
  startAt: isoTime.nullable(),
  endAt: isoTime.nullable(),
  maxRuns: z.number().nullable(),
  enabled: z.boolean(),
});

const job = z.object({
  type: z.string(),
  data: z.unknown(),
  options: z.record(z.string(), z.unknown()).openapi({ description: "Durations are milliseconds" }),
}).nullable().openapi({ description: "The job that each tick adds; null: the handler is in code" });

const who = { at: isoTime, by: z.string().nullable() };
const fields = z.record(z.string(), z.unknown()).nullable();

/** A schedule in a list. */
export const listedScheduleSchema = timing.extend({
  name: z.string(),
  type: z.string().openapi({ description: "Of the jobs that it adds" }),
  description: z.string().openapi({ description: "The expression in words; empty if it cannot be read" }),
  state,
  broken: z.string().nullable().openapi({ description: "Why it cannot be read" }),
  warnings: z.array(z.string()),
  nextTickAt: isoTime.nullable(),
  lastTickAt: isoTime.nullable(),
  runCount: z.number(),
  lastOutcome: outcome.nullable(),
  lastOutcomes: z.array(outcome).openapi({ description: "Of the last 20 runs, newest first" }),
  edited: z.object(who).nullable().openapi({
    description: "The last change by a person of what code says; null: none, or not from code",
  }),
  createdAt: isoTime,
  createdBy: z.string().nullable(),
  updatedAt: isoTime,
}).openapi("ListedSchedule");

/** A schedule with all that is known of it. */
export const scheduleSchema = listedScheduleSchema.extend({
  job,
  code: timing.extend({ job }).nullable().openapi({
    description: "What code says; null: no code declared it",
  }),
  runs: z.array(z.object({
    dueAt: isoTime,
    outcome,
    jobId: z.string().nullable(),
    triggered: z.boolean(),
  })).openapi({ description: "The last 50, newest first" }),
  queued: z.array(isoTime).openapi({ description: "The ticks that wait for a run to end" }),
  changes: z.array(z.object({
    ...who,
    what: z.enum([
      "created",
      "declared",
      "updated",
      "reverted",
      "enabled",
      "disabled",
      "not in code",
      "in code again",
    ]),
    before: fields,
    after: fields,
  })).openapi({ description: "The last 20, newest first" }),
}).openapi("Schedule");

/** What clocks show: a time without an offset from UTC. */
const clockTime = z.string().openapi({ example: "2026-03-08T02:30:00" });

const clockChange = z.object({
  at: isoTime,
  effect: z.enum(["moved", "skipped", "twice"]).openapi({
    description:
      "moved: times are left out, and run once at the change. skipped: times are left out, and do " +
      "not run. twice: times repeat, and run at both passes",
  }),
  time: clockTime.openapi({ description: "The first of those times, on the clocks" }),
  from: clockTime.openapi({ description: "What the clocks would have shown at the change" }),
  to: clockTime.openapi({ description: "What they show then" }),
});

/** What an expression means. */
export const previewSchema = z.object({
  description: z.string(),
  next: z.array(isoTime),
  warnings: z.array(z.string()),
  neverFires: z.boolean(),
  clockChanges: z.array(clockChange).openapi({
    description: "Those up to the last of the times told that leave out or repeat times",
  }),
  fault: z.object({
    path: z.string(),
    message: z.string(),
    field: z.string().optional(),
    column: z.number().optional(),
    suggestion: z.string().nullable().optional(),
  }).nullable().openapi({
    description: "Of a draft: why it cannot be explained, as in `errors` of a refusal",
  }),
}).openapi("CronPreview");
