/**
 * Stands in for `@std/assert` while JSR is out of reach: the real names, signatures and error behaviour of what the
 * tests use, over `node:assert/strict`. With JSR at hand the import map's line changes and nothing besides.
 */
import { deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";
import { inspect } from "node:util";

/** What every failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

type ErrorClass<E> = abstract new (...args: never[]) => E;
type Falsy = false | 0 | 0n | "" | null | undefined;

function show(value: unknown): string {
  return inspect(value, { depth: 4 });
}

function why(message: string, msg: string | undefined): AssertionError {
  return new AssertionError(msg === undefined ? `${message}.` : `${message}: ${msg}`);
}

/** Fails always. */
export function fail(msg?: string): never {
  throw why("Failed assertion", msg);
}

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Fails unless both are deeply equal, their types too. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    const difference = error instanceof Error ? error.message : String(error);
    throw new AssertionError(`Values are not equal${msg === undefined ? "." : `: ${msg}`}\n\n${difference}`);
  }
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    notDeepStrictEqual(actual, expected);
  } catch {
    throw why(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
  }
}

/** Fails unless both are the same value, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) {
    throw why(`Values are not strictly equal, actual: ${show(actual)}, expected: ${show(expected)}`, msg);
  }
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: ErrorClass<T>,
  msg?: string,
): asserts actual is T {
  if (!(actual instanceof expectedType)) {
    throw why(`Expected ${show(actual)} to be an instance of "${expectedType.name}"`, msg);
  }
}

/** Fails unless `actual` matches the pattern `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) throw why(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Fails unless `expected` is part of `actual`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) throw why(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

/** Fails unless `actual` is greater than `expected` or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) throw why(`Expect ${show(actual)} >= ${show(expected)}`, msg);
}

/** Fails unless `actual` is less than `expected` or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) throw why(`Expect ${show(actual)} <= ${show(expected)}`, msg);
}

function checkThrown(
  thrown: unknown,
  args: [(ErrorClass<Error> | string)?, string?, string?],
  verb: string,
): unknown {
  const [first, msgIncludes, msg] = args;
  if (typeof first !== "function") return thrown;
  const suffix = msg === undefined ? "" : `: ${msg}`;
  if (!(thrown instanceof Error)) throw new AssertionError(`A non-Error object was ${verb}${suffix}`);
  const { name, message } = thrown;
  if (!(thrown instanceof first)) {
    const found = `but was "${name}": ${message}`;
    throw new AssertionError(`Expected error to be instance of "${first.name}", ${found}${suffix}`, {
      cause: thrown,
    });
  }
  if (msgIncludes !== undefined && !message.includes(msgIncludes)) {
    const found = `but got ${JSON.stringify(message)}`;
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(msgIncludes)}, ${found}${suffix}`,
    );
  }
  return thrown;
}

/** Fails unless `fn` throws, an `ErrorClass` whose message has `msgIncludes` if these are given; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ...args: [(ErrorClass<Error> | string)?, string?, string?]
): unknown {
  try {
    fn();
  } catch (error) {
    return checkThrown(error, args, "thrown");
  }
  throw why("Expected function to throw", typeof args[0] === "string" ? args[0] : args[2]);
}

/** As `assertThrows`, for a promise that rejects; a function that throws instead of rejecting fails. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...args: [(ErrorClass<Error> | string)?, string?, string?]
): Promise<unknown> {
  const msg = typeof args[0] === "string" ? args[0] : args[2];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(
      `Function throws when expected to reject${msg === undefined ? "." : `: ${msg}`}`,
      {
        cause: error,
      },
    );
  }
  try {
    await promise;
  } catch (error) {
    return checkThrown(error, args, "rejected");
  }
  throw why("Expected function to reject", msg);
}
