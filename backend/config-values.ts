/**
 * How the text of a setting is read. Each function returns the value or throws an error whose message says what
 * is allowed and, unless that could be a secret, what was found.
 */
import { dirname, resolve, sep } from "node:path";
import { checkName } from "./lib/check.ts";
import { parseDuration } from "./lib/duration.ts";
import { FINAL_STATUSES, type FinalStatus } from "./lib/job.ts";

/** The fewest characters of a token that somebody chose; the ones made here have 43. */
const SHORTEST_TOKEN = 8;

/** The longest that a queue keeps finished jobs, other than for ever. */
const TEN_YEARS = 10 * 365.25 * 86_400_000;

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new RangeError(`must be a whole number from ${least} to ${most}, found "${text}"`);
  };
}

/** Milliseconds from `least` to `most`, written `1500`, `30s`, `5m`, `24h` or `7d`. */
export function duration(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = parseDuration(text);
    if (value >= least && value <= most) return value;
    throw new RangeError(`must be from ${least} to ${most} ms, found "${text}"`);
  };
}

/** `true` or `false`; `1`, `0`, `on`, `off`, `yes` and `no` mean the same. */
export function yesOrNo(text: string): boolean {
  if (/^(true|1|on|yes)$/i.test(text)) return true;
  if (/^(false|0|off|no)$/i.test(text)) return false;
  throw new TypeError(`must be true or false, found "${text}"`);
}

/** One of `values`. */
export function oneOf<T extends string>(...values: T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text.toLowerCase());
    if (value !== undefined) return value;
    throw new TypeError(`must be one of ${values.join(", ")}, found "${text}"`);
  };
}

/** Letters, digits and `_ . : @ -`, at most `longest` of them. */
export function identifier(longest: number): (text: string) => string {
  return (text) => {
    if (/^[\w.:@-]+$/.test(text) && text.length <= longest) return text;
    throw new TypeError(`must be 1–${longest} of A–Z a–z 0–9 _ . : @ -, found "${text}"`);
  };
}

/** What a version is called. */
export function version(text: string): string {
  return checkName(text, "version", 60);
}

/** Names with commas between them. */
export function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return [...new Set(names)];
  throw new TypeError(`must be names with commas between them, found "${text}"`);
}

/** The path of a directory in which files may be deleted: not all files there are. */
export function directory(text: string): string {
  const path = resolve(text);
  if (path !== dirname(path)) return text;
  throw new TypeError(`must not be the root of the file system, found "${text}"`);
}

/** Paths of such directories, with commas between them. */
export function directories(text: string): string[] {
  const paths = list(text);
  paths.forEach(directory);
  return paths;
}

/** What is wrong with directories, by the name of their setting, in which the store's own files would be deleted. */
export function storeInDanger(storeUrl: string, settings: Record<string, readonly string[]>): string[] {
  if (!storeUrl.startsWith("kv:")) return [];
  const store = resolve(storeUrl.slice("kv:".length));
  return Object.entries(settings).flatMap(([name, paths]) =>
    paths.filter((path) => store.startsWith(resolve(path) + sep))
      .map((path) => `${name}: must not hold the store's file, found "${path}"`)
  );
}

/** `all`, `none` or names of families with commas between them. */
export function families(text: string): "all" | string[] {
  if (text === "all") return "all";
  return text === "none" ? [] : list(text);
}

/** `memory:` or `kv:PATH`. Other addresses may hold a password, so what was found is not shown. */
export function storeUrl(text: string): string {
  if (text === "memory:" || /^kv:./s.test(text)) return text;
  throw new TypeError('must be "memory:" or "kv:PATH"');
}

/** `completed=7d,failed=forever`: how long finished jobs are kept, milliseconds. */
export function retention(text: string): Partial<Record<FinalStatus, number>> {
  const kept: Partial<Record<FinalStatus, number>> = {};
  for (const part of list(text)) {
    const [name = "", value, ...more] = part.split("=").map((word) => word.trim());
    const status = FINAL_STATUSES.find((candidate) => candidate === name);
    if (status === undefined || value === undefined || more.length > 0) {
      throw new TypeError(`must be like "completed=7d,failed=30d,cancelled=7d", found "${part}"`);
    }
    if (kept[status] !== undefined) throw new TypeError(`names "${status}" twice`);
    kept[status] = timeToKeep(value);
  }
  return kept;
}

/** Milliseconds, at most ten years; `forever`: Infinity. */
export function timeToKeep(text: string): number {
  return text === "forever" ? Infinity : duration(0, TEN_YEARS)(text);
}

/** A host name or address to listen on. */
export function host(text: string): string {
  if (/^[A-Za-z0-9.:_-]+$/.test(text)) return text;
  throw new TypeError(`must be a host name or address, found "${text}"`);
}

/** A path such as `/jobs`, without a slash at its end but for `/` itself. */
export function basePath(text: string): string {
  const path = text.replace(/\/+$/, "");
  if (/^(\/[A-Za-z0-9._~-]+)*$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path)) return path === "" ? "/" : path;
  throw new TypeError(`must be a path like "/jobs" of A–Z a–z 0–9 . _ ~ -, found "${text}"`);
}

/** An `http` or `https` address without user, query and fragment; its origin and path, no slash at its end. */
export function publicUrl(text: string): string {
  const url = URL.parse(text);
  const usable = url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === "" &&
    url.search + url.hash === "";
  if (usable) return url.href.replace(/\/+$/, "");
  throw new TypeError("must be an http or https address without user, query and fragment");
}

/** Origins such as `https://app.example.com`, with commas between them. */
export function origins(text: string): string[] {
  return list(text).map((found) => {
    const url = URL.parse(found);
    // "*" would let every page that somebody has open try tokens from there.
    if (url !== null && /^https?:$/.test(url.protocol) && url.origin === found.toLowerCase()) {
      return url.origin;
    }
    throw new TypeError(`must be origins like "https://app.example.com", found "${found}"`);
  });
}

/** A token: never shown, whatever is wrong with it. */
export function token(text: string): string {
  if (text.length >= SHORTEST_TOKEN && text.length <= 512 && /^[\w.~+/=-]+$/.test(text)) return text;
  throw new TypeError(`must be ${SHORTEST_TOKEN}–512 of A–Z a–z 0–9 . _ ~ + / = -`);
}
