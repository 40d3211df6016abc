import { assertEquals } from "@std/assert";
import { Signal } from "./signal.ts";

Deno.test("Signal tells of each change, of nothing else, and only who still listens", () => {
  const signal = new Signal(1);
  const heard: number[] = [];
  const stop = signal.subscribe(() => heard.push(signal.value));
  const stopSelf = signal.subscribe(() => stopSelf());

  for (const value of [1, 2, 2, NaN, NaN]) signal.value = value;
  stop();
  signal.value = 3;

  assertEquals(heard, [2, NaN]);
  assertEquals(signal.value, 3);
});
