import { checkBackoff } from "./backoff.ts";
import {
  checkFields,
  checkInteger,
  checkMs,
  checkName,
  checkOneOf,
  describe,
  isId,
  LONGEST,
} from "./check.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { isUuid } from "./ids.ts";
import type { BackoffOptions } from "./job.ts";

/** How a job holds a unique key: while it does, no other job with that key is stored. */
export interface UniqueOptions {
  /** 1–255 characters. */
  key: string;
  /** How long the job holds the key: until it has finished, or for this many milliseconds. @default "active" */
  within?: "active" | number;
  /**
   * What an add does that finds the key held. `keep`: stores nothing and returns the holder's id. `replace`:
   * rewrites the holder if it waits. `reject`: throws `UniqueConflictError`.
   * @default "keep"
   */
  onConflict?: "keep" | "replace" | "reject";
}

/** How a job is added. */
export interface AddOptions {
  /** A whole number, −1000 to 1000, higher first. @default 0 */
  priority?: number;
  /** Milliseconds from now, 0 to ten years. @default 0 */
  delay?: number;
  /** When it is due: a date or epoch milliseconds, at most ten years ahead; one in the past means at once. */
  scheduledAt?: Date | number;
  /** How often it may run, the first time included, 1–1000. @default 3 */
  maxAttempts?: number;
  /** The same, the first time not included, 0–999: `maxAttempts - 1`. */
  maxRetries?: number;
  /** How long to wait before the next attempt. @default 1 s, 2 s, 4 s… up to a minute, ±10 % */
  backoff?: Partial<BackoffOptions>;
  /** Milliseconds for one attempt, at most 2,147,483,647 (24 days); 0: no limit. @default 0 */
  timeout?: number;
  /**
   * An id of your own: 1–200 of `A–Z a–z 0–9 _ . : @ -`, not shaped like a UUID. A second add with it returns
   * it and stores nothing.
   */
  jobId?: string;
  unique?: UniqueOptions;
  /** The queue's name, 1–100 characters. @default "default" */
  queue?: string;
  /** At most 20, each of 1–64 characters. */
  tags?: readonly string[];
  /** Who adds it, 1–255 characters. */
  createdBy?: string;
  /** Milliseconds, 1 to ten years, after which the job is cancelled if no attempt has started. */
  expiresIn?: number;
  /** Milliseconds to keep the job after it finished, 0 to ten years. @default the queue's `retention` */
  keepFor?: number;
}

/** `AddOptions` checked. null: not given, a default further out decides. */
export interface CheckedOptions {
  priority: number | null;
  /** Epoch milliseconds, not before now; null: at once. */
  scheduledAt: number | null;
  maxAttempts: number | null;
  backoff: BackoffOptions | null;
  timeout: number | null;
  jobId: string | null;
  unique: Required<UniqueOptions> | null;
  queue: string | null;
  tags: readonly string[];
  createdBy: string | null;
  expiresIn: number | null;
  keepFor: number | null;
}

/** The longest time limit of one attempt: what a timer of the platform can wait. */
const LONGEST_TIMEOUT = 2_147_483_647;

/** No ids: names of routes, and what a URL cannot end with. */
const RESERVED_IDS: ReadonlySet<string> = new Set(["stats", "export", "bulk", "cleanup", ".", ".."]);

const FIELDS: ReadonlySet<keyof AddOptions> = new Set([
  "priority",
  "delay",
  "scheduledAt",
  "maxAttempts",
  "maxRetries",
  "backoff",
  "timeout",
  "jobId",
  "unique",
  "queue",
  "tags",
  "createdBy",
  "expiresIn",
  "keepFor",
]);

const UNIQUE_FIELDS: ReadonlySet<keyof UniqueOptions> = new Set(["key", "within", "onConflict"]);

const NONE: CheckedOptions = Object.freeze({
  priority: null,
  scheduledAt: null,
  maxAttempts: null,
  backoff: null,
  timeout: null,
  jobId: null,
  unique: null,
  queue: null,
  tags: Object.freeze([]) as readonly string[],
  createdBy: null,
  expiresIn: null,
  keepFor: null,
});

/** Returns `value` if it is a job type: 1–255 characters, no control characters, no whitespace around it. */
export function checkType(value: unknown, path = "type"): string {
  return checkName(value, path, 255);
}

/** Returns `value` if it is a queue's name. */
export function checkQueueName(value: unknown, path = "queue"): string {
  return checkName(value, path, 100);
}

/** Returns `value` if it is a priority: a whole number, −1000 to 1000. */
export function checkPriority(value: unknown, path: string): number {
  return checkInteger(value, path, -1000, 1000);
}

/** Returns `value` if it is a number of attempts: a whole number, 1–1000. */
export function checkMaxAttempts(value: unknown, path: string): number {
  return checkInteger(value, path, 1, 1000);
}

/** Returns `value` if it is a time limit of an attempt in milliseconds. */
export function checkTimeout(value: unknown, path: string): number {
  return checkMs(value, path, 0, LONGEST_TIMEOUT);
}

