import { CronSyntaxError, quote } from "./error.ts";
import { nearest } from "./nearest.ts";

/** The short names, and what they stand for. */
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const ALLOWED = `${Object.keys(MACROS).join(", ")} and @every 15m`;

/**
 * Returns the fields that a short name stands for.
 *
 * @param name In small letters.
 * @param at Where it begins in `expression`.
 * @throws {CronSyntaxError} There is no such name.
 */
export function expandMacro(expression: string, name: string, at: number): string {
  if (Object.hasOwn(MACROS, name)) return MACROS[name] ?? "";
  const isReboot = name === "@reboot";
  const guess = isReboot ? null : nearest(name, [...Object.keys(MACROS), "@every"], 2);
  throw new CronSyntaxError({
    expression,
    field: "expression",
    column: at,
    found: expression.slice(at, at + name.length),
    problem: isReboot
      ? "@reboot names no time, and a schedule outlives the start of a process: add a job at the start instead"
      : `found ${quote(expression.slice(at, at + name.length))}`,
    allowed: ALLOWED,
    suggestion: guess === "@every" ? "@every 15m" : guess,
  });
}
