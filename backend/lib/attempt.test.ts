import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { makeJob } from "../testing/factories.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { Attempt } from "./attempt.ts";
import type { JobContext } from "./context.ts";
import { defineJob } from "./define-job.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { type Handler, HandlerRegistry } from "./handlers.ts";
import { start } from "./job.ts";
import type { AddOptions } from "./options.ts";

/** Runs one job with `handler` and returns it as it is then. */
async function run(queue: TestQueue, handler: Handler<unknown>, options?: AddOptions) {
  queue.process("t", handler);
  const id = await queue.add("t", { n: 1 }, options);
  await queue.drain();
  return await queue.job(id);
}

Deno.test("An attempt stores what the handler returned, as JSON", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, () => Promise.resolve({ at: new Date(0), gone: undefined }));

  assertEquals([job.status, job.result, job.attempt], ["completed", { at: "1970-01-01T00:00:00.000Z" }, 1]);
});

Deno.test("An attempt that throws is tried again after the backoff, and fails at the last", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, () => {
    throw new RangeError("boom");
  }, { maxAttempts: 2, backoff: { type: "fixed", delay: 500, jitter: 0 } });

  assertEquals([job.status, job.scheduledAt - queue.now(), job.errors.length], ["retrying", 500, 1]);
  queue.clock.advance(499);
  assertEquals(await queue.drain(), 0);
  queue.clock.advance(1);
  assertEquals(await queue.drain(), 1);
  const failed = await queue.job(job.id);
  assertEquals([failed.status, failed.attempt, failed.errors.length], ["failed", 2, 2]);
  assertEquals([failed.errors[1]?.name, failed.errors[1]?.message], ["RangeError", "boom"]);
  const { startedAt, workerId } = failed.errors[0] ?? {};
  assertEquals([startedAt, typeof workerId], [job.startedAt, "string"]);
});

for (const thrown of ["text", null, undefined, { message: "odd" }, 0]) {
  Deno.test(`An attempt that throws ${Deno.inspect(thrown)} fails like any other`, async () => {
    await using queue = new TestQueue();
    const job = await run(queue, () => {
      throw thrown;
    }, { maxAttempts: 1 });

    assertEquals(job.status, "failed");
    assertEquals(typeof job.errors[0]?.message, "string");
  });
}

for (
  const [what, result] of [["a BigInt", { n: 1n }], ["more than 5 MiB", "x".repeat(5 * 1024 * 1024)]] as const
) {
  Deno.test(`A result of ${what} fails the job without another attempt`, async () => {
    await using queue = new TestQueue();
    const job = await run(queue, () => result);

    assertEquals([job.status, job.attempt, job.result], ["failed", 1, null]);
    assertStringIncludes(job.errors[0]?.message ?? "", "result: must be");
  });
}

Deno.test("At the timeout the signal aborts and the attempt fails, also if the handler never ends", async () => {
  await using queue = new TestQueue();
  const started = gate();
  const context = gate<JobContext>();
  queue.process("t", (job) => {
    context.resolve(job);
    started.resolve();
    return new Promise(() => {});
  });
  const id = await queue.add("t", null, { timeout: 1000, maxAttempts: 1 });
  const drained = queue.drain();
  await started.promise;
  queue.clock.advance(999);
  assertEquals((await context.promise).signal.aborted, false);
  queue.clock.advance(1);
  await drained;

  const job = await queue.job(id);
  assertEquals([job.status, job.errors[0]?.name], ["failed", "TimeoutError"]);
  assertInstanceOf((await context.promise).signal.reason, TimeoutError);
});

Deno.test("An attempt that ends in time leaves no timer behind", async () => {
  await using queue = new TestQueue();
  const signals: (AbortSignal | undefined)[] = [];
  const sleep = queue.clock.sleep.bind(queue.clock);
  queue.clock.sleep = (ms, signal) => {
    if (ms === 60_000) signals.push(signal);
    return sleep(ms, signal);
  };
  const job = await run(queue, () => Promise.resolve("in time"), { timeout: 60_000 });

  assertEquals([job.result, signals.map((signal) => signal?.aborted)], ["in time", [true]]);
});

