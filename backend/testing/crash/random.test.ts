import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Random } from "./random.ts";

function draws(seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: 1_000 }, () => random.next());
}

Deno.test("Random draws the same again with the same seed, and something else with another", () => {
  assertEquals(draws(7), draws(7));
  assertNotEquals(draws(7), draws(8));
});

Deno.test("Random draws evenly from 0 to below 1", () => {
  const drawn = draws(1);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;

  assert(drawn.every((one) => one >= 0 && one < 1));
  assert(mean > 0.45 && mean < 0.55, String(mean));
});

Deno.test("Random.between() reaches both ends", () => {
  const random = new Random(3);
  const drawn = new Set(Array.from({ length: 200 }, () => random.between(-1, 2)));

  assertEquals([...drawn].sort((a, b) => a - b), [-1, 0, 1, 2]);
});

Deno.test("Random.pick() refuses an empty list", () => {
  assertThrows(() => new Random(1).pick([]), RangeError);
});
