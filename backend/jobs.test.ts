import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { readConfig } from "./config.ts";
import { createJobs, jobsOptions, queue, scheduler } from "./jobs.ts";
import { ClosedError, InputTypeError } from "./lib/errors.ts";
import { Queue } from "./lib/queue.ts";
import { CronPatterns } from "./lib/schedule/patterns.ts";
import { Scheduler } from "./lib/scheduler.ts";
import { MemoryStore } from "./stores/memory.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { VERSION } from "./version.ts";

Deno.test("createJobs() is synchronous, and its queue runs jobs", async () => {
  const jobs = createJobs({ store: "memory:", workerId: "mine" });
  jobs.queue.process("double", (job) => Number(job.data) * 2);
  await jobs.start();
  assertEquals(await jobs.queue.wait(await jobs.queue.add("double", 21)), 42);
  const [worker] = await jobs.queue.workers();
  await jobs.stop();

  assertEquals([worker?.id, worker?.pid, worker?.version], ["mine", Deno.pid, VERSION]);
  await assertRejects(() => jobs.queue.add("double", 1), ClosedError);
});

Deno.test("createJobs() takes a store that is there already", async () => {
  const store = new MemoryStore();
  const jobs = createJobs({ store });
  await jobs.queue.ready();
  await jobs.stop();

  await assertRejects(() => store.get("x"), ClosedError);
});

Deno.test("createJobs() refuses unknown options and stores by name", () => {
  assertThrows(
    () => createJobs({ storage: "memory:" } as never),
    InputTypeError,
    "storage: is not a known field",
  );
  assertThrows(() => createJobs({ store: "mysql://x" }), InputTypeError, "store: must be");
});

Deno.test("routes() serves the API to whom `authorize` lets in", async () => {
  const jobs = createJobs({ store: "memory:", authorize: () => "admin" });
  const added = await jobs.routes().request("/api/admin/jobs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ type: "t", data: { n: 1 } }),
  });
  assertEquals(added.status, 201);
  const { id } = await added.json();
  assertEquals((await jobs.queue.get(id))?.data, { n: 1 });
  await jobs.stop();

  const closed = createJobs({ store: "memory:", authorize: () => null });
  assertEquals((await closed.routes().request("/api/admin/jobs")).status, 401);
  await closed.stop();
});

Deno.test("jobsOptions() says what the configuration says", async () => {
  const config = readConfig({
    STORE_URL: "memory:",
    JOB_QUEUE_DEFAULT_CONCURRENCY: "7",
    BASE_PATH: "/jobs",
  }, { "--worker-id": "w-1" });
  const jobs = createJobs(jobsOptions(config));
  await jobs.start();
  const [worker] = await jobs.queue.workers();
  await jobs.stop();

  assertEquals([worker?.id, worker?.concurrency], ["w-1", 7]);
});

Deno.test("createJobs() has a scheduler that starts after the queue and stops before it", async () => {
  const clock = new FakeClock();
  const jobs = createJobs({ store: "memory:", clock });
  const ran = Promise.withResolvers<unknown>();
  jobs.scheduler.schedule("minutely", CronPatterns.EVERY_MINUTE, (job) => ran.resolve(job.data.dueAt));
  await jobs.start();
  assertEquals([jobs.queue.isRunning, jobs.scheduler.isRunning], [true, true]);
  for (let second = 0; second < 60; second++) {
    await clock.asleep(5);
    clock.advance(1000);
  }
  assertEquals(await ran.promise, "2026-01-01T00:01:00.000Z");
  await jobs.stop();

  assertEquals([jobs.queue.isRunning, jobs.scheduler.isRunning], [false, false]);
  await assertRejects(() => jobs.scheduler.list(), ClosedError);
});

Deno.test("The ready-made queue and scheduler belong together, and are made at first use, from the environment", async () => {
  Deno.env.set("STORE_URL", "memory:");
  try {
    assertEquals(queue instanceof Queue, true);
    assertStrictEquals(queue.process("t", (job) => job.data).knows("t"), true);
    const id = await queue.add("t", 5);
    assertEquals(await queue.drain(), 1);
    assertEquals((await queue.get(id))?.result, 5);
    assertEquals(queue.isRunning, false);
    assertEquals(scheduler instanceof Scheduler, true);
    const made = await scheduler.create({ name: "a", expression: "* * * * *", job: { type: "t", data: 6 } });
    assertEquals([made.name, await queue.drain()], ["a", 0]);
    const triggered = await scheduler.trigger("a");
    assertEquals(await queue.drain(), 1);
    assertEquals((await queue.get(triggered))?.result, 6);
  } finally {
    Deno.env.delete("STORE_URL");
    await scheduler.stop();
    await queue.stop();
  }
});
