import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock, START } from "../testing/fake-clock.ts";
import { DAY, HOUR, MINUTE, SECOND, TestScheduler } from "../testing/test-scheduler.ts";
import { MemoryData } from "../stores/memory.ts";
import { defineJob } from "./define-job.ts";
import { ClosedError, InputRangeError, InputTypeError, StoreUnavailableError } from "./errors.ts";

const nothing = () => null;

Deno.test("schedule() with a handler runs it with the schedule's name and the due time", async () => {
  await using scheduler = new TestScheduler();
  const seen: unknown[] = [];
  scheduler.schedule("nightly", "0 3 * * *", (job) => void seen.push([job.type, job.data, job.tags]));
  await scheduler.runOnce();
  await scheduler.pass(3 * HOUR);
  assertEquals(await scheduler.queue.drain(), 1);

  const data = { schedule: "nightly", dueAt: "2026-01-01T03:00:00.000Z" };
  assertEquals(seen, [["schedule:nightly", data, ["schedule:nightly"]]]);
  const job = await scheduler.queue.job("schedule:nightly@2026-01-01T03:00:00.000Z");
  assertEquals([job.createdBy, job.status], ["schedule:nightly", "completed"]);
});

Deno.test("schedule() with a job adds it with its data, options and the defaults of its definition", async () => {
  await using scheduler = new TestScheduler();
  const report = defineJob({ type: "report:build", maxAttempts: 7, run: nothing });
  const options = { priority: 5, tags: ["x"], createdBy: "me" };
  scheduler.schedule("täglich", "0 3 * * *", { type: report, data: { n: 1 }, options });
  await scheduler.runOnce();
  await scheduler.pass(3 * HOUR);
  const [job] = (await scheduler.queue.list()).jobs;

  assertEquals([job?.type, job?.data, job?.priority, job?.maxAttempts], ["report:build", { n: 1 }, 5, 7]);
  assertEquals([job?.tags, job?.createdBy], [["x", "schedule:täglich"], "me"]);
});

Deno.test("schedule() refuses bad input by name of the field, and registers and stores nothing", async () => {
  await using scheduler = new TestScheduler();
  const { queue } = scheduler;
  const refused: [() => unknown, typeof InputTypeError | typeof InputRangeError, string][] = [
    [() => scheduler.schedule("", "* * * * *", nothing), InputRangeError, "name: "],
    [
      () => scheduler.schedule("a\u0000b", "* * * * *", nothing),
      InputRangeError,
      "name: must have no control",
    ],
    [() => scheduler.schedule("a", "61 * * * *", nothing), InputRangeError, "Cannot parse minute"],
    [() => scheduler.schedule("a", 5 as never, nothing), InputTypeError, "expression: "],
    [
      () => scheduler.schedule("a", "* * * * *", nothing, { timezone: "Europe/Pariss" }),
      InputRangeError,
      "Europe/Paris",
    ],
    [() => scheduler.schedule("a", "* * * * *", nothing, { jitter: -1 }), InputRangeError, "jitter: "],
    [() => scheduler.schedule("a", "* * * * *", nothing, { maxRuns: 0 }), InputRangeError, "maxRuns: "],
    [
      () => scheduler.schedule("a", "* * * * *", nothing, { startAt: START + 2, endAt: START + 1 }),
      InputRangeError,
      "endAt: must be after startAt",
    ],
    [
      () => scheduler.schedule("a", "* * * * *", 5 as never),
      InputTypeError,
      "handler: must be a function or a job",
    ],
    [
      () => scheduler.schedule("a", "* * * * *", {} as never),
      InputTypeError,
      "handler: must be a function or a job",
    ],
    [() => scheduler.schedule("a", "* * * * *", { type: "" }), InputRangeError, "job.type: "],
  ];
  for (const [call, type, message] of refused) assertThrows(call, type, message);
  scheduler.schedule("known", "* * * * *", nothing);
  assertThrows(
    () => scheduler.schedule("known", "* * * * *", nothing),
    InputTypeError,
    'name: must be another for each schedule, found "known" again',
  );
  await scheduler.runOnce();

  assertEquals((await scheduler.list()).map(({ name }) => name), ["known"]);
  assertEquals(queue.types(), ["schedule:known"]);
});

Deno.test("schedule() takes an expression that never fires, and shows the warning", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("never", "0 0 31 2 *", nothing);
  await scheduler.runOnce();
  const { warnings, nextTickAt, state } = await scheduler.shown("never");

  assertEquals([warnings.length > 0, nextTickAt, state], [true, null, "ended"]);
  assertEquals(await scheduler.pass(400 * DAY), 0);
});

