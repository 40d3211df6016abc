import { assertEquals } from "@std/assert";
import { roundUp, shapesOf, ticksOf } from "./chart.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Empty bars from a time on. */
function bars(from: string, count: number, step: number) {
  return Array.from(
    { length: count },
    (_, i) => ({ at: Date.parse(from) + i * step, completed: 0, failed: 0 }),
  );
}

Deno.test("roundUp() finds a round number that is not below, and a whole one", () => {
  const numbers = [0, 1, 2, 5, 7, 9, 11, 15, 16, 64, 641, 8001];
  assertEquals(numbers.map(roundUp), [1, 1, 2, 5, 8, 10, 15, 15, 20, 80, 800, 10_000]);
});

Deno.test("shapesOf() draws what happened once, too, and few failures not like many", () => {
  const shapes = (...counts: [completed: number, failed: number][]) => {
    const { shapes } = shapesOf(counts.map(([completed, failed], at) => ({ at, completed, failed })));
    return shapes.map(({ up, down }) => [up, down]);
  };

  assertEquals(shapes([0, 0], [1, 0], [2, 0]), [[0, 0], [80, 0], [160, 0]]);
  assertEquals(shapes([1000, 1], [1, 0]), [[160, 2], [2, 0]]);
  assertEquals(shapes([1000, 50], [0, 25]), [[160, 32], [0, 16]]);
  assertEquals(shapes([0, 1000]), [[0, 32]]);
});

Deno.test("ticksOf() finds round times of the viewer's zone behind the beginning", () => {
  const texts = (...args: Parameters<typeof ticksOf>) =>
    ticksOf(...args).map(({ index, text }) => [index, text]);

  assertEquals(texts(bars("2026-03-01T10:05:00Z", 20, MINUTE), MINUTE, "UTC"), [
    [0, "10:05"],
    [5, "10:10"],
    [15, "10:20"],
  ]);
  const quarters = bars("2026-03-01T10:15:00Z", 96, 15 * MINUTE);
  const hours = ["12:00", "16:00", "20:00", "00:00", "04:00", "08:00"];
  assertEquals(texts(quarters, 15 * MINUTE, "UTC").map(([, text]) => text), ["10:15", ...hours]);
  assertEquals(texts(quarters, 15 * MINUTE, "Asia/Kolkata").slice(0, 2), [[0, "15:45"], [1, "16:00"]]);
  const days = bars("2026-03-01T10:00:00Z", 36, DAY / 12);
  assertEquals(texts(days, DAY / 12, "UTC"), [[0, "Mar 1"], [7, "Mar 2"], [19, "Mar 3"], [31, "Mar 4"]]);
  assertEquals(texts(days, DAY / 12, "Europe/Vienna")[1], [7, "Mar 2"]); // 01:00 there
});
