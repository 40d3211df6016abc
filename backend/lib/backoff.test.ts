import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { backoffDelay, checkBackoff, customDelay, DEFAULT_BACKOFF } from "./backoff.ts";

const exact = { ...DEFAULT_BACKOFF, jitter: 0 };

Deno.test("backoffDelay() doubles from 1 s to a minute by default", () => {
  assertEquals([1, 2, 3, 6, 7, 8, 999].map((attempt) => backoffDelay(exact, attempt)), [
    1000,
    2000,
    4000,
    32_000,
    60_000,
    60_000,
    60_000,
  ]);
});

Deno.test("backoffDelay() of a fixed backoff is always the same", () => {
  const fixed = { ...exact, type: "fixed", delay: 500 } as const;

  assertEquals([1, 2, 50].map((attempt) => backoffDelay(fixed, attempt)), [500, 500, 500]);
});

Deno.test("backoffDelay() changes the wait by at most the jitter, and never beyond max", () => {
  for (const random of [0, 0.25, 0.5, 0.999]) {
    for (const attempt of [1, 5, 7, 1000]) {
      const plain = backoffDelay(exact, attempt);
      const delay = backoffDelay(DEFAULT_BACKOFF, attempt, random);
      assertGreaterOrEqual(delay, plain * 0.9);
      assertLessOrEqual(delay, Math.min(plain * 1.1, DEFAULT_BACKOFF.max));
    }
  }
  assertEquals(backoffDelay(DEFAULT_BACKOFF, 1, 0), 900);
});

Deno.test("backoffDelay() is a whole number at every limit of its options", () => {
  for (const delay of [0, 1, 3.1e11]) {
    for (const factor of [1, 100]) {
      for (const attempt of [1, 1000]) {
        const options = checkBackoff({ delay, max: 3.15e11, factor, jitter: 1 }, "b");
        assert(Number.isSafeInteger(backoffDelay(options, attempt)), `${delay} ${factor} ${attempt}`);
      }
    }
  }
});

Deno.test("checkBackoff() fills in the defaults, with max never below delay", () => {
  assertEquals(checkBackoff({}, "b"), DEFAULT_BACKOFF);
  assertEquals(checkBackoff({ delay: 90_000 }, "b").max, 90_000);
  assertEquals(checkBackoff({ max: 500 }, "b"), { ...DEFAULT_BACKOFF, delay: 500, max: 500 });
});

Deno.test("customDelay() takes what a function says, within ten years, and undefined from one that fails", () => {
  const error = new Error("x");

  assertEquals(customDelay((attempt, thrown) => thrown === error ? attempt * 10.5 : 0, 3, error), 32);
  assertEquals(customDelay(() => Infinity, 1, error), 10 * 365.25 * 86_400_000);
  assertEquals(customDelay(() => NaN, 1, error), undefined);
  assertEquals(customDelay(() => -1, 1, error), undefined);
  assertEquals(customDelay((() => "5") as never, 1, error), undefined);
  assertEquals(customDelay((() => Promise.resolve(5)) as never, 1, error), undefined);
  assertEquals(
    customDelay(
      () => {
        throw new Error("bug");
      },
      1,
      error,
    ),
    undefined,
  );
});
