import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { InputRangeError, InputTypeError, InvalidStatusError, NotFoundError } from "./errors.ts";

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

Deno.test("remove() of a job as it was read keeps one that was retried or has finished again since", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  const id = await queue.add("t", null);
  await queue.drain();
  const { finishedAt } = await queue.job(id);
  queue.clock.advance(1);
  await queue.retry(id);

  await assertRejects(() => queue.remove(id, { finishedAt }), InvalidStatusError, "it is pending");
  await queue.drain();
  await assertRejects(() => queue.remove(id, { finishedAt }), InvalidStatusError, "it is completed");
  await queue.remove(id, { finishedAt: (await queue.job(id)).finishedAt });

  await assertRejects(() => queue.remove(id, { finishedAt }), NotFoundError);
});

Deno.test("prune() deletes finished jobs that are old enough, of the statuses given", async () => {
  await using queue = new TestQueue();
  queue.process("good", () => {});
  queue.process("bad", (job) => job.fail("x"));
  const addBoth = () =>
    queue.addMany([{ type: "good", data: 1, options: { keepFor: 1e9 } }, { type: "bad", data: 1 }]);
  await addBoth();
  await queue.drain();
  queue.clock.advance(1000);
  await addBoth();
  await queue.drain();

  assertEquals(await queue.prune({ olderThan: 500, status: "failed" }), 1);
  assertEquals(await queue.prune({ olderThan: 500 }), 1);
  assertEquals(await queue.prune({ olderThan: 500, status: ["completed", "cancelled"] }), 0);
  assertEquals(await queue.prune({ olderThan: 0 }), 2);
  for (
    const bad of [{}, { olderThan: -1 }, { olderThan: 1, status: "running" }, { olderThan: 1, all: true }]
  ) {
    await assertRejects(() => queue.prune(bad as never));
  }
});

Deno.test("prune() heeds keepFor if asked to, takes an age for each status, and only counts in a dry run", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.data === "failed" ? job.fail("no") : null);
  const add = (data: string, options = {}) => queue.add("t", data, options);
  const ids = [await add("completed"), await add("completed", { keepFor: 10_000 }), await add("failed")];
  await queue.drain();
  queue.clock.advance(1_000);
  const left = async () => (await Promise.all(ids.map((id) => queue.get(id)))).map((job) => job !== null);

  assertEquals(await queue.prune({ olderThan: 1_000, dryRun: true }), 3);
  assertEquals(await queue.prune({ olderThan: 1_000, keepFor: true, dryRun: true }), 2);
  assertEquals(await queue.prune({ olderThan: 1_001, dryRun: true }), 0);
  const ages = { completed: 1_000, failed: Infinity };
  assertEquals(await queue.prune({ olderThan: ages, status: ["failed", "cancelled"] }), 0);
  assertEquals(await left(), [true, true, true]);
  assertEquals(await queue.prune({ olderThan: ages, keepFor: true }), 1);
  assertEquals(await left(), [false, true, true]);
  assertEquals(await queue.prune({ olderThan: 1_000 }), 2);
});

Deno.test("pruneLogs() deletes the logs of old jobs, also of more than one call's", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.log.info("hello"));
  const ids = await queue.addMany(Array.from({ length: 510 }, () => ({ type: "t", data: null })));
  await queue.drain();
  queue.clock.advance(1_000);

  assertEquals(await queue.pruneLogs({ olderThan: 1_001 }), 0);
  assertEquals(await queue.pruneLogs({ olderThan: 1_000, dryRun: true }), 510);
  assertEquals(await queue.pruneLogs({ olderThan: 1_000 }), 510);
  assertEquals((await queue.logs(ids.at(-1)!)).lines, []);
  assertEquals((await queue.stats()).completed, 510);
});

/** Writes records of one kind, by key. */
async function putRecords(queue: TestQueue, kind: string, values: Record<string, unknown>): Promise<void> {
  await queue.ready();
  const put = Object.entries(values).map(([key, value]) => ({ kind, key, value, expect: null }));
  await queue.store.commit({ put }, queue.now());
}

Deno.test("deleteExpired() leaves a record that is prolonged meanwhile", async () => {
  await using queue = new TestQueue();
  const now = queue.now();
  await putRecords(queue, "session", { a: { expiresAt: now - 1 }, b: { expiresAt: now - 1 } });
  const { store } = queue;
  const recordPage = store.recordPage.bind(store);
  store.recordPage = async (kind, page) => {
    const read = await recordPage(kind, page);
    const { version } = read.find(({ key }) => key === "a")!;
    await store.commit({ put: [{ kind, key: "a", value: { expiresAt: now + 1 }, expect: version }] }, now);
    return read;
  };

  assertEquals(await queue.deleteExpired("session"), 1);
  assertEquals((await store.records("session")).map(({ key }) => key), ["a"]);
});

