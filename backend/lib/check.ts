import { InputRangeError, InputTypeError } from "./errors.ts";

/** Ten years in milliseconds: no delay, retention or due time may lie further away. */
export const LONGEST = 10 * 365.25 * 86_400_000;

const CONTROL = /\p{Cc}/u;

/**
 * True if `text` may be the id of a job or a worker: 1 to 200 of A–Z a–z 0–9 _ . : @ -. Nothing else is worth a read, nor
 * fit to be a key of a store.
 */
export function isId(text: string): boolean {
  return /^[\w.:@-]{1,200}$/.test(text);
}

/** Says what `value` is, for an error message: `"abc"`, `1001`, `an array`, `a Map`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "bigint":
      return `the BigInt ${value}`;
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) return "an array";
      const name: unknown = value.constructor?.name;
      return typeof name === "string" && name !== "" && name !== "Object"
        ? `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`
        : "an object";
    }
    default:
      return String(value);
  }
}

/** Returns `value` if it is a number within `min`…`max`. */
export function checkNumber(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number") {
    throw new InputTypeError(path, `must be a number, found ${describe(value)}`);
  }
  if (!(value >= min && value <= max)) {
    throw new InputRangeError(path, `must be from ${min} to ${max}, found ${value}`);
  }
  return value;
}

/** Returns `value` if it is a whole number within `min`…`max`. */
export function checkInteger(value: unknown, path: string, min: number, max: number): number {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new InputRangeError(path, `must be a whole number from ${min} to ${max}, found ${value}`);
  }
  return checkNumber(value, path, min, max);
}

/** Returns `value`, rounded up to whole milliseconds, if it lies within `min`…`max` milliseconds. */
export function checkMs(value: unknown, path: string, min = 0, max = LONGEST): number {
  if (typeof value !== "number") {
    throw new InputTypeError(path, `must be a number of milliseconds, found ${describe(value)}`);
  }
  if (!(value >= min && value <= max)) {
    throw new InputRangeError(path, `must be from ${min} to ${max} milliseconds, found ${value}`);
  }
  return Math.ceil(value);
}

/**
 * Returns `value` if it is a name: 1–`max` characters (UTF-16 units), none of them a control character, no
 * whitespace around it, no half of a surrogate pair.
 */
export function checkName(value: unknown, path: string, max: number): string {
  if (typeof value !== "string") throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
  if (value.length === 0) throw new InputRangeError(path, `must have 1 to ${max} characters, found none`);
  if (value.length > max) {
    throw new InputRangeError(path, `must have at most ${max} characters, found ${value.length}`);
  }
  if (CONTROL.test(value)) {
    throw new InputRangeError(path, `must have no control characters, found ${describe(value)}`);
  }
  if (value.trim() !== value) {
    throw new InputRangeError(path, `must not begin or end with whitespace, found ${describe(value)}`);
  }
  if (!value.isWellFormed()) {
    throw new InputRangeError(path, `must be well-formed Unicode, found ${describe(value)}`);
  }
  return value;
}

/** Returns `value` if it is one of `allowed`. */
export function checkOneOf<T extends string>(value: unknown, path: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  const message = `must be ${allowed.map((one) => `"${one}"`).join(" or ")}, found ${describe(value)}`;
  throw typeof value === "string" ? new InputRangeError(path, message) : new InputTypeError(path, message);
}

/**
 * Returns `value` if it is an object with no other fields than `known`. A field that is `undefined` counts as
 * not given. An unknown one is refused by name: a misspelt option must not be ignored.
 */
export function checkFields<K extends string>(
  value: unknown,
  path: string,
  known: ReadonlySet<K>,
): Partial<Record<K, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputTypeError(path, `must be an object, found ${describe(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!(known as ReadonlySet<string>).has(name)) {
      const field = path === "" ? name : `${path}.${name}`;
      throw new InputTypeError(field, `is not a known field; known are ${[...known].join(", ")}`);
    }
  }
  return value as Partial<Record<K, unknown>>;
}
