import { checkFields, checkMs, checkNumber, checkOneOf, LONGEST } from "./check.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import type { BackoffOptions } from "./job.ts";

/** Computes the wait before the next attempt, in milliseconds. `attempt` is the one that failed, from 1. */
export type BackoffFunction = (attempt: number, error: unknown) => number;

/** What is used where neither job nor handler say anything: 1 s, 2 s, 4 s… up to a minute, ±10 %. */
export const DEFAULT_BACKOFF: Readonly<BackoffOptions> = {
  type: "exponential",
  delay: 1000,
  max: 60_000,
  factor: 2,
  jitter: 0.1,
};

const FIELDS: ReadonlySet<keyof BackoffOptions> = new Set(["type", "delay", "max", "factor", "jitter"]);

/**
 * Returns `value` as complete backoff options. Fields left out have the defaults of `BackoffOptions`; `max`
 * left out is never below `delay`.
 *
 * @throws {InputTypeError} A field is unknown or of the wrong type.
 * @throws {InputRangeError} A field is out of range: `delay` and `max` 0 to ten years, `factor` 1–100, `jitter` 0–1.
 */
export function checkBackoff(value: unknown, path: string): BackoffOptions {
  if (typeof value === "function") {
    throw new InputTypeError(
      path,
      "must be an object; a function can be given to process() or defineJob() only",
    );
  }
  const given = checkFields(value, path, FIELDS);
  const type = given.type === undefined
    ? DEFAULT_BACKOFF.type
    : checkOneOf(given.type, `${path}.type`, ["exponential", "fixed"]);
  const delay = given.delay === undefined ? DEFAULT_BACKOFF.delay : checkMs(given.delay, `${path}.delay`);
  const max = given.max === undefined
    ? Math.max(DEFAULT_BACKOFF.max, delay)
    : checkMs(given.max, `${path}.max`);
  if (max < delay && given.delay !== undefined) {
    throw new InputRangeError(`${path}.max`, `must not be below delay (${delay}), found ${max}`);
  }
  return {
    type,
    delay: Math.min(delay, max),
    max,
    factor: given.factor === undefined
      ? DEFAULT_BACKOFF.factor
      : checkNumber(given.factor, `${path}.factor`, 1, 100),
    jitter: given.jitter === undefined
      ? DEFAULT_BACKOFF.jitter
      : checkNumber(given.jitter, `${path}.jitter`, 0, 1),
  };
}

/**
 * Returns how long to wait after `attempt` (from 1) failed, in whole milliseconds, never more than `max`,
 * jitter included. Pure but for `random`.
 *
 * @param random A number from 0 to below 1.
 */
export function backoffDelay(options: BackoffOptions, attempt: number, random = Math.random()): number {
  const { type, delay, max, factor, jitter } = options;
  if (delay === 0) return 0;
  const wait = type === "fixed" ? delay : Math.min(max, delay * factor ** (attempt - 1));
  return Math.round(Math.min(max, wait * (1 + jitter * (2 * random - 1))));
}

/**
 * Returns how long to wait by a function of the caller, or undefined if it threw or gave no usable number:
 * a bug there must not cost the job its retry.
 */
export function customDelay(backoff: BackoffFunction, attempt: number, error: unknown): number | undefined {
  try {
    const wait = backoff(attempt, error);
    return typeof wait === "number" && wait >= 0 ? Math.min(Math.ceil(wait), LONGEST) : undefined;
  } catch {
    return undefined;
  }
}
