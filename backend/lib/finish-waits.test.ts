import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { CancelledError, ClosedError, InputRangeError, NotFoundError } from "./errors.ts";
import { JobFailedError, WaitTimeoutError } from "./finish-waits.ts";

const shared = () => ({ data: new MemoryData(), clock: new FakeClock() });

Deno.test("wait() resolves with the result of a job that this process runs, by id or seq", async () => {
  await using queue = new TestQueue();
  queue.store.watch = () => () => {}; // it knows by itself
  queue.process("t", (job) => job.data);
  const id = await queue.add("t", 5, { jobId: "mine" });
  const { seq } = await queue.job(id);
  const waits = Promise.all([queue.wait("mine"), queue.wait(seq), queue.wait("mine")]);
  await queue.clock.asleep(1);
  await queue.drain();

  assertEquals(await waits, [5, 5, 5]);
  assertEquals(await queue.wait(id), 5); // finished already
});

Deno.test("wait() resolves when another process has run the job", async () => {
  const both = shared();
  await using here = new TestQueue(both);
  await using there = new TestQueue(both);
  there.process("t", () => "from there");
  const id = await here.add("t", null);
  const result = here.wait(id);
  await both.clock.asleep(1);
  await there.drain();

  assertEquals(await result, "from there");
});

Deno.test("wait() finds out by polling should no message come", async () => {
  const both = shared();
  await using here = new TestQueue(both);
  await using there = new TestQueue(both);
  here.store.watch = () => () => {}; // deaf
  there.process("t", () => "from there");
  const id = await here.add("t", null);
  const result = here.wait(id);
  await both.clock.asleep(1);
  await there.drain();
  both.clock.advance(1000);

  assertEquals(await result, "from there");
});

Deno.test("Waits read at most every 20 ms, however often the store says that jobs changed", async () => {
  const both = shared();
  await using here = new TestQueue(both);
  await using there = new TestQueue(both);
  there.process("t", () => {});
  const id = await here.add("later", null);
  const result = here.waitFinished(id);
  await both.clock.asleep(1);
  await there.addMany(Array.from({ length: 30 }, (_, data) => ({ type: "t", data })));
  await there.drain();
  await both.clock.asleep(1);

  assertEquals(here.store.calls.filter((name) => name === "get").length <= 2, true);
  await here.cancel(id);
  await result;
});

Deno.test("wait() throws what the job ended with", async () => {
  await using queue = new TestQueue();
  queue.process("fails", (job) => job.fail("bad address"));
  queue.process("cancels", (job) => job.cancel("customer left"));
  const failed = await queue.add("fails", null);
  const cancelled = await queue.add("cancels", null);
  const person = await queue.add("unknown", null);
  const waits = Promise.all([
    assertRejects(() => queue.wait(failed), JobFailedError, `Job "${failed}" failed: bad address`),
    assertRejects(() => queue.wait(cancelled), CancelledError, "customer left"),
    assertRejects(() => queue.wait(person), CancelledError, "somebody cancelled it"),
  ]);
  await queue.clock.asleep(1);
  await queue.drain();
  await queue.cancel(person);

  await waits;
});

Deno.test("wait() throws at the timeout, waitFinished() gives the job as it is then", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", null);
  const waits = Promise.all([
    assertRejects(() => queue.wait(id, { timeout: 500 }), WaitTimeoutError, "within 500 ms"),
    queue.waitFinished(id, { timeout: 500 }),
  ]);
  await queue.clock.asleep(3);
  queue.clock.advance(500);

  assertEquals((await waits)[1].status, "pending");
  assertEquals((await queue.waitFinished(id, { timeout: 0 })).status, "pending");
});

Deno.test("wait() ends when its signal aborts, with the signal's reason", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", null);
  const reason = new Error("gone");
  const controller = new AbortController();
  const waited = assertRejects(() => queue.wait(id, { signal: controller.signal }), Error, "gone");
  await queue.clock.asleep(1);
  controller.abort(reason);
  await waited;

  await assertRejects(() => queue.wait(id, { signal: AbortSignal.abort(reason) }), Error, "gone");
});

Deno.test("wait() refuses an unknown id and what is no timeout", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", null);

  await assertRejects(() => queue.wait("nobody"), NotFoundError);
  for (const timeout of [-1, NaN, 2 ** 31]) {
    await assertRejects(() => queue.wait(id, { timeout }), InputRangeError, "timeout: ");
  }
});

Deno.test("wait() rejects when the job is removed meanwhile, and when the queue is closed", async () => {
  const queue = new TestQueue();
  const [removed, left] = await queue.addMany([{ type: "t", data: 1 }, { type: "t", data: 2 }]);
  const waits = Promise.all([
    assertRejects(() => queue.wait(removed ?? ""), NotFoundError),
    assertRejects(() => queue.wait(left ?? ""), ClosedError),
  ]);
  await queue.clock.asleep(1);
  await queue.remove(removed ?? "");
  queue.clock.advance(1000);
  await queue.clock.asleep(1);
  await queue.stop();

  await waits;
});

Deno.test("A wait outlasts a store that is away for a while", async () => {
  const both = shared();
  await using here = new TestQueue(both);
  await using there = new TestQueue(both);
  there.process("t", () => "done");
  const id = await here.add("t", null);
  const result = here.wait(id);
  await both.clock.asleep(1);
  const failed = gate();
  here.store.before.get = () => {
    here.store.before = {};
    failed.resolve();
    throw new Error("away");
  };
  await there.drain();
  await failed.promise;
  await both.clock.asleep(1);
  both.clock.advance(1000);

  assertEquals(await result, "done");
});