Deno.test("deleteExpired() deletes any number of records", async () => {
  await using queue = new TestQueue();
  const expiresAt = queue.now();
  await putRecords(
    queue,
    "session",
    Object.fromEntries(Array.from({ length: 1_120 }, (_, i) => [`${i}`, { expiresAt: expiresAt + i % 2 }])),
  );
  const { store } = queue;
  const recordPage = store.recordPage.bind(store);
  store.recordPage = async (kind, page) => {
    const read = await recordPage(kind, page);
    assert(read.length <= 500);
    return read;
  };

  assertEquals(await queue.deleteExpired("session", { dryRun: true }), 560);
  assertEquals(await queue.deleteExpired("session"), 560);
  assertEquals(await queue.deleteExpired("session"), 0);
});

Deno.test("prune(), pruneLogs() and deleteExpired() end when their signal aborts", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.log.info("hello"));
  await queue.addMany(Array.from({ length: 510 }, () => ({ type: "t", data: null })));
  await queue.drain();
  const expiresAt = queue.now();
  await putRecords(
    queue,
    "session",
    Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`${i}`, { expiresAt }])),
  );
  /** Calls `sweep` with a signal that aborts in its first batch, of the store's method `name`. */
  const abortIn = async (
    name: "prune" | "pruneLogs" | "commit",
    sweep: (signal: AbortSignal) => Promise<number>,
  ) => {
    const controller = new AbortController();
    const call = queue.store[name].bind(queue.store) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(queue.store, {
      [name]: (...args: unknown[]) => (controller.abort(new Error("enough")), call(...args)),
    });
    await assertRejects(() => sweep(controller.signal), Error, "enough");
  };

  await abortIn("pruneLogs", (signal) => queue.pruneLogs({ olderThan: 0, signal }));
  await abortIn("prune", (signal) => queue.prune({ olderThan: 0, signal }));
  await abortIn("commit", (signal) => queue.deleteExpired("session", { signal }));

  assertEquals((await queue.stats()).completed, 10);
  assertEquals((await queue.store.records("session")).length, 70);
});

Deno.test("prune(), pruneLogs() and deleteExpired() refuse what they do not know, by field", async () => {
  await using queue = new TestQueue();
  const calls: [() => Promise<unknown>, string][] = [
    [() => queue.prune({ olderThan: {}, older: 1 } as never), "older: is not a known field"],
    [() => queue.prune({ olderThan: "1d" } as never), "olderThan: must be a number of milliseconds"],
    [() => queue.prune({ olderThan: Infinity }), "olderThan: must be from 0"],
    [() => queue.prune({ olderThan: { done: 1 } } as never), "olderThan.done: is not a known field"],
    [() => queue.prune({ olderThan: { failed: -1 } }), "olderThan.failed: must be from 0"],
    [() => queue.prune({ olderThan: 1, keepFor: 1 } as never), "keepFor: must be true or false, found 1"],
    [() => queue.prune({ olderThan: 1, dryRun: "no" } as never), 'dryRun: must be true or false, found "no"'],
    [() => queue.prune({ olderThan: 1, signal: {} } as never), "signal: must be an AbortSignal"],
    [() => queue.pruneLogs({} as never), "olderThan: must be a number of milliseconds"],
    [() => queue.pruneLogs({ olderThan: 1, status: "failed" } as never), "status: is not a known field"],
    [() => queue.deleteExpired(""), "kind: must have 1 to 100 characters"],
    [() => queue.deleteExpired("session", { dryRun: 1 } as never), "dryRun: must be true or false"],
  ];
  for (const [call, message] of calls) {
    const error = await call().catch((error: unknown) => error);
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true, message);
    assertEquals((error as Error).message.startsWith(message), true, (error as Error).message);
  }
});

Deno.test("A paused queue's jobs wait; queues() says so", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  await queue.pause("mail");
  await queue.add("t", null, { queue: "mail" });
  await queue.add("t", null);

  assertEquals(await queue.drain(), 1);
  assertEquals(await queue.queues(), [{ name: "default", paused: false }, { name: "mail", paused: true }]);
  await queue.resume("mail");
  assertEquals(await queue.drain(), 1);
  await assertRejects(() => queue.pause(""), InputRangeError, "queue: ");
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
