import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { ClosedError, InputRangeError, InputTypeError, StoreUnavailableError } from "./errors.ts";
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

Deno.test("addAndSee() gives the job to the one call that stored it", async () => {
  await using queue = new TestQueue();
  const seen = await Promise.all([1, 2, 3].map((n) => queue.addAndSee("t", n, { jobId: "a" })));

  assertEquals(seen.map(({ id }) => id), ["a", "a", "a"]);
  assertEquals(seen.flatMap(({ job }) => job === null ? [] : [job.data]), [(await queue.get("a"))?.data]);
});
