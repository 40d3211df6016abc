import { checkFields, describe } from "../check.ts";
import { isJobDefinition, type JobDefinition } from "../define-job.ts";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { checkJson, copyJson, utf8Length } from "../json.ts";
import { type AddOptions, checkOptions, checkType } from "../options.ts";

/** Options of a job that a schedule adds. When it is due, its id and what becomes of a second one the schedule decides. */
export type ScheduledJobOptions = Omit<AddOptions, "jobId" | "delay" | "scheduledAt" | "unique">;

/** The job that each tick of a schedule adds. */
export interface ScheduledJob<Input = unknown> {
  type: string | JobDefinition<Input>;
  /** @default {} */
  data?: Input;
  options?: ScheduledJobOptions;
}

/** `ScheduledJob` as it is stored. */
export interface JobTemplate {
  readonly type: string;
  readonly data: unknown;
  readonly options: ScheduledJobOptions;
}

/** The largest job of a schedule, in bytes of JSON: its record holds it twice, with all that it remembers. */
const MAX_BYTES = 15_360;

const FIELDS: ReadonlySet<keyof ScheduledJob> = new Set(["type", "data", "options"]);

const REFUSED: readonly (readonly [string, string])[] = [
  ["jobId", "its id is made of the schedule's name and the tick's time"],
  ["delay", "the schedule decides when it is due"],
  ["scheduledAt", "the schedule decides when it is due"],
  ["unique", "`overlap` says what happens while the last run has not ended"],
];

/**
 * Returns `value` as the job of a schedule. Shares nothing with it.
 *
 * @throws {InputTypeError} A field is unknown, of the wrong type, or one that the schedule decides.
 * @throws {InputRangeError} A field is out of range, or all of it is larger than 15 KiB of JSON.
 */
export function checkTemplate(value: unknown): JobTemplate {
  const { type, data = {}, options = {} } = checkFields(value, "job", FIELDS);
  const template = {
    type: isJobDefinition(type) ? type.type : checkType(type, "job.type"),
    data: checkJson(data, "job.data") ? copyJson(data) : JSON.parse(JSON.stringify(data)),
    options: checkJobOptions(options),
  };
  const size = utf8Length(JSON.stringify(template));
  if (size > MAX_BYTES) {
    throw new InputRangeError("job", `must be at most 15 KiB (${MAX_BYTES} bytes) of JSON, found ${size}`);
  }
  return template;
}

/** Returns `job` with what `changes` says instead. @throws {InputTypeError} `changes` is not an object, or a field is unknown. */
export function changeTemplate(job: JobTemplate, changes: unknown): JobTemplate {
  return checkTemplate({ ...job, ...checkFields(changes, "job", FIELDS) });
}

function checkJobOptions(options: unknown): ScheduledJobOptions {
  if (typeof options !== "object" || options === null) {
    throw new InputTypeError("job.options", `must be an object, found ${describe(options)}`);
  }
  const given = options as Record<string, unknown>;
  for (const [name, reason] of REFUSED) {
    if (given[name] !== undefined) {
      throw new InputTypeError(`job.options.${name}`, `cannot be given: ${reason}`);
    }
  }
  checkOptions(options, 0, "job.options");
  return JSON.parse(JSON.stringify(options));
}
