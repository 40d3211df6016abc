import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock, START } from "../testing/fake-clock.ts";
import { DAY, HOUR, MINUTE, SECOND, TestScheduler } from "../testing/test-scheduler.ts";
import { gate } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { defineJob } from "./define-job.ts";
import { ClosedError, InputRangeError, InputTypeError, StoreUnavailableError } from "./errors.ts";
import type { ScheduleOptions } from "./schedule/definition.ts";

const nothing = () => null;

Deno.test("Scheduler.runOnce() fires a tick once when the clock is set back over it", async () => {
  await using scheduler = new TestScheduler({ clock: new FakeClock(START + 30 * MINUTE) });
  scheduler.schedule("hourly", "0 * * * *", nothing);
  const fired: number[] = [];

  for (const minutes of [30, -2, 3]) { // 01:00, 00:58, 01:01
    fired.push(await scheduler.pass(minutes * MINUTE));
  }

  assertEquals(fired, [1, 0, 0]);
});

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

Deno.test("Ticks go on exactly once over restarts, the ones missed meanwhile as `missed` says", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  const policies = { skip: "skip", once: "once", all: "all" } as const;
  const session = async (advance: () => Promise<TestScheduler>) => {
    await using scheduler = await advance();
    return await scheduler.ticks();
  };
  const begin = async (passes: number) => {
    const scheduler = new TestScheduler({ clock, data });
    for (const [name, missed] of Object.entries(policies)) {
      scheduler.schedule(name, "* * * * *", nothing, { missed, overlap: "allow" });
    }
    await scheduler.runOnce();
    for (let n = 0; n < passes; n++) await scheduler.pass(MINUTE);
    return scheduler;
  };
  const before = await session(() => begin(2));
  clock.advance(5 * MINUTE + 30 * SECOND); // nothing runs
  const after = await session(() => begin(1));

  assertEquals(before.length, 6);
  const minutes = (name: string) =>
    after.filter((id) => id.includes(name)).map((id) => Number(id.slice(-10, -8)));
  assertEquals(minutes("skip"), [1, 2, 8]);
  assertEquals(minutes("once"), [1, 2, 7, 8]);
  assertEquals(minutes("all"), [1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("A clock turned back an hour repeats nothing, and what is made meanwhile fires", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("a", "*/10 * * * *", nothing, { overlap: "allow" });
  await scheduler.runOnce();
  for (let n = 0; n < 9; n++) await scheduler.pass(10 * MINUTE); // 01:30
  assertEquals((await scheduler.ticks()).length, 9);
  assertEquals(await scheduler.pass(-HOUR), 0);
  scheduler.schedule("b", "*/10 * * * *", nothing, { overlap: "allow", missed: "skip" });
  const fired: number[] = [];
  for (let n = 0; n < 7; n++) fired.push(await scheduler.pass(10 * MINUTE)); // 00:40 … 01:40

  assertEquals(fired, [1, 1, 1, 1, 1, 1, 2]);
  assertEquals((await scheduler.runs("a")).length, 10);
});

Deno.test("A clock turned back behind the start: what is made then is not missed", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.pass();
  await scheduler.pass(-HOUR);
  await scheduler.create({ name: "a", expression: "* * * * *", job: { type: "t" }, missed: "skip" });

  assertEquals(await scheduler.pass(MINUTE), 1);
});

Deno.test("A clock that jumps a day ahead leaves ticks out as `missed` says, and a step back to the truth repeats none", async () => {
  await using scheduler = new TestScheduler();
  for (const missed of ["skip", "once", "all"] as const) {
    scheduler.schedule(missed, "0 * * * *", nothing, { missed, overlap: "allow" });
  }
  await scheduler.pass();
  const fired = [await scheduler.pass(DAY + 30 * MINUTE), await scheduler.pass(-DAY)];
  for (let n = 0; n < 23; n++) fired.push(await scheduler.pass(HOUR));

  assertEquals(fired.slice(0, 2), [25, 0]);
  assertEquals(fired.slice(2).every((count) => count === 0), true);
  assertEquals(await scheduler.pass(90 * MINUTE), 3);
});

Deno.test("A clock that jumps over the change to daylight saving time fires what that leaves", async () => {
  const clock = new FakeClock(Date.UTC(2026, 2, 8, 5, 0)); // midnight in New York, where 02:30 is left out
  await using scheduler = new TestScheduler({ clock });
  const timezone = "America/New_York";
  for (const dst of ["vixie", "skip", "both"] as const) {
    scheduler.schedule(dst, "30 2 * * *", nothing, { timezone, dst, missed: "all", overlap: "allow" });
  }
  await scheduler.pass();
  await scheduler.pass(DAY);

  assertEquals(await scheduler.ticks(), [
    "schedule:both@2026-03-08T07:00:00.000Z",
    "schedule:vixie@2026-03-08T07:00:00.000Z",
  ]);
  await scheduler.pass(3 * HOUR);
  assertEquals((await scheduler.ticks()).filter((id) => id.includes("03-09T06:30")).length, 3);
});

Deno.test("startAt, endAt and maxRuns bound a schedule, and its state says that it has ended", async () => {
  await using scheduler = new TestScheduler();
  const of = (name: string, options: ScheduleOptions) =>
    scheduler.schedule(name, "* * * * *", nothing, { overlap: "allow", ...options });
  of("start", { startAt: new Date(START + 3 * MINUTE) });
  of("end", { endAt: START + 2 * MINUTE });
  of("max", { maxRuns: 3 });
  of("past", { endAt: START - 1 });
  await scheduler.pass();
  for (let n = 0; n < 5; n++) await scheduler.pass(MINUTE);

  const counts = new Map(
    (await scheduler.list()).map(({ name, runCount, state }) => [name, [runCount, state]]),
  );
  assertEquals(counts.get("start"), [3, "active"]);
  assertEquals(counts.get("end"), [2, "ended"]);
  assertEquals(counts.get("max"), [3, "ended"]);
  assertEquals(counts.get("past"), [0, "ended"]);
  assertEquals(await scheduler.upcoming("end", 5), []);
  assertEquals(await scheduler.upcoming("start", 2), [START + 6 * MINUTE, START + 7 * MINUTE]);
});

Deno.test("Ticks with jitter fire in order, each once, after their time", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("j", "*/10 * * * * *", nothing, { jitter: 30 * SECOND, overlap: "allow" });
  const added: [string, number][] = [];
  scheduler.queue.on("added", ({ id, createdAt }) => added.push([id.slice(-24), createdAt]));
  await scheduler.pass();
  for (let n = 0; n < 600; n++) await scheduler.pass(SECOND);

  const delays = added.map(([due, at]) => at - Date.parse(due));
  assertEquals(added.map(([due]) => due), added.map(([due]) => due).sort());
  assertEquals(new Set(added.map(([due]) => due)).size, added.length);
  assertEquals(added.length >= 57 && added.length <= 60, true);
  assertEquals(delays.every((ms) => ms >= 0 && ms <= 30 * SECOND), true);
  assertEquals(new Set(delays).size > 10, true);
});