Deno.test("A stored schedule that no longer parses is shown as broken, and the others go on", async () => {
  await using scheduler = new TestScheduler();
  const job = { type: "t" };
  for (const name of ["good", "unreadable", "garbage"]) {
    await scheduler.create({ name, expression: "* * * * *", job, overlap: "allow" });
  }
  const { store } = scheduler.queue;
  const spoil = async (key: string, change: (value: never) => unknown) => {
    const { value, version } = (await store.record("schedule", key))!;
    await store.commit(
      { put: [{ kind: "schedule", key, value: change(value as never), expect: version }] },
      scheduler.queue.now(),
    );
  };
  await spoil("unreadable", (value: { definition: object }) => ({
    ...value,
    definition: { ...value.definition, expression: "every day" },
  }));
  await spoil("garbage", () => [1, 2]);

  assertEquals(await scheduler.pass(MINUTE), 1);
  assertEquals(await scheduler.ticks(), ["schedule:good@2026-01-01T00:01:00.000Z"]);
  const [garbage, good, unreadable] = await scheduler.list();
  assertEquals([garbage?.state, good?.state, unreadable?.state], ["broken", "active", "broken"]);
  assertEquals(unreadable?.broken?.startsWith("Cannot parse"), true);
  assertEquals([garbage?.nextTickAt, unreadable?.nextTickAt, unreadable?.expression], [
    null,
    null,
    "every day",
  ]);
  await assertRejects(() => scheduler.enable("garbage"), InputTypeError, "broken");
  await assertRejects(
    () => scheduler.update("garbage", { expression: "* * * * *" }),
    InputTypeError,
    "job: ",
  );
  await scheduler.update("garbage", { expression: "* * * * *", job, enabled: true });
  await scheduler.update("unreadable", { expression: "* * * * *" });
  assertEquals(await scheduler.pass(MINUTE), 3);
});

Deno.test("What is stored of a name that code declares may be unreadable: it is made anew, or left as it is", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  const declare = (scheduler: TestScheduler, enabled: boolean) => {
    for (const name of ["edited", "garbage", "good"]) {
      scheduler.schedule(name, "* * * * *", nothing, { enabled, overlap: "allow" });
    }
  };
  await using first = new TestScheduler({ clock, data });
  declare(first, false);
  await first.runOnce();
  await first.update("edited", { jitter: 5 });
  const { store } = first.queue;
  for (const { key, value, version } of await store.records("schedule")) {
    if (key === "good") continue;
    const { definition } = value as { definition: object };
    const unreadable = { ...value as object, definition: { ...definition, expression: "?" } };
    const spoiled = key === "garbage" ? 5 : unreadable;
    await store.commit({ put: [{ kind: "schedule", key, value: spoiled, expect: version }] }, clock.now());
  }
  await using again = new TestScheduler({ clock, data });
  declare(again, true);
  await again.runOnce();

  assertEquals((await again.list()).map(({ state }) => state), ["broken", "active", "active"]);
  assertEquals(await again.pass(MINUTE), 2);
});

Deno.test("runOnce() rejects while the store is away, and fires each tick once it is back", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("a", "*/10 * * * * *", nothing, { overlap: "allow", missed: "skip" });
  await scheduler.pass();
  const { store } = scheduler.queue;
  const { commit } = store;
  store.commit = () => Promise.reject(new StoreUnavailableError("Cannot reach the store"));
  for (let n = 0; n < 3; n++) await assertRejects(() => scheduler.pass(10 * SECOND), StoreUnavailableError);
  store.commit = commit;

  assertEquals(await scheduler.pass(), 3);
  assertEquals((await scheduler.ticks()).length, 3);
});

Deno.test("start() stores what code declares, and stop() is final", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("a", "* * * * *", nothing);
  await scheduler.queue.start();
  await scheduler.start();
  await scheduler.start();
  assertEquals([(await scheduler.shown("a")).state, scheduler.isRunning], ["active", true]);
  const [worker] = await scheduler.queue.workers();
  assertEquals(worker?.scheduler, true);
  await Promise.all([scheduler.stop(), scheduler.stop()]);

  assertEquals(scheduler.isRunning, false);
  assertEquals((await scheduler.queue.workers())[0]?.scheduler, false);
  await assertRejects(() => scheduler.start(), ClosedError);
});

Deno.test("start() can be called again after the store could not be opened", async () => {
  await using scheduler = new TestScheduler();
  const { store } = scheduler.queue;
  store.before.open = (count) => {
    if (count === 1) throw new StoreUnavailableError("Cannot reach the store");
  };

  await assertRejects(() => scheduler.start(), StoreUnavailableError);
  await scheduler.start();
  assertEquals(scheduler.isRunning, true);
});
