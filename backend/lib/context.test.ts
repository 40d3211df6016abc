import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { TestQueue } from "../testing/test-queue.ts";
import { InputRangeError } from "./errors.ts";
import type { Handler } from "./handlers.ts";
import type { AddOptions } from "./options.ts";

/** Runs one job with `handler` and returns it as it is then. */
async function run(queue: TestQueue, handler: Handler<unknown>, options?: AddOptions) {
  queue.process("t", handler);
  const id = await queue.add("t", { n: 1 }, options);
  await queue.drain();
  return await queue.job(id);
}

Deno.test("job.fail() fails the job whatever attempts are left, also when the handler catches what it throws", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, (job) => {
    try {
      job.fail("bad address");
    } catch { /* goes on */ }
    return "fine";
  });

  assertEquals([job.status, job.result, job.errors[0]?.message], ["failed", null, "bad address"]);
});

Deno.test("job.fail() keeps name and stack of an Error", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, (job) => job.fail(new RangeError("too far")));

  assertEquals(job.errors[0]?.name, "RangeError");
  assertStringIncludes(job.errors[0]?.stack ?? "", "too far");
});

Deno.test("job.cancel() ends the job cancelled, with the reason", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, (job) => job.cancel("customer left"));

  assertEquals([job.status, job.errors[0]?.message], ["cancelled", "customer left"]);
});

Deno.test("job.snooze() runs the job again later, its attempt given back", async () => {
  await using queue = new TestQueue();
  let runs = 0;
  const job = await run(queue, (job) => ++runs === 1 ? job.snooze(5000) : job.attempt);

  assertEquals([job.status, job.attempt, job.scheduledAt - queue.now()], ["scheduled", 0, 5000]);
  queue.clock.advance(5000);
  await queue.drain();
  const done = await queue.job(job.id);
  assertEquals([done.status, done.result], ["completed", 1]);
});

Deno.test("What a handler asks for first counts, and wins over what it throws afterwards", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, (job) => {
    try {
      job.cancel("first");
    } catch { /* goes on */ }
    try {
      job.fail("second");
    } catch { /* goes on */ }
    throw new Error("third");
  });

  assertEquals([job.status, job.errors[0]?.message], ["cancelled", "first"]);
});

Deno.test("job.snooze() refuses what is no time, as an ordinary error of the handler", async () => {
  await using queue = new TestQueue();
  const job = await run(queue, (job) => job.snooze(NaN), { maxAttempts: 1 });

  assertEquals([job.status, job.errors[0]?.name], ["failed", "InputRangeError"]);
});

Deno.test("job.add() adds a child of the same trace", async () => {
  await using queue = new TestQueue();
  queue.process("parent", (job) => job.add("child", { from: job.id }, { priority: 5 }));
  queue.process("child", (job) => job.data);
  const id = await queue.add("parent", null);

  assertEquals(await queue.drain(), 2);
  const child = await queue.job(String((await queue.job(id)).result));
  assertEquals([child.type, child.priority, child.result], ["child", 5, { from: id }]);
});

Deno.test("The context shows the job", async () => {
  await using queue = new TestQueue();
  let seen: unknown;
  queue.process("t", ({ id, type, data, attempt, maxAttempts, tags, createdAt, queue }) => {
    seen = { id, type, data, attempt, maxAttempts, tags, createdAt, queue };
  });
  await queue.add("t", 5, { jobId: "mine", tags: ["a"], queue: "q", maxRetries: 4 });
  await queue.drain();

  assertEquals(seen, {
    id: "mine",
    type: "t",
    data: 5,
    attempt: 1,
    maxAttempts: 5,
    tags: ["a"],
    createdAt: queue.now(),
    queue: "q",
  });
});

Deno.test("job.progress() refuses what is no percentage", async () => {
  await using queue = new TestQueue();
  await run(queue, async (job) => {
    for (const percent of [-1, 101, NaN]) await assertRejects(() => job.progress(percent), InputRangeError);
  });
});