Deno.test("An unfinished run keeps the next from running, or waiting, as `overlap` says, until it has ended", async () => {
  const policies = ["skip", "allow", "queue", "cancel-previous"] as const;
  await using scheduler = new TestScheduler({ concurrency: 20 });
  const { queue } = scheduler;
  const gates: PromiseWithResolvers<void>[] = [];
  let tell = () => {};
  /** Resolves once so many handlers have been called. */
  const called = async (count: number) => {
    while (gates.length < count) await new Promise<void>((resolve) => tell = resolve);
  };
  for (const overlap of policies) {
    scheduler.schedule(overlap, "* * * * *", async (job) => {
      const end = gate();
      job.signal.addEventListener("abort", () => end.resolve());
      gates.push(end);
      tell();
      await end.promise;
    }, { overlap });
  }
  const outcomes = async () =>
    Object.fromEntries(
      await Promise.all(policies.map(async (name) => [name, await scheduler.runs(name)] as const)),
    );
  await queue.start();
  await scheduler.pass();
  await scheduler.pass(MINUTE);
  await called(4);
  const cancelled = queue.next("cancelled");
  assertEquals(await scheduler.pass(MINUTE), 2);
  await cancelled;
  await called(6);

  assertEquals(await outcomes(), {
    skip: ["00:01:00 running", "00:02:00 skipped"],
    allow: ["00:01:00 running", "00:02:00 running"],
    queue: ["00:01:00 running"],
    "cancel-previous": ["00:01:00 cancelled", "00:02:00 running"],
  });
  assertEquals((await scheduler.shown("queue")).queued, [START + 2 * MINUTE]);
  assertEquals(await scheduler.pass(SECOND), 0);
  for (const { resolve } of gates) resolve();
  await queue.waitFinished("schedule:queue@2026-01-01T00:01:00.000Z");
  assertEquals(await scheduler.pass(SECOND), 1); // the queued one
  await called(7);
  gates.at(-1)?.resolve();
  await queue.waitFinished("schedule:queue@2026-01-01T00:02:00.000Z");
  assertEquals((await outcomes()).queue, ["00:01:00 completed", "00:02:00 completed"]);
});

