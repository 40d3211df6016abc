import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { KvLab } from "../stores/kv/fixture.ts";
import { MemoryData } from "../stores/memory.ts";
import { InputRangeError, InputTypeError, InvalidStatusError, NotFoundError } from "./errors.ts";
import type { Job } from "./job.ts";
import { Queue } from "./queue.ts";

Deno.test("cancel() of a waiting job cancels it; of a finished or unknown one is refused", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  const waiting = await queue.add("t", null, { delay: 1000 });
  assertEquals((await queue.cancel(waiting)).status, "cancelled");
  const done = await queue.add("t", null);
  await queue.drain();

  await assertRejects(() => queue.cancel(waiting), InvalidStatusError, "it is cancelled");
  await assertRejects(() => queue.cancel(done), InvalidStatusError, "it is completed");
  await assertRejects(() => queue.cancel("nobody"), NotFoundError);
});

Deno.test("retry() runs a finished job again, attempts anew, errors kept; others are refused", async () => {
  await using queue = new TestQueue();
  let works = false;
  const end = gate();
  queue.process("t", () => {
    if (!works) throw new Error("not yet");
    return "now";
  });
  queue.process("blocks", () => end.promise);
  const id = await queue.add("t", null, { maxAttempts: 1 });
  await queue.drain();
  works = true;
  assertEquals((await queue.retry(id)).status, "pending");
  await assertRejects(() => queue.retry(id), InvalidStatusError, "it is pending");
  await queue.drain();

  const job = await queue.job(id);
  assertEquals([job.status, job.attempt, job.result, job.errors.length], ["completed", 1, "now", 1]);
  await assertRejects(() => queue.retry("nobody"), NotFoundError);
  const running = await queue.add("blocks", null);
  const drained = queue.drain();
  await queue.next("started");
  await assertRejects(() => queue.retry(running), InvalidStatusError, "it is running");
  await assertRejects(() => queue.remove(running), InvalidStatusError, "it is running");
  await assertRejects(() => queue.update(running, { priority: 1 }), InvalidStatusError, "it is running");
  end.resolve();
  await drained;
});

Deno.test("update() changes priority and due time of a waiting job", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", null);
  const later = await queue.update(id, { priority: 9, scheduledAt: queue.now() + 500 });
  assertEquals([later.priority, later.status], [9, "scheduled"]);
  const now = await queue.update(id, { scheduledAt: new Date(0) });

  assertEquals([now.priority, now.status, now.scheduledAt], [9, "pending", queue.now()]);
  await assertRejects(() => queue.update(id, {}), InputTypeError, "changes: ");
  await assertRejects(() => queue.update(id, { priority: 1001 }), InputRangeError, "priority: ");
  await assertRejects(
    () => queue.update(id, { data: 1 } as never),
    InputTypeError,
    "data: is not a known field",
  );
  await assertRejects(() => queue.update("nobody", { priority: 1 }), NotFoundError);
});

Deno.test("remove() deletes a job with its log", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.log.info("x"));
  const id = await queue.add("t", null);
  await queue.drain();
  assertEquals((await queue.logs(id)).lines.length, 1);
  await queue.remove(id);

  assertEquals(await queue.get(id), null);
  await assertRejects(() => queue.remove(id), NotFoundError);
  await assertRejects(() => queue.logs(id), NotFoundError);
});

/** Adds a job and runs it, a moment ago. */
async function finishOne(queue: TestQueue): Promise<Job> {
  queue.process("t", () => {});
  const id = await queue.add("t", null);
  await queue.drain();
  queue.clock.advance(1);
  return await queue.job(id);
}

Deno.test("remove() of a job as it was read keeps one that was retried or has finished again since", async () => {
  await using queue = new TestQueue();
  const { id, finishedAt } = await finishOne(queue);
  await queue.retry(id);

  await assertRejects(() => queue.remove(id, { finishedAt }), InvalidStatusError, "it is pending");
  await queue.drain();
  await assertRejects(() => queue.remove(id, { finishedAt }), InvalidStatusError, "it is completed");
  await queue.remove(id, { finishedAt: (await queue.job(id)).finishedAt });

  await assertRejects(() => queue.remove(id, { finishedAt }), NotFoundError);
});

