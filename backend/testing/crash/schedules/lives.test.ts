import { assertEquals } from "@std/assert";
import { lastToFire, type Life, mustFire, readLife, wasMissed } from "./lives.ts";

const T = 1_800_000_000_000;

function life(declaredAt: number, schedulingAt: number, endedAt: number): Life {
  return { declaredAt: T + declaredAt, schedulingAt: T + schedulingAt, endedAt: T + endedAt };
}

Deno.test("readLife() reads when a process declared its schedules and when its scheduler had started", () => {
  assertEquals(readLife("declared 10\nscheduling 20\n", 30), {
    declaredAt: 10,
    schedulingAt: 20,
    endedAt: 30,
  });
});

Deno.test("readLife() tells a process that was killed before its scheduler had started, or before it could fire", () => {
  assertEquals(readLife("declared 10\n", 30), { declaredAt: 10, schedulingAt: Infinity, endedAt: 30 });
  assertEquals(readLife("declared 10\nschedul", 30)?.schedulingAt, Infinity);
  assertEquals(readLife("declared 1", 30), null);
  assertEquals(readLife("", 30), null);
});

Deno.test("mustFire() is true of a tick at which one scheduler ran, and went on long enough", () => {
  assertEquals(mustFire(T, [life(-900, -500, 1_500)]), true);
  assertEquals(mustFire(T, [life(-900, -500, 1_499)]), false); // killed before it may have come to it
  assertEquals(mustFire(T, [life(-900, 1, 9_000)]), false); // had not started yet
  assertEquals(mustFire(T, [life(-900, -500, 400), life(300, 600, 9_000)]), false); // one after the other
  assertEquals(mustFire(T, []), false);
});

Deno.test("wasMissed() is true of a tick that no process lived at, nor soon after", () => {
  const before = life(-9_000, -8_000, -501);

  assertEquals(wasMissed(T, [before, life(1_001, 1_500, 9_000)]), true);
  assertEquals(wasMissed(T, [before, life(1_000, 1_500, 9_000)]), false); // late, not missed
  assertEquals(wasMissed(T, [life(-9_000, -8_000, -500)]), false); // the signal may have come late
  assertEquals(wasMissed(T, [life(-900, Infinity, 9_000)]), false); // it may fire before it has started
});

Deno.test("lastToFire() is the last tick that must have fired", () => {
  assertEquals(lastToFire([life(0, 500, 4_900), life(0, 600, 4_400)]), T + 3_000);
  assertEquals(lastToFire([life(0, 500, 2_400)]), -Infinity);
  assertEquals(lastToFire([life(0, Infinity, 9_000)]), -Infinity);
});