/** Returns `value`, a date or epoch milliseconds, as epoch milliseconds: `now` if it has passed. */
export function checkDueTime(value: unknown, path: string, now: number): number {
  if (value instanceof Date) {
    const time = value.getTime();
    if (Number.isNaN(time)) throw new InputRangeError(path, "must be a valid date, found an invalid one");
    return checkDueTime(time, path, now);
  }
  if (typeof value !== "number") {
    throw new InputTypeError(path, `must be a Date or epoch milliseconds, found ${describe(value)}`);
  }
  if (!(value <= now + LONGEST) || value === -Infinity) {
    throw new InputRangeError(path, `must be a time at most ten years ahead, found ${value}`);
  }
  return Math.max(now, Math.ceil(value));
}

/**
 * Checks all that `add` was given besides type and data.
 *
 * @throws {InputTypeError} A field is unknown, or of the wrong type.
 * @throws {InputRangeError} A field is out of range, or two contradict each other.
 */
export function checkOptions(value: unknown, now: number, path = "options"): CheckedOptions {
  if (value === undefined) return NONE;
  const given = checkFields(value, path, FIELDS);
  const at = (name: keyof AddOptions) => `${path}.${name}`;
  refuseBoth(given, "delay", "scheduledAt", path);
  refuseBoth(given, "maxAttempts", "maxRetries", path);

  const checked = { ...NONE };
  if (given.priority !== undefined) checked.priority = checkPriority(given.priority, at("priority"));
  if (given.delay !== undefined) checked.scheduledAt = now + checkMs(given.delay, at("delay"));
  if (given.scheduledAt !== undefined) {
    checked.scheduledAt = checkDueTime(given.scheduledAt, at("scheduledAt"), now);
  }
  if (given.maxAttempts !== undefined) {
    checked.maxAttempts = checkMaxAttempts(given.maxAttempts, at("maxAttempts"));
  }
  if (given.maxRetries !== undefined) {
    checked.maxAttempts = checkInteger(given.maxRetries, at("maxRetries"), 0, 999) + 1;
  }
  if (given.backoff !== undefined) checked.backoff = checkBackoff(given.backoff, at("backoff"));
  if (given.timeout !== undefined) checked.timeout = checkTimeout(given.timeout, at("timeout"));
  if (given.jobId !== undefined) checked.jobId = checkJobId(given.jobId, at("jobId"));
  if (given.unique !== undefined) checked.unique = checkUnique(given.unique, at("unique"));
  if (given.queue !== undefined) checked.queue = checkQueueName(given.queue, at("queue"));
  if (given.tags !== undefined) checked.tags = checkTags(given.tags, at("tags"));
  if (given.createdBy !== undefined) checked.createdBy = checkName(given.createdBy, at("createdBy"), 255);
  if (given.expiresIn !== undefined) checked.expiresIn = checkMs(given.expiresIn, at("expiresIn"), 1);
  if (given.keepFor !== undefined) checked.keepFor = checkMs(given.keepFor, at("keepFor"));
  return checked;
}

function refuseBoth(
  given: Partial<Record<keyof AddOptions, unknown>>,
  one: keyof AddOptions,
  other: keyof AddOptions,
  path: string,
): void {
  if (given[one] !== undefined && given[other] !== undefined) {
    throw new InputTypeError(`${path}.${other}`, `cannot be given together with ${one}: one of them decides`);
  }
}

function checkJobId(value: unknown, path: string): string {
  if (typeof value !== "string") throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
  if (!isId(value)) {
    throw new InputRangeError(path, `must be 1 to 200 of A–Z a–z 0–9 _ . : @ -, found ${describe(value)}`);
  }
  if (RESERVED_IDS.has(value)) {
    throw new InputRangeError(
      path,
      `must not be a reserved word (${[...RESERVED_IDS].join(", ")}), found it`,
    );
  }
  if (isUuid(value)) {
    throw new InputRangeError(path, `must not be shaped like a UUID, found ${describe(value)}`);
  }
  return value;
}

function checkUnique(value: unknown, path: string): Required<UniqueOptions> {
  const given = checkFields(value, path, UNIQUE_FIELDS);
  return {
    key: checkName(given.key, `${path}.key`, 255),
    within: checkWithin(given.within, `${path}.within`),
    onConflict: given.onConflict === undefined
      ? "keep"
      : checkOneOf(given.onConflict, `${path}.onConflict`, ["keep", "replace", "reject"]),
  };
}

function checkWithin(value: unknown, path: string): "active" | number {
  if (value === undefined || value === "active") return "active";
  if (typeof value !== "number") {
    throw new InputTypeError(path, `must be "active" or a number of milliseconds, found ${describe(value)}`);
  }
  return checkMs(value, path, 1);
}

function checkTags(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) throw new InputTypeError(path, `must be an array, found ${describe(value)}`);
  if (value.length > 20) {
    throw new InputRangeError(path, `must be at most 20 tags, found ${value.length}`);
  }
  const tags = Array.from(value, (tag: unknown, i) => checkName(tag, `${path}[${i}]`, 64));
  return [...new Set(tags)];
}