Deno.test("retry() of a job as it was read leaves one alone that has run again since", async () => {
  await using queue = new TestQueue();
  const { id, finishedAt } = await finishOne(queue);
  assertEquals((await queue.retry(id, { status: ["completed"], finishedAt })).status, "pending");
  await queue.drain();

  await assertRejects(() => queue.retry(id, { finishedAt }), InvalidStatusError, "it is completed");
  await assertRejects(() => queue.retry(id, { status: ["failed"] }), InvalidStatusError, "it is completed");
  assertEquals((await queue.job(id)).status, "completed");
});

Deno.test("cancel() and remove() of a job of one status leave one of another alone", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", null);
  const meant = { status: ["scheduled" as const] };

  await assertRejects(() => queue.cancel(id, meant), InvalidStatusError, "it is pending");
  await assertRejects(() => queue.remove(id, meant), InvalidStatusError, "it is pending");
  await queue.update(id, { scheduledAt: queue.now() + 1000 });

  assertEquals((await queue.cancel(id, meant)).status, "cancelled");
});

Deno.test("A paused queue's jobs wait; queues() says so", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  await queue.pause("mail");
  await queue.add("t", null, { queue: "mail" });
  await queue.add("t", null);

  assertEquals(await queue.drain(), 1);
  const pause = { at: queue.now(), by: null, note: null };
  assertEquals(await queue.queues(), [
    { name: "default", paused: false },
    { name: "mail", paused: true, pause },
  ]);
  await queue.resume("mail");
  assertEquals(await queue.drain(), 1);
  assertEquals((await queue.queues()).map(({ paused }) => paused), [false, false]);
});

Deno.test("pause() says who paused a queue first, when and why; another note takes its place", async () => {
  await using queue = new TestQueue();
  const first = await queue.pause("mail", { by: "ada" });
  assertEquals(first, { at: queue.now(), by: "ada", note: null });
  queue.clock.advance(1000);

  assertEquals(await queue.pause("mail", { by: "bob" }), first);
  const said = await queue.pause("mail", { by: "bob", note: "ACME is down" });
  assertEquals(said, { at: queue.now(), by: "bob", note: "ACME is down" });
  queue.clock.advance(1000);
  assertEquals(await queue.pause("mail"), said);
});

Deno.test("pause() refuses what is no name, no line of 200 characters or no option, and pauses nothing", async () => {
  await using queue = new TestQueue();
  await queue.pause("q", { by: "a".repeat(255), note: "a".repeat(200) });

  const cases: [Parameters<typeof queue.pause>, typeof InputRangeError | typeof InputTypeError, string][] = [
    [[""], InputRangeError, "queue: "],
    [["mail", { note: "a".repeat(201) }], InputRangeError, "note: must have at most 200 characters"],
    [["mail", { note: "" }], InputRangeError, "note: must have 1 to 200 characters"],
    [["mail", { note: "two\nlines" }], InputRangeError, "note: must have no control characters"],
    [["mail", { note: 1 as never }], InputTypeError, "note: must be a string"],
    [["mail", { by: " ada" }], InputRangeError, "by: "],
    [["mail", { until: 1 } as never], InputTypeError, "options.until: is not a known field"],
    [["mail", "ada" as never], InputTypeError, "options: must be an object"],
  ];
  for (const [given, error, message] of cases) {
    await assertRejects(() => queue.pause(...given), error, message);
  }
  assertEquals((await queue.queues()).map(({ name }) => name), ["q"]);
});

Deno.test("workers() shows processes; dead ones are removed and their jobs rescued", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  await using queue = new TestQueue({ ...shared, workerId: "alive" });
  const dead = new TestQueue({ ...shared, workerId: "dead" });
  const started = gate();
  const end = gate();
  dead.process("t", () => {
    started.resolve();
    return end.promise;
  });
  await queue.start();
  await dead.start();
  const id = await queue.add("t", null);
  await started.promise;
  dead.store.crash();

  assertEquals(await queue.removeDeadWorkers(), ["dead"]);
  assertEquals((await queue.workers()).map(({ id }) => id), ["alive"]);
  assertEquals((await queue.job(id)).deaths, 1);
  await assertRejects(() => queue.removeWorker("nobody"), NotFoundError);
  end.resolve();
  await dead.stop();
});

