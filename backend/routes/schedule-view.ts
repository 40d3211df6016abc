import type { z } from "@hono/zod-openapi";
import type { ScheduleChange } from "../lib/schedule/changes.ts";
import type { ScheduleDefinition } from "../lib/schedule/definition.ts";
import type { JobTemplate } from "../lib/schedule/template.ts";
import type { Schedule } from "../lib/schedule/view.ts";
import type { Redactor } from "../lib/redact.ts";
import type { listedScheduleSchema, scheduleSchema } from "./schedule-schemas.ts";
import { iso } from "./schemas.ts";

/** A schedule as answers show it: times in ISO 8601, secrets masked. */
export type ScheduleView = z.infer<typeof scheduleSchema>;

/** A schedule as lists show it. */
export type ListedSchedule = z.infer<typeof listedScheduleSchema>;

/** What stands for a job in a change that was too long to be kept whole. */
const TOO_LONG = "[too long]";

/** As many outcomes of runs as a list shows. */
const LISTED_RUNS = 20;

/** Returns `schedule` as lists show it: without its job, what code says, and most of its history. */
export function viewListed(schedule: Schedule, redactor: Redactor): ListedSchedule {
  const { edited } = schedule;
  return {
    name: schedule.name,
    type: schedule.type,
    description: schedule.description,
    ...viewTiming(schedule),
    enabled: schedule.enabled,
    state: schedule.state,
    broken: schedule.broken === null ? null : redactor.text(schedule.broken),
    warnings: schedule.warnings.map((warning) => redactor.text(warning)),
    nextTickAt: iso(schedule.nextTickAt),
    lastTickAt: iso(schedule.lastTickAt),
    runCount: schedule.runCount,
    lastOutcome: schedule.lastOutcome,
    lastOutcomes: schedule.runs.slice(0, LISTED_RUNS).map(({ outcome }) => outcome),
    edited: edited === null ? null : { at: iso(edited.at), by: edited.by },
    createdAt: iso(schedule.createdAt),
    createdBy: schedule.createdBy,
    updatedAt: iso(schedule.updatedAt),
  };
}

/** Returns `schedule` as answers show it. */
export function viewSchedule(schedule: Schedule, redactor: Redactor): ScheduleView {
  const { code } = schedule;
  return {
    ...viewListed(schedule, redactor),
    job: viewJob(schedule.job, redactor),
    code: code === null ? null : {
      ...viewTiming(code.definition),
      enabled: code.enabled,
      job: viewJob(code.definition.job, redactor),
    },
    runs: schedule.runs.map(({ dueAt, ...run }) => ({ dueAt: iso(dueAt), ...run })),
    queued: schedule.queued.map((time) => iso(time)),
    changes: schedule.changes.map((change) => viewChange(change, redactor)),
  };
}

/** What of a schedule people change, as the audit log keeps it. */
export function viewDefinition(schedule: Schedule, redactor: Redactor) {
  return { ...viewTiming(schedule), enabled: schedule.enabled, job: viewJob(schedule.job, redactor) };
}

function viewTiming(definition: ScheduleDefinition) {
  return {
    expression: definition.expression,
    timezone: definition.timezone,
    missed: definition.missed,
    missedLimit: definition.missedLimit,
    overlap: definition.overlap,
    jitter: definition.jitter,
    dst: definition.dst,
    startAt: iso(definition.startAt),
    endAt: iso(definition.endAt),
    maxRuns: definition.maxRuns,
  };
}

function viewJob(job: JobTemplate | null, redactor: Redactor): ScheduleView["job"] {
  return job && { type: job.type, data: redactor.value(job.data), options: { ...job.options } };
}

function viewChange({ at, by, what, before, after }: ScheduleChange, redactor: Redactor) {
  return { at: iso(at), by, what, before: viewFields(before, redactor), after: viewFields(after, redactor) };
}

/** The values of fields that a person or code has changed. */
function viewFields(fields: ScheduleChange["before"], redactor: Redactor): Record<string, unknown> | null {
  if (fields === null) return null;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if ((name === "startAt" || name === "endAt") && typeof value === "number") return [name, iso(value)];
      // JSON that was cut: where a secret in it ends cannot be told for sure.
      if (name === "job" && typeof value === "string") return [name, TOO_LONG];
      return [name, redactor.value(value)];
    }),
  );
}
