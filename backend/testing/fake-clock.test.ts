import { assertEquals } from "@std/assert";
import { FakeClock, START } from "./fake-clock.ts";

/** Notes the order in which sleepers wake. */
function setup() {
  const clock = new FakeClock();
  const woken: string[] = [];
  const sleep = (name: string, ms: number, signal?: AbortSignal) =>
    clock.sleep(ms, signal).then(() => void woken.push(name));
  return { clock, woken, sleep };
}

Deno.test("FakeClock stands still until it is moved", () => {
  const clock = new FakeClock();
  assertEquals([clock.now(), clock.monotonic()], [START, 0]);

  clock.advance(5);

  assertEquals([clock.now(), clock.monotonic()], [START + 5, 5]);
  assertEquals(new FakeClock(7).now(), 7);
});

Deno.test("FakeClock.advance() wakes who is due, in the order they are due", async () => {
  const { clock, woken, sleep } = setup();
  const naps = [sleep("c", 30), sleep("a", 10), sleep("b", 10), sleep("d", 31)];

  clock.advance(9);
  assertEquals(woken, []);
  clock.advance(21);
  await Promise.all(naps.slice(0, 3));
  assertEquals(woken, ["a", "b", "c"]);
  clock.advance(1);
  await naps[3];
});

Deno.test("FakeClock.advance() back moves the time of day, and wakes or delays nobody", async () => {
  const { clock, woken, sleep } = setup();
  const nap = sleep("a", 10);

  clock.advance(-60_000);
  assertEquals([clock.now(), clock.monotonic()], [START - 60_000, 0]);
  clock.advance(9);
  await Promise.resolve();
  assertEquals(woken, []);
  clock.advance(1);
  await nap;
});

Deno.test("FakeClock.sleep() ends when its signal aborts, at once if it has", async () => {
  const { clock, sleep } = setup();
  const controller = new AbortController();
  const nap = sleep("a", 10, controller.signal);
  await clock.asleep(1);

  controller.abort();
  await nap;
  await sleep("b", 10, controller.signal);
});

Deno.test("FakeClock.sleep() for no time ends by itself, after others had their turn", async () => {
  const { clock, woken, sleep } = setup();

  const naps = [sleep("slept", 0), sleep("slept", -5)];
  await Promise.resolve().then(() => woken.push("others"));
  await Promise.all(naps);

  assertEquals(woken, ["others", "slept", "slept"]);
  assertEquals(clock.monotonic(), 0);
});

Deno.test("FakeClock.asleep() resolves once so many sleep, those who woke not among them", async () => {
  const { clock, woken, sleep } = setup();
  await clock.asleep(0);
  const both = clock.asleep(2).then(() => woken.push("both asleep"));
  const first = sleep("first", 10);
  clock.advance(10);
  await first;
  const naps = [sleep("second", 10)];
  await Promise.resolve();
  assertEquals(woken, ["first"]);

  naps.push(sleep("third", 10));
  await both;

  assertEquals(woken, ["first", "both asleep"]);
  clock.advance(10);
  await Promise.all(naps);
});
