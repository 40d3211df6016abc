import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import {
  ClosedError,
  InputRangeError,
  InputTypeError,
  InvalidStatusError,
  NotFoundError,
  StoreUnavailableError,
} from "./errors.ts";
import type { Job, JobStatus } from "./job.ts";
import { Queue } from "./queue.ts";

Deno.test("A queue opens its store once, at first use, and makes it then", async () => {
  let made = 0;
  const store = new MemoryStore();
  await using queue = new Queue({
    store: () => {
      made++;
      return Promise.resolve(store);
    },
  });
  assertEquals([made, queue.workerId, queue.isRunning], [0, undefined, false]);
  await Promise.all([queue.ready(), queue.add("t", 1), queue.stats()]);

  assertEquals([made, queue.workerId, queue.isRunning], [1, store.workerId, false]);
});

Deno.test("A store that cannot be opened is tried again at the next use", async () => {
  await using queue = new TestQueue();
  queue.store.before.open = (count) => {
    if (count === 1) throw new StoreUnavailableError("Cannot open the file");
  };

  await assertRejects(() => queue.add("t", 1), StoreUnavailableError);
  await queue.add("t", 1);
});

Deno.test("start() and stop() are idempotent, and nothing works after stop()", async () => {
  const queue = new TestQueue();
  await queue.start();
  await queue.start();
  assertEquals(queue.isRunning, true);
  await queue.stop();
  await queue.stop();

  assertEquals(queue.isRunning, false);
  for (
    const call of [
      () => queue.add("t", 1),
      () => queue.addMany([{ type: "t", data: 1 }]),
      () => queue.get("x"),
      () => queue.list(),
      () => queue.start(),
      () => queue.drain(),
      () => queue.cancel("x"),
      () => queue.retry("x"),
      () => queue.wait("x"),
      () => queue.stats(),
      () => queue.ready(),
      () => queue.ping(),
    ]
  ) {
    await assertRejects(async () => await call(), ClosedError);
  }
});

Deno.test("start() during stop() is refused", async () => {
  const queue = new TestQueue();
  const starting = queue.start();
  const stopped = queue.stop();

  await assertRejects(() => starting, ClosedError);
  await assertRejects(() => queue.start(), ClosedError);
  await stopped;
});

Deno.test("Events do not show the proof of a claim", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.progress(5));
  await queue.add("t", null);
  const events = Promise.all([queue.next("started"), queue.next("progress"), queue.next("completed")]);
  await queue.drain();

  for (const job of await events) assertEquals(Object.hasOwn(job, "lease"), false);
});

Deno.test("stop() of a queue that was never used opens nothing", async () => {
  const queue = new TestQueue();
  await queue.stop();

  assertEquals(queue.store.calls, []);
  await assertRejects(() => queue.add("t", 1), ClosedError);
});

Deno.test("Handlers that end while the queue stops may still add jobs", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  const queue = new TestQueue(shared);
  await using other = new TestQueue(shared);
  const started = gate();
  const go = gate();
  queue.process("t", async (job) => {
    started.resolve();
    await go.promise;
    return await job.add("child", null);
  });
  const id = await queue.add("t", null);
  await queue.start();
  await started.promise;
  const stopped = queue.stop();
  go.resolve();
  await stopped;

  const child = await other.job(String((await other.job(id)).result));
  assertEquals(child.status, "pending");
});

Deno.test("`await using` stops the queue", async () => {
  let left: TestQueue;
  {
    await using queue = new TestQueue();
    left = queue;
    await queue.start();
  }

  await assertRejects(() => left.add("t", 1), ClosedError);
});

Deno.test("ping() asks the store", async () => {
  await using queue = new TestQueue();
  await queue.ping();
  queue.store.record = () => Promise.reject(new StoreUnavailableError("away"));

  await assertRejects(() => queue.ping(), StoreUnavailableError);
});

