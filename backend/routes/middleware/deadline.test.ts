import { assertEquals } from "@std/assert";
import { soon, systemClock } from "../../lib/clock.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Deadline } from "./deadline.ts";

Deno.test("Deadline.start() tells each caller when its own time is over, by one timer", async () => {
  const clock = new FakeClock();
  const deadline = new Deadline(clock, 1000);
  const told: string[] = [];
  const calls = ["a", "b", "c"].map((name) => {
    const done = Promise.withResolvers<void>();
    const takeBack = deadline.start(() => {
      told.push(name);
      done.resolve();
    });
    clock.advance(100);
    return { takeBack, done: done.promise };
  });
  calls[1]?.takeBack();

  clock.advance(700);
  await calls[0]?.done;
  assertEquals(told, ["a"]);
  await clock.asleep(1);
  clock.advance(200);
  await calls[2]?.done;
  assertEquals(told, ["a", "c"]);
});

Deno.test("Deadline.start() begins anew after all were told or taken back", async () => {
  const clock = new FakeClock();
  const deadline = new Deadline(clock, 1000);
  for (let i = 0; i < 3; i++) {
    deadline.start(() => {})();
    const told = new Promise<void>((resolve) => deadline.start(resolve));
    clock.advance(1000);
    await told;
  }
});

Deno.test("Deadline leaves no timer behind when nobody waits any more", async () => {
  const deadline = new Deadline(systemClock, 60_000);
  for (const turns of [0, 3]) {
    const takeBack = [deadline.start(() => {}), deadline.start(() => {})];
    for (let turn = 0; turn < turns; turn++) await new Promise<void>(soon);
    for (const each of takeBack) each();
    for (let turn = 0; turn < 3; turn++) await new Promise<void>(soon);
  }
});
