import { assert, assertEquals } from "@std/assert";
import { soon, systemClock } from "./clock.ts";

Deno.test("The system clock's now() is the time of day, and monotonic() does not step back", () => {
  assertEquals(new Date(systemClock.now()).getFullYear() >= 2024, true);
  const first = systemClock.monotonic();
  assert(systemClock.monotonic() >= first);
});

Deno.test("The system clock's sleep() ends after its time, at once if that has passed", async () => {
  const before = systemClock.monotonic();
  await systemClock.sleep(2);
  assert(systemClock.monotonic() - before >= 1);
  await systemClock.sleep(0);
  await systemClock.sleep(-1_000);
});

Deno.test("The system clock's sleep() ends when its signal aborts, and leaves no timer and no listener", async () => {
  const controller = new AbortController();
  const nap = systemClock.sleep(1_000_000_000_000, controller.signal);
  controller.abort();
  await nap;
  await systemClock.sleep(1_000_000, controller.signal);

  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  await systemClock.sleep(0, signal);
  assertEquals(listeners, 0);
});

Deno.test("soon() calls back after everyone who waits for a promise has had a turn", async () => {
  const turns: string[] = [];

  const done = new Promise<void>((resolve) => soon(() => resolve(void turns.push("soon"))));
  await Promise.resolve().then(() => Promise.resolve()).then(() => turns.push("promise"));
  await done;

  assertEquals(turns, ["promise", "soon"]);
});
