import { CronSyntaxError, quote } from "./error.ts";

const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];
const ALLOWED = "whole numbers of d, h, m and s, each once and in this order, such as 15m, 1h30m and 90s";
/** Ten years, as for every other duration. */
const LONGEST = 315_576_000;

/**
 * Reads what follows `@every`.
 *
 * @param at Where it begins in `expression`.
 * @returns Seconds.
 * @throws {CronSyntaxError} It is no duration from 1 s to ten years.
 */
export function parseEvery(expression: string, at: number): number {
  const text = expression.slice(at).trimEnd();
  const refuse = (problem: string, suggestion: string | null): never => {
    throw new CronSyntaxError({
      expression,
      field: "expression",
      column: at,
      found: text,
      problem,
      allowed: ALLOWED,
      suggestion,
    });
  };
  if (text === "") return refuse("@every has no duration", "@every 15m");
  let seconds = 0;
  let unit = -1;
  for (let i = 0; i < text.length;) {
    const digits = countDigits(text, i);
    const next = UNITS.findIndex(([name]) => name === text[i + digits]?.toLowerCase());
    if (digits === 0 || next < 0) return refuse(`found ${quote(text)}`, guess(text));
    if (next <= unit) return refuse(`in ${text}, ${text.slice(i)} comes after ${text.slice(0, i)}`, null);
    seconds += Number(text.slice(i, i + digits)) * (UNITS[next]?.[1] ?? NaN);
    unit = next;
    i += digits + 1;
  }
  if (seconds < 1) return refuse(`${text} is below the shortest, 1s`, "@every 1s");
  if (seconds > LONGEST) return refuse(`${quote(text)} is above the longest, ten years`, "@every 3652d");
  return seconds;
}

/** Seconds as they are written: 5400 gives `1h30m`. */
function formatEvery(seconds: number): string {
  let rest = seconds;
  let text = "";
  for (const [unit, size] of UNITS) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}

/** What was meant by a number without a unit, with a part after the point, or in milliseconds. */
function guess(text: string): string | null {
  const [, number, unit = "s"] = /^(\d{1,9}(?:\.\d{1,6})?) ?([dhms]|ms)?$/i.exec(text) ?? [];
  if (number === undefined) return null;
  const size = unit.toLowerCase() === "ms"
    ? 0.001
    : UNITS.find(([name]) => name === unit.toLowerCase())?.[1] ?? 1;
  return `@every ${formatEvery(Math.min(LONGEST, Math.max(1, Math.round(Number(number) * size))))}`;
}

function countDigits(text: string, from: number): number {
  let to = from;
  while (to < text.length && text.charCodeAt(to) >= 48 && text.charCodeAt(to) <= 57) to++;
  return to - from;
}