Deno.test("A job whose data its schema refuses costs its tick, is shown, and holds up nobody", async () => {
  await using scheduler = new TestScheduler();
  const strict = defineJob({
    type: "strict",
    schema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) =>
          typeof value === "number" ? { value } : { issues: [{ message: "must be a number" }] },
      },
    },
    run: nothing,
  });
  scheduler.schedule("bad", "* * * * *", { type: "strict", data: "x" });
  scheduler.schedule("good", "* * * * *", nothing, { overlap: "allow" });
  scheduler.queue.process(strict);
  await scheduler.pass();

  assertEquals(await scheduler.pass(MINUTE), 1);
  const { runs, runCount, warnings, nextTickAt } = await scheduler.shown("bad");
  assertEquals([runs[0]?.outcome, runs[0]?.jobId, runCount], ["refused", null, 0]);
  assertEquals(warnings, ["The job of the last tick was refused: data: must be a number"]);
  assertEquals(nextTickAt, START + 2 * MINUTE);
  await scheduler.update("bad", { job: { data: 5 } });
  assertEquals(await scheduler.pass(MINUTE), 2);
  assertEquals((await scheduler.shown("bad")).warnings, []);
  assertEquals(scheduler.queue.log.of("error").length, 1);
});

Deno.test("A schedule remembers its last 50 runs and how they ended", async () => {
  await using scheduler = new TestScheduler();
  let fails = false;
  scheduler.schedule("a", "* * * * *", { type: "t", options: { maxAttempts: 1 } });
  scheduler.queue.process("t", () => {
    if (fails) throw new Error("no");
  });
  await scheduler.pass();
  for (let n = 0; n < 60; n++) {
    fails = n % 3 === 0;
    await scheduler.pass(MINUTE);
    await scheduler.queue.drain();
  }
  const { runs, runCount, lastOutcome } = await scheduler.shown("a");

  assertEquals([runs.length, runCount, lastOutcome], [50, 60, "completed"]);
  assertEquals(runs.slice(0, 4).map(({ outcome }) => outcome), [
    "completed",
    "completed",
    "failed",
    "completed",
  ]);
  assertEquals(runs[0]?.jobId, "schedule:a@2026-01-01T01:00:00.000Z");
  await scheduler.queue.prune({ olderThan: 0 });
  assertEquals((await scheduler.shown("a")).runs.slice(0, 2).map(({ outcome }) => outcome), [
    "removed",
    "completed",
  ]);
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
