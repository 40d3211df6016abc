import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeClock, START } from "../../testing/fake-clock.ts";
import { TestQueue } from "../../testing/test-queue.ts";
import { HOUR, MINUTE, TestScheduler } from "../../testing/test-scheduler.ts";
import { MemoryData } from "../../stores/memory.ts";
import { defineJob } from "../define-job.ts";
import { InputRangeError, InputTypeError, NotFoundError } from "../errors.ts";
import type { ScheduleEvent } from "../events.ts";
import { Scheduler } from "../scheduler.ts";
import type { Schedule } from "./view.ts";

const job = { type: "t", data: { n: 1 } };

Deno.test("create() makes a schedule that every process fires, each tick once", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  await using one = new TestScheduler({ clock, data });
  await using other = new TestScheduler({ clock, data });
  const made = await one.create({ name: "a", expression: "0 * * * *", job, jitter: 5 }, { by: "Ada" });
  assertEquals([made.createdBy, made.code, made.state, made.jitter], ["Ada", null, "active", 5]);
  clock.advance(HOUR + 5);

  assertEquals((await Promise.all([one.runOnce(), other.runOnce()])).sort(), [0, 1]);
  assertEquals((await other.queue.list()).jobs.map(({ type, data }) => [type, data]), [["t", { n: 1 }]]);
});

Deno.test("create() refuses bad input and names that are taken, and stores nothing", async () => {
  await using scheduler = new TestScheduler();
  const strict = defineJob({
    type: "strict",
    schema: {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "is wrong" }] }) },
    },
    run: () => null,
  });
  scheduler.queue.process(strict);
  const whole = { name: "a", expression: "* * * * *", job };
  const wrong: [unknown, typeof InputTypeError | typeof InputRangeError, string][] = [
    [null, InputTypeError, "schedule: must be an object"],
    [{ ...whole, cron: "x" }, InputTypeError, "cron: is not a known field"],
    [{ ...whole, name: "" }, InputRangeError, "name: "],
    [{ ...whole, expression: "* * *" }, InputRangeError, "expression"],
    [{ ...whole, timezone: "Mars" }, InputRangeError, "timezone"],
    [{ ...whole, job: undefined }, InputTypeError, "job: must be an object"],
    [{ ...whole, job: () => 1 }, InputTypeError, "job: must be an object"],
    [{ ...whole, job: { type: "strict" } }, InputTypeError, "is wrong"],
    [{ ...whole, endAt: "x" }, InputTypeError, "endAt: "],
  ];
  for (const [given, type, message] of wrong) {
    await assertRejects(() => scheduler.create(given as never), type, message);
  }
  await assertRejects(() => scheduler.create(whole, { by: "" }), InputRangeError, "by: ");
  assertEquals(await scheduler.list(), []);
  await scheduler.create(whole);
  await assertRejects(() => scheduler.create(whole), InputTypeError, 'name: is taken already, found "a"');
});

Deno.test("update() changes what is given, tells of it, and revert() goes back to code", async () => {
  await using scheduler = new TestScheduler();
  const events: ScheduleEvent[] = [];
  scheduler.queue.on("schedule", (event) => events.push(event));
  scheduler.schedule("a", "0 * * * *", job, { maxRuns: 9, jitter: 5 });
  await scheduler.runOnce();
  const changed = await scheduler.update(
    "a",
    { expression: "*/5 * * * *", maxRuns: null, job: { data: 2 }, enabled: false },
    { by: "Ada" },
  );
  assertEquals([changed.expression, changed.maxRuns, changed.jitter, changed.job?.data], [
    "*/5 * * * *",
    null,
    5,
    2,
  ]);
  assertEquals([changed.edited, changed.code?.definition.expression], [
    { at: START, by: "Ada" },
    "0 * * * *",
  ]);
  assertEquals([changed.state, changed.nextTickAt], ["disabled", null]);
  await scheduler.enable("a");
  const back = await scheduler.revert("a");

  assertEquals([back.expression, back.edited, back.nextTickAt], ["0 * * * *", null, START + HOUR]);
  assertEquals(back.changes.map(({ what, by }) => [what, by]), [
    ["reverted", null],
    ["enabled", null],
    ["updated", "Ada"],
    ["created", null],
  ]);
  assertEquals(events.map(({ change }) => change), ["created", "updated", "enabled", "reverted"]);
});

