import { describe } from "./check.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";

/** The largest data and the largest result, in bytes of UTF-8 JSON: 5 MiB. */
export const MAX_JSON_BYTES = 5 * 1024 * 1024;

/** How deep objects and arrays may lie in each other. */
export const MAX_JSON_DEPTH = 200;

const encoder = new TextEncoder();

/** The bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** One walk through a value: where it is, and between which bounds the size of its JSON lies. */
interface Walk {
  keys: (string | number)[];
  /** The objects that hold the current value, for finding cycles. */
  ancestors: object[];
  atLeast: number;
  atMost: number;
  /** True once a `toJSON` method took part: what is stored is not the very object. */
  converted: boolean;
}

/**
 * Checks that `value` is JSON as it stands, so that a handler gets exactly what was added, and at most 5 MiB
 * of it. One walk; text is only built when the size is near the limit.
 *
 * Refused, with the exact path (`data.user.tags[2]`): `undefined`, functions, symbols, BigInt, NaN, Infinity,
 * cycles, holes in arrays, symbol keys, and objects of a class (Map, Set, Uint8Array…) without `toJSON`.
 *
 * @returns True when `value` is plain JSON already; false when a `toJSON` method (a Date's, say) converts part
 * of it, so that only `JSON.parse(JSON.stringify(value))` equals what a store gives back.
 * @throws {InputTypeError} A part is not JSON.
 * @throws {InputRangeError} It is too large or too deep.
 */
export function checkJson(value: unknown, path: string): boolean {
  const walk: Walk = { keys: [], ancestors: [], atLeast: 0, atMost: 0, converted: false };
  try {
    visit(value, walk);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const ErrorClass = error.range ? InputRangeError : InputTypeError;
    throw new ErrorClass(path + pathOf(walk.keys), error.message);
  }
  if (walk.atLeast > MAX_JSON_BYTES) throw tooLarge(path);
  if (walk.atMost > MAX_JSON_BYTES) {
    const size = utf8Length(JSON.stringify(value));
    if (size > MAX_JSON_BYTES) throw tooLarge(path, size);
  }
  return !walk.converted;
}

/** Writes `["user", "tags", 2]` as `.user.tags[2]`; a key that is no plain name as `["a b"]`. */
export function pathOf(keys: readonly (string | number)[]): string {
  return keys.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  }).join("");
}

/** Thrown inside the walk alone; `checkJson` adds the path. */
class Refusal extends Error {
  constructor(message: string, readonly range = false) {
    super(message);
  }
}

function tooLarge(path: string, size?: number): InputRangeError {
  const found = size === undefined ? "more" : `${size} bytes`;
  return new InputRangeError(path, `must be at most 5 MiB (${MAX_JSON_BYTES} bytes) of JSON, found ${found}`);
}

function visit(value: unknown, walk: Walk): void {
  switch (typeof value) {
    case "string":
      walk.atLeast += value.length + 2;
      walk.atMost += value.length * 6 + 2; // `\u0000` is the longest form of one UTF-16 unit
      return;
    case "number":
      if (!Number.isFinite(value)) throw new Refusal(`must be JSON, found ${value}`);
      walk.atLeast += 1;
      walk.atMost += 25;
      return;
    case "boolean":
      walk.atLeast += 4;
      walk.atMost += 5;
      return;
    case "object":
      if (value === null) {
        walk.atLeast += 4;
        walk.atMost += 4;
      } else {
        visitObject(value, walk);
      }
      return;
    case "undefined":
      throw new Refusal("must be JSON, found undefined; leave the field out or use null");
    default:
      throw new Refusal(`must be JSON, found ${describe(value)}`);
  }
}

function visitObject(value: object, walk: Walk): void {
  if ("toJSON" in value && typeof value.toJSON === "function") {
    const json: unknown = value.toJSON(String(walk.keys.at(-1) ?? ""));
    walk.converted = true;
    // As JSON.stringify does: what toJSON returns is taken as it is, its own toJSON is not asked.
    if (typeof json === "object" && json !== null) visitParts(json, walk);
    else visit(json, walk);
    return;
  }
  visitParts(value, walk);
}

function visitParts(value: object, walk: Walk): void {
  if (walk.ancestors.includes(value)) throw new Refusal("must be JSON, found an object that holds itself");
  if (walk.ancestors.length === MAX_JSON_DEPTH) {
    throw new Refusal(`must be nested at most ${MAX_JSON_DEPTH} levels deep`, true);
  }
  walk.ancestors.push(value);
  if (Array.isArray(value)) {
    walk.atLeast += 1 + value.length;
    walk.atMost += 2 + value.length;
    for (let i = 0; i < value.length; i++) {
      walk.keys.push(i);
      visit(value[i], walk);
      walk.keys.pop();
    }
  } else {
    visitFields(value, walk);
  }
  walk.ancestors.pop();
  // Far beyond the limit already: one object held in a thousand places would otherwise take for ever.
  if (walk.atLeast > MAX_JSON_BYTES) {
    walk.keys = [];
    throw new Refusal(tooLarge("").issues[0]?.message ?? "", true);
  }
}

function visitFields(value: object, walk: Walk): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object's prototype is null or has none itself; that also holds for objects of another realm.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new Refusal(`must be JSON, found ${describe(value)}; only plain objects and arrays can be stored`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw new Refusal("must be JSON, found an object with a symbol as a key");
  }
  walk.atLeast += 2;
  walk.atMost += 2;
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    walk.atLeast += name.length + 3;
    walk.atMost += name.length * 6 + 4;
    walk.keys.push(name);
    visit(fields[name], walk);
    walk.keys.pop();
  }
}

/**
 * Returns what a handler returned as it will be stored: as JSON, taken leniently. `undefined` becomes null,
 * fields that are `undefined` or functions are left out, NaN becomes null. Shares nothing with `value`.
 *
 * @throws {InputTypeError} It holds a BigInt or itself, or its `toJSON` throws.
 * @throws {InputRangeError} Its JSON is larger than 5 MiB.
 */
export function toResult(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? null;
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputTypeError("result", `must be JSON: ${reason}`, { cause });
  }
  if (text === undefined) return null;
  if (text.length * 3 > MAX_JSON_BYTES && utf8Length(text) > MAX_JSON_BYTES) {
    throw tooLarge("result", utf8Length(text));
  }
  return JSON.parse(text);
}

/** Returns a copy of plain JSON that shares nothing with `value`. For small values several times faster than through text. */
export function copyJson<T>(value: T): T {
  return copyValue(value) as T;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    if (name === "__proto__") { // assigning it would set the prototype
      Object.defineProperty(copy, name, {
        value: copyValue(part),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else {
      copy[name] = copyValue(part);
    }
  }
  return copy;
}