Deno.test("An abandoned attempt stays released, whatever its handler does later", async () => {
  await using queue = new TestQueue();
  const end = gate<string>();
  const registry = new HandlerRegistry();
  registry.add("test", () => end.promise, undefined);
  const handler = registry.get("test");
  const job = start(makeJob(), { workerId: "w", lease: "l", now: queue.now() });
  const { clock, store, log } = queue;
  const attempt = new Attempt(job, handler!, {
    clock,
    store,
    log,
    onStarted() {},
    onProgress() {},
    addChild: () => Promise.reject(new Error("unused")),
  });
  const ran = attempt.run();
  attempt.abandon();
  end.resolve("late");
  await ran;

  assertEquals(attempt.outcome, { kind: "released" });
  assertEquals(Object.keys(attempt), ["job", "outcome"]); // what a store that copies it gets
});

Deno.test("A signal that is first looked at after it aborted is aborted already", async () => {
  await using queue = new TestQueue();
  const go = gate();
  const seen = gate<unknown>();
  queue.process("t", async (job) => {
    await go.promise;
    seen.resolve(job.signal.reason);
  });
  const id = await queue.add("t", null);
  const drained = queue.drain();
  await queue.next("started");
  await queue.cancel(id);
  go.resolve();
  await drained;

  assertInstanceOf(await seen.promise, CancelledError);
  assertEquals((await queue.job(id)).status, "cancelled");
});

Deno.test("The timeout of a type holds for jobs that say nothing, and 0 of a job lifts it", async () => {
  await using queue = new TestQueue();
  const started = [gate(), gate()];
  const end = gate();
  queue.process<number>("t", async (job) => {
    started[job.data]?.resolve();
    await end.promise;
  }, { timeout: 100, maxAttempts: 1 });
  const ids = await queue.addMany([{ type: "t", data: 0 }, { type: "t", data: 1, options: { timeout: 0 } }]);
  const drained = queue.drain();
  await Promise.all(started.map(({ promise }) => promise));
  queue.clock.advance(1000);
  await queue.waitFinished(ids[0] ?? "");
  end.resolve();
  await drained;

  assertEquals(await Promise.all(ids.map(async (id) => (await queue.job(id)).status)), [
    "failed",
    "completed",
  ]);
});

Deno.test("A schema parses stored data at each attempt, and the handler gets what it returned", async () => {
  await using queue = new TestQueue();
  const double = defineJob({
    type: "double",
    schema: z.object({ n: z.string().transform(Number) }),
    run: (job) => job.data.n * 2,
  });
  queue.process(double);
  const id = await queue.add(double, { n: "21" });
  await queue.drain();

  const job = await queue.job(id);
  assertEquals([job.data, job.result], [{ n: "21" }, 42]);
});

Deno.test("Stored data that no longer fits the schema fails at once, without retries", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", { user: { tags: ["a", 5] } }); // before its type is known here
  let ran = false;
  queue.process(defineJob({
    type: "t",
    schema: z.object({ user: z.object({ tags: z.array(z.string()) }) }),
    run: () => void (ran = true),
  }));
  await queue.drain();

  const job = await queue.job(id);
  assertEquals([job.status, job.attempt, ran], ["failed", 1, false]);
  assertEquals(job.errors[0]?.name, "InvalidDataError");
  assertStringIncludes(job.errors[0]?.message ?? "", "data.user.tags[1]: ");
});

Deno.test("A job that expired before it started is cancelled instead of run", async () => {
  await using queue = new TestQueue({ concurrency: 1 });
  const end = gate();
  const ran: unknown[] = [];
  queue.process("t", async (job) => {
    ran.push(job.data);
    if (job.data === "long") await end.promise;
  });
  await queue.add("t", "long");
  const id = await queue.add("t", "short-lived", { expiresIn: 1000 });
  const drained = queue.drain();
  await queue.next("started");
  queue.clock.advance(1000);
  end.resolve();
  await drained;

  const job = await queue.job(id);
  assertEquals([job.status, job.attempt > 1, ran], ["cancelled", false, ["long"]]);
  assertEquals(job.errors[0]?.message, "expired before it started");
});

