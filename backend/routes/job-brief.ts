import type { z } from "@hono/zod-openapi";
import type { wholeJobSchema } from "./job-schemas.ts";

type WholeJob = z.infer<typeof wholeJobSchema>;

/** What an answer leaves out of a value. */
export type Cut = NonNullable<WholeJob["cuts"]>[number];

/** As much of data, and of a result, as a brief answer holds, in characters of JSON: what a screen or two can show. */
const ROOM = 20_000;
/** What a value takes of it at the least: numbers in an array cost whoever shows them more than their digits. */
const LEAST = 8;
/** The longest text that is given whole while there is room for more. */
const MOST_TEXT = 2_000;

/** As many entries of a list or an object that is cut are kept: then there is room for what they hold. */
const MOST_ENTRIES = 200;

/** `job` without most of what is long in its data and result, and where that was. */
export function brief(job: WholeJob): WholeJob {
  const cuts: Cut[] = [];
  const [data, result] = (["data", "result"] as const).map((name) => {
    const all: Cut[] = [];
    const value = shorten(job[name], name, all, Infinity);
    return all.length === 0 ? value : shorten(job[name], name, cuts, MOST_ENTRIES);
  });
  return { ...job, data, result, ...(cuts.length > 0 ? { cuts } : {}) };
}

/** A part of a value that has to be looked at, and what takes its short form. */
interface Part {
  path: (string | number)[];
  value: unknown;
  take: (short: unknown) => void;
}

/** Level by level, so that what lies high is kept before what lies deep. */
function shorten(whole: unknown, name: string, cuts: Cut[], mostEntries: number): unknown {
  let room = ROOM;
  let short: unknown = null;
  const parts: Part[] = [{ path: [name], value: whole, take: (value) => short = value }];
  const containers: (() => void)[] = [];

  for (const { path, value, take } of parts) {
    if (typeof value !== "object" || value === null) {
      take(shortText(value, path, cuts));
      continue;
    }
    const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    const kept: [string | number, unknown][] = [];
    for (const key of keys) {
      const inner = (value as Record<string | number, unknown>)[key];
      room -= Math.max(LEAST, String(key).length + (typeof inner === "string" ? lengthOf(inner) : 0));
      if (room < 0 || kept.length >= mostEntries) break;
      const index = kept.push([key, inner]) - 1;
      parts.push({ path: [...path, key], value: inner, take: (value) => kept[index] = [key, value] });
    }
    if (kept.length < keys.length) cuts.push({ path, kept: kept.length, of: keys.length });
    const isList = Array.isArray(value);
    containers.push(() => take(isList ? kept.map(([, inner]) => inner) : Object.fromEntries(kept)));
  }
  for (const fill of containers.reverse()) fill(); // what lies in others is filled before them
  return short;
}

function lengthOf(text: string): number {
  return Math.min(text.length, MOST_TEXT);
}

/** Never cuts a character of two units in two. */
function shortText(value: unknown, path: Part["path"], cuts: Cut[]): unknown {
  if (typeof value !== "string" || value.length <= MOST_TEXT) return value;
  const short = value.slice(0, MOST_TEXT).replace(/[\uD800-\uDBFF]$/, "");
  cuts.push({ path, kept: short.length, of: value.length });
  return short;
}