Deno.test("update() refuses what is wrong, and changes nothing", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("code", "* * * * *", () => 1);
  await scheduler.runOnce();
  const before = await scheduler.create({ name: "a", expression: "* * * * *", job, startAt: START });
  const wrong: [unknown, typeof InputTypeError | typeof InputRangeError, string][] = [
    [[], InputTypeError, "changes: must be an object"],
    [{}, InputTypeError, "changes: must hold at least one of"],
    [{ name: "b" }, InputTypeError, "name: is not a known field"],
    [{ expression: "99 * * * *" }, InputRangeError, "Cannot parse minute"],
    [{ endAt: START - 1 }, InputRangeError, "endAt: must be after startAt"],
    [{ job: { options: { delay: 5 } } }, InputTypeError, "job.options.delay: "],
    [{ jitter: null }, InputTypeError, "jitter: "],
  ];
  for (const [changes, type, message] of wrong) {
    await assertRejects(() => scheduler.update("a", changes as never), type, message);
  }
  assertEquals(await scheduler.get("a"), before);
  await assertRejects(() => scheduler.update("code", { job }), InputTypeError, "handler, which is in code");
  for (
    const call of [
      () => scheduler.update("none", { jitter: 1 }),
      () => scheduler.revert("none"),
      () => scheduler.enable("none"),
      () => scheduler.disable("none"),
      () => scheduler.remove("none"),
      () => scheduler.trigger("none"),
      () => scheduler.upcoming("none", 1),
    ]
  ) {
    await assertRejects(call, NotFoundError, 'Cannot find schedule "none"');
  }
});

Deno.test("disable() and enable(): what passes meanwhile is not missed", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.create({ name: "a", expression: "0 * * * *", job, missed: "all" });
  await scheduler.disable("a", { by: "Ada" });
  assertEquals(await scheduler.pass(5 * HOUR), 0);
  assertEquals(await scheduler.upcoming("a", 1), [START + 6 * HOUR]);
  await scheduler.enable("a");

  assertEquals(await scheduler.pass(), 0);
  assertEquals(await scheduler.pass(HOUR), 1);
});

Deno.test("remove() deletes a schedule; code makes it anew when it starts again", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  await using scheduler = new TestScheduler({ clock, data });
  scheduler.schedule("a", "* * * * *", () => 1);
  await scheduler.runOnce();
  await scheduler.remove("a", { by: "Ada" });
  assertEquals([await scheduler.get("a"), await scheduler.pass(MINUTE)], [null, 0]);
  await using again = new TestScheduler({ clock, data });
  again.schedule("a", "* * * * *", () => 1);
  await again.runOnce();

  assertEquals((await again.shown("a")).state, "active");
});

Deno.test("trigger() adds a job at any time, shows it, and leaves the ticks alone", async () => {
  await using scheduler = new TestScheduler();
  scheduler.queue.process("t", () => "done");
  await scheduler.create({ name: "a", expression: "0 * * * *", job, maxRuns: 1 });
  await scheduler.disable("a");
  const ids = [await scheduler.trigger("a", { by: "Ada" }), await scheduler.trigger("a")];
  assertMatch(ids[0] ?? "", /^schedule:a@2026-01-01T00:00:00\.000Z-[0-9a-f]{8}$/);
  assertEquals((await scheduler.queue.job(ids[0]!)).createdBy, "Ada");
  assertEquals((await scheduler.queue.job(ids[1]!)).createdBy, "schedule:a");
  assertEquals(await scheduler.queue.drain(), 2);

  const { runs, runCount } = await scheduler.shown("a");
  assertEquals(runCount, 0);
  assertEquals(
    runs,
    ids.map((jobId) => ({ dueAt: START, outcome: "completed" as const, jobId, triggered: true })).reverse(),
  );
  assertEquals((await scheduler.enable("a")).nextTickAt, START + HOUR);
});

