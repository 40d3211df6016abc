import { assertEquals } from "@std/assert";
import { LATEST } from "./calendar.ts";
import { IntervalTimes } from "./interval.ts";

const ANCHOR = Date.UTC(2026, 0, 1, 12);

Deno.test("IntervalTimes counts from the anchor, the first time one interval after it", () => {
  const times = new IntervalTimes(90, ANCHOR);

  assertEquals(times.next(0), ANCHOR + 90_000);
  assertEquals(times.next(ANCHOR), ANCHOR + 90_000);
  assertEquals(times.next(ANCHOR + 89_999), ANCHOR + 90_000);
  assertEquals(times.next(ANCHOR + 90_000), ANCHOR + 180_000);
  assertEquals([ANCHOR, ANCHOR + 90_000, ANCHOR + 90_001, ANCHOR - 90_000].map((time) => times.has(time)), [
    false,
    true,
    false,
    false,
  ]);
});

Deno.test("IntervalTimes goes back to the first and no further", () => {
  const times = new IntervalTimes(90, ANCHOR);

  assertEquals(times.prev(ANCHOR + 180_001), ANCHOR + 180_000);
  assertEquals(times.prev(ANCHOR + 180_000), ANCHOR + 90_000);
  assertEquals(times.prev(ANCHOR + 90_001), ANCHOR + 90_000);
  assertEquals(times.prev(ANCHOR + 90_000), -Infinity);
});

Deno.test("IntervalTimes rounds an anchor within a second up, so that no time comes early", () => {
  assertEquals(new IntervalTimes(60, ANCHOR + 1).next(0), ANCHOR + 61_000);
});

Deno.test("IntervalTimes ends with the last time a Date can hold", () => {
  const times = new IntervalTimes(60, ANCHOR);

  assertEquals(times.next(LATEST - 60_000), LATEST);
  assertEquals(times.next(LATEST), Infinity);
});
