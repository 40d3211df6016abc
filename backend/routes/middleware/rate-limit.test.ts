import { assertEquals, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../../lib/errors.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { HttpProblem } from "./problem.ts";
import { RateLimiter } from "./rate-limit.ts";

function setup(perMinute: number, mostCallers = 10_000) {
  const clock = new FakeClock();
  const limiter = new RateLimiter("limits.test", { perMinute, clock, mostCallers });
  /** Seconds to wait; 0: it was counted. */
  const take = (caller = "a"): number => {
    try {
      limiter.take(caller);
      return 0;
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      assertEquals([error.status, error.code], [429, "rate_limited"]);
      return Number(error.extra.headers?.["Retry-After"]);
    }
  };
  return { clock, limiter, take };
}

Deno.test("RateLimiter.take() counts a minute's worth at once, then one by one, and says when", () => {
  const { clock, take } = setup(10);

  for (let i = 0; i < 10; i++) assertEquals(take(), 0);
  assertEquals(take(), 6);
  clock.advance(5000);
  assertEquals(take(), 1);
  clock.advance(1000);
  assertEquals([take(), take()], [0, 6]);
  clock.advance(60_000);
  assertEquals(Array.from({ length: 11 }, () => take()), [...Array(10).fill(0), 6]);
});

Deno.test("RateLimiter.take() gives nobody two minutes' worth around the turn of a minute", () => {
  const { clock, take } = setup(10);
  clock.advance(59_999);
  for (let i = 0; i < 10; i++) take();
  clock.advance(2);

  assertEquals(take() > 0, true);
});

Deno.test("RateLimiter.take() counts callers apart, and at 0 nobody", () => {
  const { take } = setup(1);
  assertEquals([take("a"), take("a"), take("b")], [0, 60, 0]);

  const { limiter, take: any } = setup(0);
  for (let i = 0; i < 1000; i++) assertEquals(any(), 0);
  assertEquals(limiter.size, 0);
});

Deno.test("RateLimiter.take() fits any number into its minute", () => {
  for (const perMinute of [1, 3, 7, 11, 299, 300, 1_000]) {
    const { take } = setup(perMinute);
    let counted = 0;
    while (take() === 0) counted++;
    assertEquals(counted, perMinute);
  }
});

Deno.test("RateLimiter remembers so many callers and no more, of those the ones that asked last", () => {
  const { limiter, take } = setup(1, 100);
  for (let i = 0; i < 50_000; i++) {
    take(`caller ${i}`);
    take("keen");
  }

  assertEquals(limiter.size, 100);
  assertEquals(take("keen") > 0, true);
});

Deno.test("RateLimiter forgets who has been quiet for long enough", () => {
  const { clock, limiter, take } = setup(60);
  for (let i = 0; i < 1000; i++) take(`caller ${i}`);
  clock.advance(1000);
  take("last");

  assertEquals(limiter.size, 1);
});

Deno.test("RateLimiter refuses a limit that is no whole number, by its name", () => {
  for (const perMinute of [-1, 1.5, NaN, Infinity]) {
    assertEquals(assertThrows(() => setup(perMinute), InputRangeError).issues[0]?.path, "limits.test");
  }
  assertThrows(() => setup("10" as never), InputTypeError);
});