Deno.test("A job that was started before it expired runs on, also after a snooze", async () => {
  await using queue = new TestQueue();
  let runs = 0;
  const job = await run(queue, (job) => ++runs === 1 ? job.snooze(5000) : "done", { expiresIn: 1000 });
  queue.clock.advance(5000);
  await queue.drain();

  assertEquals((await queue.job(job.id)).result, "done");
});

Deno.test("A backoff function gets attempt and error, and one that fails costs no retry", async () => {
  await using queue = new TestQueue();
  const calls: [number, unknown][] = [];
  const boom = new Error("boom");
  queue.process("t", () => {
    throw boom;
  }, {
    backoff: (attempt, error) => {
      calls.push([attempt, error]);
      return attempt === 1 ? 7000 : NaN;
    },
  });
  const id = await queue.add("t", null);
  await queue.drain();
  const waits = [(await queue.job(id)).scheduledAt - queue.now()];
  queue.clock.advance(7000);
  await queue.drain();
  const job = await queue.job(id);

  assertEquals(job.status, "retrying");
  assert(job.scheduledAt - queue.now() >= 1800 && job.scheduledAt - queue.now() <= 2200);
  assertEquals([waits, calls], [[7000], [[1, boom], [2, boom]]]);
});

Deno.test("The job's own backoff wins over that of its type", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {
    throw new Error("x");
  }, { backoff: () => 1 });
  const id = await queue.add("t", null, { backoff: { type: "fixed", delay: 9000, jitter: 0 } });
  await queue.drain();

  assertEquals((await queue.job(id)).scheduledAt - queue.now(), 9000);
});

Deno.test("A store that cannot mark a job as started gets it back, and no handler runs", async () => {
  await using queue = new TestQueue();
  let fails = 1;
  let ran = 0;
  queue.store.started = () => fails-- > 0 ? Promise.reject(new Error("away")) : Promise.resolve();
  const job = await run(queue, () => ++ran);

  assertEquals([job.status, job.attempt, ran], ["completed", 1, 1]);
});

Deno.test("What a handler does to its data is neither stored nor seen by the next attempt", async () => {
  await using queue = new TestQueue();
  const seen: unknown[] = [];
  const completed = queue.next("completed");
  queue.process<{ list: number[] }>("t", (job) => {
    seen.push([...job.data.list]);
    job.data.list.length = 0;
    if (job.attempt === 1) throw new Error("again");
  }, { backoff: () => 0 });
  const id = await queue.add("t", { list: [1, 2] });
  await queue.drain();

  assertEquals(seen, [[1, 2], [1, 2]]);
  assertEquals((await queue.job(id)).data, { list: [1, 2] });
  assertEquals((await completed).data, { list: [1, 2] });
  for (const [settlement] of queue.store.settlements) assertEquals(settlement?.job.data, { list: [1, 2] });
});

Deno.test("A store that cannot mark a handler as ended still gets the outcome", async () => {
  await using queue = new TestQueue();
  queue.store.ended = () => {
    throw new Error("disk");
  };
  const job = await run(queue, () => "done");

  assertEquals([job.status, job.result], ["completed", "done"]);
});

Deno.test("A job cancelled while its data is parsed is not run", async () => {
  await using queue = new TestQueue();
  const parsing = gate();
  const go = gate();
  let parses = 0;
  let ran = false;
  const validate = async (value: unknown) => {
    if (++parses === 2) { // the first time, it was being added
      parsing.resolve();
      await go.promise;
    }
    return { value };
  };
  const schema = { "~standard": { version: 1, vendor: "test", validate } } as const;
  queue.process(defineJob({ type: "t", schema, run: () => void (ran = true) }));
  const id = await queue.add("t", "x");
  const drained = queue.drain();
  await parsing.promise;
  await queue.cancel(id);
  go.resolve();
  await drained;

  assertEquals([ran, (await queue.job(id)).status], [false, "cancelled"]);
});
