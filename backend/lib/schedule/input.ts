import { checkFields, checkName, describe } from "../check.ts";
import { type AddRequest } from "../adder.ts";
import { isJobDefinition, type JobDefinition } from "../define-job.ts";
import { InputTypeError } from "../errors.ts";
import type { Handler, Processor } from "../handlers.ts";
import {
  checkBoolean,
  checkDeclaration,
  checkDefinition,
  checkScheduleName,
  type Declaration,
  OPTION_FIELDS,
  type ScheduleOptions,
} from "./definition.ts";
import type { ScheduleRecord } from "./record.ts";
import { changeTemplate, checkTemplate, type JobTemplate, type ScheduledJob } from "./template.ts";

/** A schedule that a person makes. */
export interface NewSchedule extends ScheduleOptions {
  /** 1–100 characters. */
  name: string;
  expression: string;
  job: ScheduledJob;
}

/** What to change of a schedule; what is left out stays. */
export interface ScheduleChanges extends Omit<ScheduleOptions, "startAt" | "endAt" | "maxRuns"> {
  expression?: string;
  /** Fields of the job, each as a whole. Not of a schedule whose handler is in code. */
  job?: Partial<ScheduledJob>;
  /** null: from now on. */
  startAt?: Date | number | null;
  /** null: for ever. */
  endAt?: Date | number | null;
  /** null: no limit. */
  maxRuns?: number | null;
}

/** Who does something to a schedule. */
export interface By {
  /** A name for the history, 1–255 characters. */
  by?: string;
}

/** What a schedule does: the handler of its own, or the job it adds, of which code may have given the definition. */
export interface Task {
  handler: Handler<never> | Processor<never> | null;
  template: JobTemplate | null;
  definition: JobDefinition | undefined;
}

const NEW_FIELDS: ReadonlySet<keyof NewSchedule> = new Set([...OPTION_FIELDS, "name", "expression", "job"]);
const CHANGE_FIELDS: ReadonlySet<keyof ScheduleChanges> = new Set([...OPTION_FIELDS, "expression", "job"]);

/** Returns what `value` says that a schedule of code does. @throws {InputTypeError | InputRangeError} It says nothing, or wrongly. */
export function checkTask(value: unknown): Task {
  const given = typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  if (typeof value === "function" || typeof given.process === "function") {
    return { handler: value as Handler<never> | Processor<never>, template: null, definition: undefined };
  }
  if (!("type" in given)) {
    throw new InputTypeError(
      "handler",
      `must be a function or a job like { type, data, options }, found ${describe(value)}`,
    );
  }
  const definition = isJobDefinition(given.type) ? given.type : undefined;
  return { handler: null, template: checkTemplate(value), definition };
}

/** Returns a schedule that a person makes. @throws {InputTypeError | InputRangeError} A field is missing, unknown or wrong. */
export function checkNewSchedule(
  value: unknown,
): { name: string; declaration: Declaration; request: AddRequest } {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const { name, expression, job, ...options } = checkFields(value, isObject ? "" : "schedule", NEW_FIELDS);
  const template = checkTemplate(job);
  return {
    name: checkScheduleName(name),
    declaration: checkDeclaration(expression, template, options),
    request: template,
  };
}

/** Returns what `changes` makes of `record`. @throws {InputTypeError | InputRangeError} They change nothing, or wrongly. */
export function checkChanges(record: ScheduleRecord, changes: unknown): Declaration {
  const isObject = typeof changes === "object" && changes !== null && !Array.isArray(changes);
  const fields = checkFields(changes, isObject ? "" : "changes", CHANGE_FIELDS);
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) {
    throw new InputTypeError(
      "changes",
      `must hold at least one of ${[...CHANGE_FIELDS].join(", ")}, found none`,
    );
  }
  const { enabled = record.enabled, job, ...rest } = given;
  return {
    definition: checkDefinition({ ...record.definition, ...rest, job: changedJob(record, job) }),
    enabled: checkBoolean(enabled, "enabled"),
  };
}

/** Returns who does something, null if nobody says. @throws {InputTypeError | InputRangeError} It is no name. */
export function checkBy(options: By): string | null {
  const { by } = checkFields(options, "options", new Set(["by"]));
  return by === undefined ? null : checkName(by, "by", 255);
}

function changedJob({ definition, code }: ScheduleRecord, changes: unknown): JobTemplate | null {
  if (definition.job !== null) {
    return changes === undefined ? definition.job : changeTemplate(definition.job, changes);
  }
  if (code === null) return checkTemplate(changes); // what is stored of it cannot be read
  if (changes === undefined) return null;
  throw new InputTypeError("job", "cannot be changed: this schedule has a handler, which is in code");
}
