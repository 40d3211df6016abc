import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { DAY, HOUR, MINUTE, SECOND } from "../../testing/test-scheduler.ts";
import { START } from "../../testing/fake-clock.ts";
import { InputRangeError } from "../errors.ts";
import { checkDeclaration, type ScheduleOptions } from "./definition.ts";
import { Timing, Timings } from "./timing.ts";

function timing(expression: string, options: ScheduleOptions = {}, name = "test"): Timing {
  return new Timing(name, checkDeclaration(expression, null, options).definition, START);
}

/** What `due` is to return, by walking from tick to tick. */
function walked(timing: Timing, first: number, now: number, limit: number) {
  const ticks: number[] = [];
  let next: number | null = first;
  for (; next !== null && timing.fireAt(next) <= now; next = timing.next(next)) ticks.push(next);
  return { ticks: ticks.slice(-limit), next };
}

Deno.test("Timing.next() and prev() stay within startAt and endAt, both inclusive", () => {
  const hourly = timing("0 * * * *", { startAt: START + 2 * HOUR, endAt: START + 4 * HOUR });

  assertEquals(hourly.next(START), START + 2 * HOUR);
  assertEquals(hourly.next(START + 3 * HOUR), START + 4 * HOUR);
  assertEquals(hourly.next(START + 4 * HOUR), null);
  assertEquals(hourly.prev(START + 9 * HOUR), START + 4 * HOUR);
  assertEquals(hourly.prev(START + 2 * HOUR), null);
});

Deno.test("Timing counts @every from the creation", () => {
  const every = new Timing("t", checkDeclaration("@every 90s", null).definition, START + 7 * SECOND);

  assertEquals(every.next(START + 7 * SECOND), START + 97 * SECOND);
});

Deno.test("Timing passes dst and time zone on", () => {
  const night = Date.UTC(2026, 2, 8); // 02:30 is left out in New York
  const next = (dst: "vixie" | "skip") =>
    timing("30 2 * * *", { timezone: "America/New_York", dst }).next(night);

  assertEquals(next("vixie"), Date.UTC(2026, 2, 8, 7));
  assertEquals(next("skip"), Date.UTC(2026, 2, 9, 6, 30));
  assertThrows(() => timing("* * * * *", { timezone: "Europe/Pariss" }), InputRangeError, "Europe/Paris");
});

Deno.test("Timing.fireAt() spreads ticks over the jitter, always alike, by name and tick", () => {
  const one = timing("* * * * *", { jitter: 10 * SECOND }, "one");
  const other = timing("* * * * *", { jitter: 10 * SECOND }, "other");
  const delays = (of: Timing) =>
    Array.from({ length: 200 }, (_, i) => of.fireAt(START + i * MINUTE) - START - i * MINUTE);

  const spread = delays(one);
  assertEquals(spread, delays(timing("* * * * *", { jitter: 10 * SECOND }, "one")));
  assert(spread.every((ms) => ms >= 0 && ms < 10 * SECOND));
  assert(Math.min(...spread) < SECOND && Math.max(...spread) > 9 * SECOND);
  assert(delays(other).filter((ms, i) => ms === spread[i]).length < 10);
  assertEquals(timing("* * * * *").fireAt(START), START);
});

Deno.test("Timing.due() is the same as walking from tick to tick, whatever the jitter", () => {
  for (
    const [expression, jitter] of [
      ["* * * * *", 0],
      ["* * * * *", 20 * SECOND],
      ["* * * * *", 5 * MINUTE],
      ["*/7 * * * * *", 2 * MINUTE],
      ["0 9-17 * * MON-FRI", 3 * HOUR],
    ] as const
  ) {
    const of = timing(expression, { jitter });
    const first = of.next(START)!;
    for (let step = 0; step < 60; step++) {
      const now = first + step * step * 977;
      for (const limit of [1, 3, 1000]) {
        assertEquals(
          of.due(first, now, limit),
          walked(of, first, now, limit),
          `${expression} ${jitter} ${step}`,
        );
      }
    }
  }
});

Deno.test("Timing.due() finds the last ticks of a year of seconds without walking through it", () => {
  const of = timing("* * * * * *");
  const now = START + 365 * DAY;
  const { ticks, next } = of.due(START + SECOND, now, 3);

  assertEquals(ticks, [now - 2 * SECOND, now - SECOND, now]);
  assertEquals(next, now + SECOND);
});

Deno.test("Timing.due() fires a tick that was promised, should the zone's rules have changed since", () => {
  const of = timing("0 * * * *");
  const promised = START + 90 * MINUTE; // not at a full hour

  assertEquals(of.due(promised, promised, 10), { ticks: [promised], next: START + 2 * HOUR });
});

Deno.test("Timings makes a timing anew only if what it depends on has changed", () => {
  const timings = new Timings();
  const { definition } = checkDeclaration("* * * * *", null);
  const first = timings.of("a", definition, START);

  assertStrictEquals(timings.of("a", { ...definition, maxRuns: 3 } as typeof definition, START), first);
  const other = timings.of("a", { ...definition, expression: "0 * * * *" }, START);
  assertEquals(other.next(START), START + HOUR);
  timings.forget("a");
  assertEquals(timings.of("a", { ...definition, expression: "0 * * * *" }, START) === other, false);
});
