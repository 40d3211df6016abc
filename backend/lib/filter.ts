import { InputRangeError } from "./errors.ts";
import { fingerprintOfLast } from "./fingerprint.ts";
import type { Job } from "./job.ts";
import type { JobFilter } from "./store.ts";

/** Entries a list reads at the most for one page. */
export const SCAN_LIMIT = 2_000;

/** True when `type` is the type `wanted` or one of its family: `email` means `email` and `email:…`. */
export function typeMatches(type: string, wanted: string): boolean {
  return type === wanted || (type.startsWith(wanted) && type[wanted.length] === ":");
}

/** True when `job` meets all conditions of `filter`. */
export function matches(job: Job, filter: JobFilter): boolean {
  if (filter.status !== undefined && !filter.status.includes(job.status)) return false;
  if (filter.type !== undefined && !typeMatches(job.type, filter.type)) return false;
  if (filter.queue !== undefined && job.queue !== filter.queue) return false;
  if (filter.tag !== undefined && !job.tags.includes(filter.tag)) return false;
  if (filter.createdBy !== undefined && job.createdBy !== filter.createdBy) return false;
  if (filter.createdAfter !== undefined && job.createdAt < filter.createdAfter) return false;
  if (filter.createdBefore !== undefined && job.createdAt >= filter.createdBefore) return false;
  if (filter.finishedAfter !== undefined && (job.finishedAt ?? -Infinity) < filter.finishedAfter) {
    return false;
  }
  if (filter.finishedBefore !== undefined && (job.finishedAt ?? Infinity) >= filter.finishedBefore) {
    return false;
  }
  if (filter.fingerprint !== undefined && fingerprintOfLast(job) !== filter.fingerprint) return false;
  if (filter.data === undefined && filter.text === undefined) return true;
  const redact = new Set(filter.redact?.map((name) => name.toLowerCase()));
  if (filter.data?.some(({ path, value }) => !hasValue(job.data, path, value, redact))) return false;
  return filter.text === undefined || containsText(job, filter.text.toLowerCase(), redact);
}

function hasValue(data: unknown, path: string, value: string, redact: ReadonlySet<string>): boolean {
  let found = data;
  for (const name of path.split(".")) {
    if (redact.has(name.toLowerCase()) || typeof found !== "object" || found === null) return false;
    if (!Object.hasOwn(found, name)) return false;
    found = (found as Record<string, unknown>)[name];
  }
  return typeof found !== "object" || found === null ? String(found) === value : false;
}

function containsText(job: Job, text: string, redact: ReadonlySet<string>): boolean {
  if (job.id.toLowerCase().includes(text) || job.type.toLowerCase().includes(text)) return true;
  const waiting: unknown[] = [job.data];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (redact.has(name.toLowerCase())) continue;
        if (!Array.isArray(value) && name.toLowerCase().includes(text)) return true;
        waiting.push(inner);
      }
    } else if (String(value).toLowerCase().includes(text)) {
      return true;
    }
  }
  return false;
}

/** A number that depends on every character of `text`. Finds accidents and edits; keeps no secret. */
function checksum(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return ((a >>> 0).toString(36) + (b >>> 0).toString(36)).padStart(14, "0");
}

/** Makes the opaque cursor that goes on behind `position` in the list of `filter`. */
export function encodeCursor(filter: unknown, position: unknown): string {
  const text = JSON.stringify(position);
  const bytes = new TextEncoder().encode(checksum(text + JSON.stringify(filter)) + text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Reads a cursor made by `encodeCursor` for the same `filter`.
 *
 * @throws {InputRangeError} Somebody changed it, or it belongs to another list. Its path is "cursor".
 */
export function decodeCursor(filter: unknown, cursor: string): unknown {
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder("utf-8", { fatal: true })
      .decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
    const position = text.slice(14);
    if (checksum(position + JSON.stringify(filter)) === text.slice(0, 14)) return JSON.parse(position);
  } catch {
    // Not base64, not UTF-8, not JSON: the same answer as for a wrong checksum.
  }
  throw new InputRangeError("cursor", "is not one this list returned; start again without it");
}
