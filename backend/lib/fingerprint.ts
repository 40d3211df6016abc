import { hashOf } from "./cron/hash.ts";
import type { Job } from "./job.ts";

/** What differs between two failures of the same cause, and what stands in its place. Each takes time linear in the text. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  // A quote in the middle of a word is an apostrophe. A message that was cut may lack its closing quote.
  [/"[^"]*(?:"|…$)|`[^`]*(?:`|…$)|“[^”]*(?:”|…$)|(?<!\w)'[^']*(?:'(?!\w)|…$)/g, "…"],
  // Ids: words with a digit in them that are long or joined by dashes, such as a UUID or "order-17".
  [/(?<![\w-])(?!\d+(?![\w-]))(?=[\w-]*\d)(?:\w+-[\w-]*|\w{8,})(?![\w-])/g, "…"],
  // Numbers, times, addresses, versions. A digit at the end of a name ("utf8") belongs to the name.
  [/(?<!\w)\d+(?:[.,:]\d+)*/g, "#"],
];

/** How much of a message is looked at, in characters: thousands are, at one request. */
const LOOKED_AT = 300;

/** The longest pattern, in characters: what comes later, such as somebody's answer, does not tell causes apart. */
const MAX_LENGTH = 200;

/**
 * Returns `message` without what differs between failures of the same cause: numbers, ids and quoted values. Only its
 * first line counts.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patternOf } from "./fingerprint.ts";
 *
 * assertEquals(patternOf('Cannot charge "ada": 402 after 31 ms'), "Cannot charge …: # after # ms");
 * ```
 */
export function patternOf(message: string): string {
  const beginning = message.length > LOOKED_AT ? `${message.slice(0, LOOKED_AT)}…` : message;
  const line = beginning.trimStart().split(/[\r\n]/, 1)[0] ?? "";
  const pattern = VARIABLE.reduce((text, [variable, instead]) => text.replace(variable, instead), line);
  // A character of two units must not be cut in two.
  return pattern.replace(/\s{2,}|[^\S ]/g, " ").trim().slice(0, MAX_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}

/** A short name for failures of one cause: the same for the same type, name of the error and pattern. */
export function fingerprintOf(type: string, name: string, pattern: string): string {
  const cause = JSON.stringify([type, name, pattern]);
  const half = (which: string) => hashOf(cause, which).toString(16).padStart(8, "0");
  return half("first") + half("second");
}

/** The fingerprint of the last error that `job` remembers; null without one. */
export function fingerprintOfLast({ type, errors }: Pick<Job, "type" | "errors">): string | null {
  const error = errors.at(-1);
  return error === undefined ? null : fingerprintOf(type, error.name, patternOf(error.message));
}
