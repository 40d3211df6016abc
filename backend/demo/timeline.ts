import type { Random } from "../testing/crash/random.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Milliseconds from the beginning of a history to its end. */
export const SPAN = 3 * DAY;

/** Milliseconds before the end: an outage of the search engine, which began with a new version of the program. */
export const OUTAGE = { from: 9 * HOUR, until: 8.2 * HOUR };

/** Milliseconds before the end in which no scheduler ran. */
export const NO_SCHEDULER = { from: 19.6 * HOUR, until: 17.9 * HOUR };

/** Milliseconds before the end at which a worker died. */
export const DEATH = 2 * HOUR;

/** Which version of the program took over, milliseconds before the end. */
export const RELEASES: readonly (readonly [before: number, version: string])[] = [
  [SPAN, "2.4.3"],
  [OUTAGE.from + 60_000, "2.5.0"],
  [OUTAGE.until, "2.5.1"],
];

/** The version that runs in the end. */
export const VERSION = "2.5.1";

/** Returns `count` moments, oldest first, in milliseconds before the end: more of them in the last day, fewer at night. */
export function moments(random: Random, count: number, end: number): number[] {
  const found: number[] = [];
  while (found.length < count) {
    const before = random.next() * SPAN;
    const hour = new Date(end - before).getUTCHours();
    const isNight = hour < 6 || hour > 20;
    if (random.chance((before < DAY ? 1 : 0.4) * (isNight ? 0.3 : 1))) found.push(before);
  }
  return found.sort((a, b) => b - a);
}
