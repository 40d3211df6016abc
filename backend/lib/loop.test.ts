import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { Loop } from "./loop.ts";

Deno.test("Loop runs a pass at once, sleeps as long as it says, and ends after close()", async () => {
  const clock = new FakeClock();
  const passes: number[] = [];
  const loop = new Loop(clock, () => Promise.resolve(passes.push(clock.monotonic()) * 100));
  await loop.ended(); // not started
  loop.start();
  loop.start();
  await clock.asleep(1);
  clock.advance(100);
  await clock.asleep(1);
  clock.advance(199);
  clock.advance(1);
  await clock.asleep(1);
  loop.wake();
  await clock.asleep(1);
  loop.close();
  await loop.ended();

  assertEquals(passes.slice(0, 3), [0, 100, 300]);
  assertEquals(passes.length, 4);
});