Deno.test("trigger() of one that people start at once loses none", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.create({ name: "a", expression: "0 * * * *", job });
  const ids = await Promise.all(Array.from({ length: 20 }, () => scheduler.trigger("a")));

  assertEquals((await scheduler.shown("a")).runs.map(({ jobId }) => jobId).sort(), [...ids].sort());
  assertEquals(await scheduler.ticks(), [...ids].sort());
});

Deno.test("A run that a person started keeps a tick from running beside it", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.create({ name: "a", expression: "0 * * * *", job });
  await scheduler.pass(59 * MINUTE);
  await scheduler.trigger("a");

  assertEquals(await scheduler.pass(MINUTE), 0);
  assertEquals((await scheduler.runs("a")).map((run) => run.slice(9)), ["pending", "skipped"]);
});

Deno.test("trigger() refuses a schedule whose handler is not in code: nothing would run the job", async () => {
  const queue = new TestQueue();
  await using before = new Scheduler(queue);
  before.schedule("gone", "0 * * * *", () => {});
  await before.runOnce();
  await using after = new Scheduler(queue);
  await after.runOnce(); // alone, it finds that no code declares it

  assertEquals((await after.get("gone"))?.state, "not in code");
  await assertRejects(
    () => after.trigger("gone"),
    InputTypeError,
    "name: names a schedule that is not in code",
  );
  assertEquals((await queue.list()).jobs, []);
  await queue.stop();
});

Deno.test("list() gives some of the schedules by name, and asks where before it reads their jobs", async () => {
  await using scheduler = new TestScheduler();
  for (const name of ["c", "a", "b", "d"]) await scheduler.create({ name, expression: "0 * * * *", job });
  await scheduler.disable("b");
  for (const name of ["a", "c", "d"]) await scheduler.trigger(name);
  const reads: string[] = [];
  const { store } = scheduler.queue;
  const { get } = store;
  store.get = (id) => {
    reads.push(id.slice(0, "schedule:a".length));
    return get.call(store, id);
  };
  const names = async (...which: Parameters<typeof scheduler.list>) =>
    (await scheduler.list(...which)).map(({ name }) => name);

  assertEquals(await names(), ["a", "b", "c", "d"]);
  reads.length = 0;
  assertEquals(await names({ after: "a", limit: 1, where: ({ enabled }) => enabled }), ["c"]);
  assertEquals(reads, ["schedule:c"]);
});

Deno.test("onChanged is told what each change made of what, and of none where there was nothing to change", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.create({ name: "a", expression: "0 * * * *", job });
  const told: unknown[][] = [];
  const onChanged = (before: Schedule, after: Schedule | null) => {
    told.push([before, after].map((schedule) => schedule && [schedule.expression, schedule.enabled]));
  };
  await Promise.all([
    scheduler.update("a", { expression: "5 * * * *" }, { onChanged }),
    scheduler.disable("a", { onChanged }),
    scheduler.disable("a", { onChanged }),
    scheduler.revert("a", { onChanged }), // no code declares it
  ]);
  await scheduler.remove("a", { by: "Ada", onChanged });
  await assertRejects(() => scheduler.remove("a", { onChanged }), NotFoundError);

  assertEquals(told.length, 3);
  assertEquals([told[0]![0], told[2]![1]], [["0 * * * *", true], null]);
  assertEquals([told[1]![0], told[2]![0]], [told[0]![1], told[1]![1]]); // one goes on where the other ended
});
