import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { Alarm } from "./alarm.ts";

Deno.test("Alarm.sleep() ends after its time", async () => {
  const clock = new FakeClock();
  const alarm = new Alarm(clock);
  const slept = alarm.sleep(100);
  clock.advance(100);

  await slept;
});

Deno.test("Alarm.wake() ends the sleep under way, or the next one, and only that", async () => {
  const clock = new FakeClock();
  const alarm = new Alarm(clock);
  const slept = alarm.sleep(1e9);
  alarm.wake();
  await slept;
  alarm.wake();
  alarm.wake();
  await alarm.sleep(1e9);
  let over = false;
  const third = alarm.sleep(100).then(() => over = true);
  await clock.asleep(1);

  assertEquals(over, false);
  clock.advance(100);
  await third;
});

Deno.test("Alarm.close() ends every sleep", async () => {
  const alarm = new Alarm(new FakeClock());
  const slept = alarm.sleep(1e9);
  alarm.close();
  await slept;
  await alarm.sleep(1e9);
  await alarm.sleep(1e9);

  assertEquals(alarm.closed, true);
});
