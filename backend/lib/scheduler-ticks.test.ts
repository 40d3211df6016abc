/** Which due times fire, and what their runs come to. */
import { assertEquals } from "@std/assert";
import { FakeClock, START } from "../testing/fake-clock.ts";
import { DAY, HOUR, MINUTE, SECOND, TestScheduler } from "../testing/test-scheduler.ts";
import { gate } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { defineJob } from "./define-job.ts";
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
