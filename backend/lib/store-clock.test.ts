import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { StoreClock } from "./store-clock.ts";

Deno.test("StoreClock shows the store's time and keeps the machine's pace", async () => {
  const base = new FakeClock(1000);
  const clock = new StoreClock(base);
  clock.correct(5000.4);
  base.advance(10);

  assertEquals([clock.now(), clock.monotonic()], [5010, 10]);
  const slept = clock.sleep(5);
  base.advance(5);
  await slept;
});

Deno.test("A queue works by the time that its store answers a heartbeat with", async () => {
  await using queue = new TestQueue();
  const heartbeat = queue.store.heartbeat.bind(queue.store);
  queue.store.heartbeat = async (report, now) => ({
    ...await heartbeat(report, now),
    now: queue.clock.now() + 60_000,
  });
  await queue.start();
  await queue.clock.asleep(4);

  assertEquals(queue.now(), queue.clock.now() + 60_000);
  assertEquals((await queue.job(await queue.add("t", null))).createdAt, queue.now());
});
