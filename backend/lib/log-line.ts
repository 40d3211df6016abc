import { clip } from "./job-error.ts";
import type { LogLine } from "./store.ts";
import { utf8Length } from "./json.ts";

/** The most bytes of JSON that one line of a job's log takes: 4 KiB. */
export const MAX_LINE_BYTES = 4096;

/** Room for message and fields; the rest is for level, times and punctuation. */
const MAX_MESSAGE_BYTES = 3000;
const MAX_FIELDS_BYTES = 3900;
/** How deep fields may hold objects, and how many values they may hold in all. */
const MAX_DEPTH = 6;
const MAX_VALUES = 200;

/**
 * Returns a line of a job's log with whatever a handler passed as message and fields made storable: at most
 * 4 KiB, plain JSON. Never throws.
 */
export function makeLogLine(
  level: LogLine["level"],
  message: unknown,
  fields: unknown,
  when: { attempt: number; at: number },
): LogLine {
  const line: LogLine = { ...when, level, message: clip(textOf(message), 2000, MAX_MESSAGE_BYTES) };
  if (fields === undefined || fields === null) return line;
  const safe = toSafeJson(fields);
  const room = MAX_FIELDS_BYTES - utf8Length(JSON.stringify(line.message));
  const text = JSON.stringify(safe);
  line.fields = utf8Length(text) > room
    ? { truncated: clip(text, room, Math.floor(room / 2)) }
    : typeof safe === "object" && safe !== null && !Array.isArray(safe)
    ? safe as Record<string, unknown>
    : { value: safe };
  return line;
}

function textOf(message: unknown): string {
  try {
    return typeof message === "string" ? message : String(message);
  } catch {
    return "a message that cannot be read";
  }
}

/**
 * Returns `value` as plain JSON that says as much of it as it can: a BigInt as text, an Error as name and
 * message, a cycle as `[circular]`, a Map or Set as its entries, the rest of something very large as `…`. Never throws.
 */
export function toSafeJson(value: unknown): unknown {
  let left = MAX_VALUES;
  const ancestors: object[] = [];

  function safe(value: unknown): unknown {
    if (left-- <= 0) return "…";
    switch (typeof value) {
      case "string":
        return value.length > MAX_LINE_BYTES ? `${value.slice(0, MAX_LINE_BYTES)}…` : value;
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "boolean":
        return value;
      case "object":
        return value === null ? null : safeObject(value);
      case "undefined":
        return undefined;
      case "function":
        return "[function]";
      default:
        return String(value);
    }
  }

  function safeObject(value: object): unknown {
    if (ancestors.includes(value)) return "[circular]";
    if (ancestors.length === MAX_DEPTH) return "…";
    ancestors.push(value);
    try {
      if (value instanceof Error) return { name: safe(value.name), message: safe(value.message) };
      if ("toJSON" in value && typeof value.toJSON === "function") return safe(value.toJSON());
      if (Array.isArray(value)) return partsOf(value).map((part) => safe(part) ?? null);
      if (value instanceof Set) return partsOf(value).map((part) => safe(part) ?? null);
      const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
      return Object.fromEntries(partsOf(entries).map(([name, part]) => [String(name), safe(part)]));
    } catch {
      return "[unreadable]";
    } finally {
      ancestors.pop();
    }
  }

  return safe(value) ?? null;
}

/** The first of many: what is beyond the limit is not even walked. */
function partsOf<T>(parts: Iterable<T>): T[] {
  const first: T[] = [];
  for (const part of parts) {
    if (first.length === MAX_VALUES) break;
    first.push(part);
  }
  return first;
}
