import { describe } from "./check.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Returns milliseconds for a number of them, or for text such as `"1500"`, `"250ms"`, `"30s"`, `"5m"`, `"1.5h"` or
 * `"7d"`. Parts of a millisecond are rounded up, as a wait never ends early.
 *
 * @param path What an error names. @default ""
 * @throws {InputTypeError} It is neither.
 * @throws {InputRangeError} It is negative, or no finite number.
 */
export function parseDuration(value: unknown, path = ""): number {
  if (typeof value === "number") {
    if (value >= 0 && Number.isFinite(value)) return Math.ceil(value);
    throw new InputRangeError(path, `must not be negative or infinite, found ${value}`);
  }
  const [, number, unit = "ms"] =
    (typeof value === "string" && /^(\d{1,15}(?:\.\d{1,6})?) ?(ms|s|m|h|d)?$/.exec(value)) || [];
  if (number === undefined) {
    throw new InputTypeError(
      path,
      `must be milliseconds or like "30s", "5m", "24h", "7d", found ${describe(value)}`,
    );
  }
  return Math.ceil(Number(number) * (UNITS[unit] ?? 1));
}