Deno.test("list(), logs() and history() refuse what they do not know", async () => {
  await using queue = new TestQueue();
  const calls: [() => Promise<unknown>, string][] = [
    [() => queue.list({ state: "failed" } as never), "filter.state: "],
    [() => queue.list({ status: ["done"] as never }), "status[0]: "],
    [() => queue.list({ status: "failed" as never }), "status: "],
    [() => queue.list({ type: 5 as never }), "type: "],
    [() => queue.list({ createdAfter: NaN }), "createdAfter: "],
    [() => queue.list({ data: [{ path: "a" }] as never }), "data[0].value: "],
    [() => queue.list({}, { limit: 0 }), "limit: "],
    [() => queue.list({}, { limit: 201 }), "limit: "],
    [() => queue.list({}, { limit: 1.5 }), "limit: "],
    [() => queue.list({}, { cursor: 5 as never }), "cursor: "],
    [() => queue.list({}, { cursor: "changed" }), "cursor: "],
    [() => queue.list({}, { offset: 5 } as never), "page.offset: "],
    [() => queue.logs("x", { limit: NaN }), "limit: "],
    [() => queue.history({ from: 5, to: 4 }), "to: "],
    [() => queue.history({ from: "yesterday" as never, to: 4 }), "from: "],
    [() => queue.history({ from: 0 } as never), "to: "],
  ];
  for (const [call, path] of calls) {
    const error = await call().catch((error: unknown) => error);
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true, path);
    assertEquals((error as Error).message.startsWith(path), true, (error as Error).message);
  }
});

Deno.test("history() and stats() count what happened", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  await queue.addMany([{ type: "t", data: 1 }, { type: "t", data: 2 }, { type: "u", data: 3 }]);
  await queue.drain();

  const [point] = await queue.history({ from: queue.now() - 60_000, to: queue.now() + 60_000, type: "t" });
  assertEquals([point?.added, point?.completed], [2, 2]);
  assertEquals([(await queue.stats()).completed, (await queue.stats()).pending], [2, 1]);
});

Deno.test("An unknown job is null to get()", async () => {
  await using queue = new TestQueue();
  assertEquals(await queue.get("nobody"), null);
});

Deno.test("onChanged is told what each change made of what, also of large data", async () => {
  const lab = new KvLab(new FakeClock());
  const store = await lab.open();
  store.open = () => Promise.resolve(); // it is
  const queue = new Queue({ store, clock: lab.clock });
  try {
    const data = "x".repeat(50_000);
    await queue.add("t", data, { jobId: "j", delay: 1_000 });
    const told: unknown[][] = [];
    const onChanged = (before: Job, after: Job | null) => {
      assertEquals([before.data, after?.data], [data, data]);
      told.push([before, after].map((job) => [job?.status, job?.priority]));
    };
    const update = (priority: number) => queue.update("j", { priority }, { onChanged });
    await update(5);
    await update(9);
    await queue.cancel("j", { onChanged });
    await queue.retry("j", { onChanged });
    await assertRejects(() => queue.retry("j", { onChanged }), InvalidStatusError);

    assertEquals(told.map(([before]) => before), [
      ["scheduled", 0],
      ...told.slice(0, -1).map(([, after]) => after),
    ]);
    assertEquals(told.length, 4);
  } finally {
    await queue.stop();
    await lab.dispose();
  }
});

Deno.test("onChanged is not told of a cancel that was asked for already", async () => {
  await using queue = new TestQueue();
  const end = gate();
  queue.process("blocks", () => end.promise);
  const id = await queue.add("blocks", null);
  const drained = queue.drain();
  await queue.next("started");
  const told: (number | null | undefined)[][] = [];
  const onChanged = (...sides: (Job | null)[]) => told.push(sides.map((job) => job?.cancelRequestedAt));
  await queue.cancel(id, { onChanged });
  await queue.cancel(id, { onChanged });
  end.resolve();
  await drained;

  assertEquals(told, [[null, queue.now()]]);
});
