import { checkFields, checkInteger, checkMs, checkName, checkOneOf, describe } from "../check.ts";
import type { DstPolicy } from "../cron.ts";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { checkTemplate, type JobTemplate } from "./template.ts";

/** What becomes of ticks that passed while no scheduler ran. */
export type MissedPolicy = "skip" | "once" | "all";

/** What becomes of a tick while a run before it has not ended. */
export type OverlapPolicy = "skip" | "allow" | "queue" | "cancel-previous";

/** How a schedule runs. */
export interface ScheduleOptions {
  /** An IANA name. @default "UTC", whatever the host's zone is */
  timezone?: string;
  /**
   * Ticks that passed while no scheduler ran. `skip`: none of them runs. `once`: the last one does. `all`: each
   * does, at most `missedLimit`, the latest.
   * @default "once"
   */
  missed?: MissedPolicy;
  /** 1–1000. @default 100 */
  missedLimit?: number;
  /**
   * A tick while a run before it has not ended. `skip`: it does not run. `allow`: it runs beside. `queue`: it runs
   * once those before it have ended, at most 100 wait. `cancel-previous`: the run before is cancelled.
   * @default "skip"
   */
  overlap?: OverlapPolicy;
  /**
   * Milliseconds, at most a day. Each tick fires up to this much after its time, how much depends on name and time
   * alone: so that many schedules of one time do not start at once. @default 0
   */
  jitter?: number;
  /**
   * `vixie`: a fixed time that is left out runs once, at the end of the gap, a repeated one once, at its first pass.
   * `skip`: what is left out does not run. `both`: a repeated one runs at both passes. @default "vixie"
   */
  dst?: DstPolicy;
  /** No tick before this: a date or epoch milliseconds. */
  startAt?: Date | number;
  /** No tick after this: a date or epoch milliseconds. */
  endAt?: Date | number;
  /** Ticks that add a job, at least 1; those added by `trigger` do not count. @default no limit */
  maxRuns?: number;
  /** False: no tick fires until somebody enables it. Says how it begins; a person may change it. @default true */
  enabled?: boolean;
}

/** What a schedule is, checked and complete. Times are epoch milliseconds. */
export interface ScheduleDefinition {
  readonly expression: string;
  /** The job that each tick adds; null: one for the handler that code gives this schedule. */
  readonly job: JobTemplate | null;
  readonly timezone: string;
  readonly missed: MissedPolicy;
  readonly missedLimit: number;
  readonly overlap: OverlapPolicy;
  /** Milliseconds. */
  readonly jitter: number;
  readonly dst: DstPolicy;
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly maxRuns: number | null;
}

/** What code says of a schedule. */
export interface Declaration {
  readonly definition: ScheduleDefinition;
  readonly enabled: boolean;
}

const MISSED: readonly MissedPolicy[] = ["skip", "once", "all"];
const OVERLAP: readonly OverlapPolicy[] = ["skip", "allow", "queue", "cancel-previous"];
const DST: readonly DstPolicy[] = ["vixie", "skip", "both"];

/** The longest jitter, in milliseconds. */
const DAY = 86_400_000;

/** The names of all options. */
export const OPTION_FIELDS: ReadonlySet<keyof ScheduleOptions> = new Set([
  "timezone",
  "missed",
  "missedLimit",
  "overlap",
  "jitter",
  "dst",
  "startAt",
  "endAt",
  "maxRuns",
  "enabled",
]);

/** Returns `value` if it is a schedule's name: 1–100 characters, no control characters, not "." or "..". */
export function checkScheduleName(value: unknown, path = "name"): string {
  const name = checkName(value, path, 100);
  if (name !== "." && name !== "..") return name;
  throw new InputRangeError(path, `must not be ${describe(name)}, which no URL can end with`);
}

/**
 * Returns what `expression`, `job` and `options` say of a schedule; the expression itself is not read.
 *
 * @throws {InputTypeError} A field is unknown or of the wrong type.
 * @throws {InputRangeError} A field is out of range, or two contradict each other.
 */
export function checkDeclaration(
  expression: unknown,
  job: JobTemplate | null,
  options: unknown = {},
): Declaration {
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  const { enabled = true, ...given } = checkFields(options, isObject ? "" : "options", OPTION_FIELDS);
  return {
    definition: checkDefinition({ ...given, expression, job }),
    enabled: checkBoolean(enabled, "enabled"),
  };
}

/** Returns `given` as a definition; what is not given has its default. @throws {InputTypeError | InputRangeError} A field is wrong. */
export function checkDefinition(
  given: Partial<Record<keyof ScheduleDefinition, unknown>>,
): ScheduleDefinition {
  const { missed, missedLimit, overlap, jitter, dst, maxRuns } = given;
  const startAt = checkTime(given.startAt, "startAt");
  const endAt = checkTime(given.endAt, "endAt");
  if (startAt !== null && endAt !== null && endAt <= startAt) {
    const [start, end] = [startAt, endAt].map((time) => new Date(time).toISOString());
    throw new InputRangeError("endAt", `must be after startAt (${start}), found ${end}`);
  }
  return {
    expression: checkText(given.expression, "expression"),
    job: given.job === null || given.job === undefined ? null : checkTemplate(given.job),
    timezone: given.timezone === undefined ? "UTC" : checkText(given.timezone, "timezone"),
    missed: missed === undefined ? "once" : checkOneOf(missed, "missed", MISSED),
    missedLimit: missedLimit === undefined ? 100 : checkInteger(missedLimit, "missedLimit", 1, 1000),
    overlap: overlap === undefined ? "skip" : checkOneOf(overlap, "overlap", OVERLAP),
    jitter: jitter === undefined ? 0 : checkMs(jitter, "jitter", 0, DAY),
    dst: dst === undefined ? "vixie" : checkOneOf(dst, "dst", DST),
    startAt,
    endAt,
    maxRuns: maxRuns === undefined || maxRuns === null
      ? null
      : checkInteger(maxRuns, "maxRuns", 1, Number.MAX_SAFE_INTEGER),
  };
}

/** Returns `value` if it is true or false. */
export function checkBoolean(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  throw new InputTypeError(path, `must be true or false, found ${describe(value)}`);
}

function checkText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
}

/** The time that `value` says, as epoch milliseconds; null if it says none. */
function checkTime(value: unknown, path: string): number | null {
  if (value === undefined || value === null) return null;
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number") {
    throw new InputTypeError(path, `must be a Date or epoch milliseconds, found ${describe(value)}`);
  }
  const isDate = !Number.isNaN(new Date(time).getTime());
  if (!isDate) throw new InputRangeError(path, `must be a valid time, found ${time}`);
  return Math.trunc(time);
}