Deno.test("Events tell what this process did with a job", async () => {
  await using queue = new TestQueue();
  const events: [string, string, JobStatus, unknown][] = [];
  const all = ["added", "started", "progress", "retrying", "completed", "failed", "cancelled"] as const;
  for (const event of all) {
    queue.on(
      event,
      (job: Job) => void events.push([event, job.id, job.status, job.progress?.percent ?? null]),
    );
  }
  queue.process("good", async (job) => {
    await job.progress(40);
  });
  queue.process("bad", () => {
    throw new Error("x");
  }, { backoff: () => 10 });
  queue.process("cancels", (job) => job.cancel());
  await queue.add("good", null, { jobId: "g" });
  await queue.drain();
  await queue.add("bad", null, { jobId: "b", maxAttempts: 2 });
  await queue.drain();
  queue.clock.advance(10);
  await queue.drain();
  await queue.add("cancels", null, { jobId: "c" });
  await queue.drain();
  await queue.add("good", null, { jobId: "d", delay: 5 });
  await queue.cancel("d");

  assertEquals(events, [
    ["added", "g", "pending", null],
    ["started", "g", "running", null],
    ["progress", "g", "running", 40],
    ["completed", "g", "completed", 40],
    ["added", "b", "pending", null],
    ["started", "b", "running", null],
    ["retrying", "b", "retrying", null],
    ["started", "b", "running", null],
    ["failed", "b", "failed", null],
    ["added", "c", "pending", null],
    ["started", "c", "running", null],
    ["cancelled", "c", "cancelled", null],
    ["added", "d", "scheduled", null],
    ["cancelled", "d", "cancelled", null],
  ]);
});

Deno.test("A listener that throws changes nothing, and is reported as an error", async () => {
  await using queue = new TestQueue();
  const errors: unknown[] = [];
  queue.on("error", (error) => void errors.push(error));
  queue.on("error", () => {
    throw new Error("the error listener throws too");
  });
  for (const event of ["added", "started", "completed"] as const) {
    queue.on(event, () => {
      throw `at ${event}`;
    });
  }
  queue.process("t", () => "fine");
  const id = await queue.add("t", null);
  await queue.drain();

  assertEquals((await queue.job(id)).result, "fine");
  assertEquals(errors, ["at added", "at started", "at completed"]);
});

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
  queue.clock.advance(1);
  assertEquals(await queue.prune({ olderThan: 0 }), 2);
  for (
    const bad of [{}, { olderThan: -1 }, { olderThan: 1, status: "running" }, { olderThan: 1, all: true }]
  ) {
    await assertRejects(() => queue.prune(bad as never));
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

Deno.test("Queue's options are checked, each by name", () => {
  const bad: [object, string][] = [
    [{ store: undefined }, "store: "],
    [{ store: "memory:" }, "store: "],
    [{ concurency: 5 }, "concurency: "],
    [{ concurrency: 0 }, "concurrency: "],
    [{ concurrency: 1001 }, "concurrency: "],
    [{ concurrency: 1.5 }, "concurrency: "],
    [{ pollInterval: 9 }, "pollInterval: "],
    [{ heartbeatInterval: NaN }, "heartbeatInterval: "],
    [{ maxAttempts: 0 }, "maxAttempts: "],
    [{ drainTimeout: -1 }, "drainTimeout: "],
    [{ retention: { done: 5 } }, "retention.done: "],
    [{ retention: { failed: -1 } }, "retention.failed: "],
    [{ types: [] }, "types: "],
    [{ types: ["a", ""] }, "types[1]: "],
    [{ queues: "mail" }, "queues: "],
  ];
  for (const [options, path] of bad) {
    const error = assertThrows(() => new Queue({ store: new MemoryStore(), ...options } as never), Error);
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true);
    assertEquals(error.message.startsWith(path), true, error.message);
  }
});

Deno.test("An unknown job is null to get()", async () => {
  await using queue = new TestQueue();
  assertEquals(await queue.get("nobody"), null);
  assertInstanceOf(queue, Queue);
});
