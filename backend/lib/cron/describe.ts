import { dayWords, monthWords, yearWords } from "./describe-days.ts";
import { timeWords } from "./describe-time.ts";
import type { Pattern } from "./parse.ts";
import { join } from "./words.ts";

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/**
 * Says in English when an expression is due. An `H` is told as the value it stands for; "weekday" is Monday to Friday.
 *
 * @param timezone Whose clocks it is about.
 */
export function describePattern(pattern: Pattern, timezone: string): string {
  if (pattern.kind === "interval") {
    return `Every ${durationWords(pattern.seconds)}, from the time it was created`;
  }
  const time = timeWords(pattern);
  const days = dayWords(pattern) || (time.startsWith("At ") ? "every day" : "");
  const parts = [time, days, monthWords(pattern), yearWords(pattern)].filter((part) => part !== "");
  const text = parts.join(", ");
  if (pattern.isPossible) return `${text} (${timezone})`;
  return `Never, as there is no such date: ${text.charAt(0).toLowerCase()}${text.slice(1)} (${timezone})`;
}

/** `1 hour 30 minutes`; for one of a unit just `hour`, as in "every hour". */
function durationWords(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  const only = UNITS.find(([, size]) => size === seconds);
  return only === undefined ? join(parts) : only[0];
}
