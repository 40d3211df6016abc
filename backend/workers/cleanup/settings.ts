import { checkFields, checkMs, describe, LONGEST } from "../../lib/check.ts";
import { InputRangeError, InputTypeError } from "../../lib/errors.ts";
import { FINAL_STATUSES, type FinalStatus } from "../../lib/job.ts";

/** What the cleanups may delete, and when. */
export interface CleanupSettings {
  /** Where `cleanup:old-files` may delete: in these directories and below. Absolute, or from where the process was started. @default none */
  directories?: readonly string[];
  /** Where `cleanup:temp-files` deletes; null: nowhere. @default null */
  tempDirectory?: string | null;
  /** Milliseconds since a file there last changed, a minute to ten years. @default 86_400_000 */
  tempMaxAge?: number;
  /** The queue's own: milliseconds to keep finished jobs, Infinity: for ever. @default `cleanup:old-jobs` must be told an age */
  retention?: Readonly<Record<FinalStatus, number>>;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

const FIELDS: ReadonlySet<keyof CleanupSettings> = new Set([
  "directories",
  "tempDirectory",
  "tempMaxAge",
  "retention",
]);

/** Returns `value`, complete. @throws {InputTypeError | InputRangeError} It is wrong. */
export function checkCleanupSettings(
  value: unknown,
  path: string,
): Required<Omit<CleanupSettings, "retention">> & Pick<CleanupSettings, "retention"> {
  const given = checkFields(value, path, FIELDS);
  const { directories = [], tempDirectory = null, tempMaxAge = DAY, retention } = given;
  if (!Array.isArray(directories)) {
    throw new InputTypeError(`${path}.directories`, `must be an array, found ${describe(directories)}`);
  }
  return {
    directories: directories.map((one, i) => checkPath(one, `${path}.directories[${i}]`)),
    tempDirectory: tempDirectory === null ? null : checkPath(tempDirectory, `${path}.tempDirectory`),
    tempMaxAge: checkMs(tempMaxAge, `${path}.tempMaxAge`, MINUTE, LONGEST),
    ...(retention === undefined ? {} : { retention: checkRetention(retention, `${path}.retention`) }),
  };
}

function checkPath(value: unknown, path: string): string {
  if (typeof value !== "string") throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
  if (value === "" || value.includes("\0")) {
    throw new InputRangeError(path, `must be a path, found ${describe(value)}`);
  }
  return value;
}

function checkRetention(value: unknown, path: string): Record<FinalStatus, number> {
  const given = checkFields(value, path, new Set(FINAL_STATUSES));
  const of = (status: FinalStatus) => {
    const ms = given[status];
    return ms === Infinity ? ms : checkMs(ms, `${path}.${status}`);
  };
  return { completed: of("completed"), failed: of("failed"), cancelled: of("cancelled") };
}
