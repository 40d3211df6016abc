import { assertEquals, assertInstanceOf } from "@std/assert";
import { blocking } from "../testing/blocking.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { ShutdownError } from "./errors.ts";

/** Sleepers of a started queue: two loops of the heartbeat, one each of worker and maintainer. While it stops, two fewer and the drain timeout. */
const LOOPS = 4;

/** A queue to be stopped, and another on the same data that shows what it leaves behind. */
function twoQueues(options: ConstructorParameters<typeof TestQueue>[0] = {}) {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  const other = new TestQueue(shared);
  return {
    clock: shared.clock,
    queue: new TestQueue({ ...shared, ...options }),
    other,
    [Symbol.asyncDispose]: () => other.stop(),
  };
}

/** Adds a job and stops `queue` once its handler has started. The stop then waits for the drain timeout. */
async function stopWhileRunning(queue: TestQueue, started: Promise<unknown>) {
  const id = await queue.add("t", null);
  await queue.start();
  await started;
  await queue.clock.asleep(LOOPS);
  const stopped = queue.stop();
  await queue.clock.asleep(LOOPS - 1);
  return { id, stopped };
}

Deno.test("stop() lets running handlers end, gives back what has not started, and closes the store", async () => {
  await using test = twoQueues({ concurrency: 1 });
  const { queue, other } = test;
  const work = blocking();
  queue.process("t", work.handler);
  const ids = await queue.addMany([1, 2].map((n) => ({ type: "t", data: n })));
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = (request) => claim({ ...request, limit: 2, types: new Map([["t", 2]]) });
  await queue.start();
  await work.started(1);
  const stopped = queue.stop();
  assertEquals(queue.stop(), stopped);
  work.end(1, "done");
  await stopped;

  const [first, second] = await Promise.all(ids.map((id) => other.job(id)));
  assertEquals([first?.status, first?.result], ["completed", "done"]);
  assertEquals([second?.status, second?.attempt], ["pending", 0]);
  assertEquals(work.starts, [1]);
  assertEquals(queue.store.settlements.flat().map(({ outcome }) => outcome.kind), ["released", "completed"]);
});

Deno.test("stop() aborts handlers after the drain timeout and gives their jobs back, attempt and all", async () => {
  await using test = twoQueues({ drainTimeout: 5000 });
  const { queue, other, clock } = test;
  const started = gate<AbortSignal>();
  queue.process("t", ({ signal }) => {
    started.resolve(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const { id, stopped } = await stopWhileRunning(queue, started.promise);
  const signal = await started.promise;
  clock.advance(4999);
  assertEquals(signal.aborted, false);
  clock.advance(1);
  await stopped;

  assertInstanceOf(signal.reason, ShutdownError);
  const job = await other.job(id);
  assertEquals([job.status, job.attempt, job.errors], ["pending", 0, []]);
});

Deno.test("stop() does not wait for a handler that ignores its signal", async () => {
  await using test = twoQueues({ drainTimeout: 5000 });
  const { queue, other, clock } = test;
  const started = gate();
  const end = gate();
  queue.process("t", async (job) => {
    started.resolve();
    await end.promise;
    job.log.info("too late");
    return "too late";
  });
  const { id, stopped } = await stopWhileRunning(queue, started.promise);
  clock.advance(5000);
  await clock.asleep(1);
  clock.advance(1000);
  await stopped;
  end.resolve();

  const job = await other.job(id);
  assertEquals([job.status, job.attempt, job.result], ["pending", 0, null]);
});

Deno.test("A handler that catches the abort of a stop and calls job.fail() does not fail its job", async () => {
  await using test = twoQueues({ drainTimeout: 5000 });
  const { queue, other, clock } = test;
  const started = gate();
  queue.process("t", async (job) => {
    started.resolve();
    await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
    job.fail("aborted");
  });
  const { id, stopped } = await stopWhileRunning(queue, started.promise);
  clock.advance(5000);
  await stopped;

  assertEquals((await other.job(id)).status, "pending");
});

Deno.test("Jobs claimed after stop() began go straight back", async () => {
  await using test = twoQueues();
  const { queue, other } = test;
  const claimed = gate();
  const go = gate();
  queue.process("t", () => "ran");
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = async (request) => {
    const jobs = await claim(request);
    claimed.resolve();
    await go.promise;
    return jobs;
  };
  const id = await queue.add("t", null);
  await queue.start();
  await claimed.promise;
  const stopped = queue.stop();
  go.resolve();
  await stopped;

  const job = await other.job(id);
  assertEquals([job.status, job.attempt], ["pending", 0]);
  assertEquals(queue.store.settlements.flat().map(({ outcome }) => outcome.kind), ["released"]);
});

Deno.test("A handler that heeds the abort of a stop has a moment to end in its own way", async () => {
  await using test = twoQueues({ drainTimeout: 5000 });
  const { queue, other, clock } = test;
  const started = gate();
  queue.process("t", async (job) => {
    started.resolve();
    await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
    await clock.sleep(500);
    return "saved half";
  });
  const { id, stopped } = await stopWhileRunning(queue, started.promise);
  clock.advance(5000);
  await clock.asleep(2);
  clock.advance(500);
  await stopped;

  assertEquals((await other.job(id)).result, "saved half");
});
