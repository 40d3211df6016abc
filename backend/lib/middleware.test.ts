import { assertEquals } from "@std/assert";
import { gate, TestQueue } from "../testing/test-queue.ts";
import type { Middleware } from "./middleware.ts";

/** Runs a job inside `middleware` and returns it. */
async function run(middleware: Middleware[], handler: () => unknown = () => "result") {
  await using queue = new TestQueue();
  for (const one of middleware) queue.use(one);
  queue.process("t", handler);
  const id = await queue.add("t", null, { maxAttempts: 1 });
  await queue.drain();
  return await queue.job(id);
}

Deno.test("Middleware runs around the handler, the first outermost, and does not change the result", async () => {
  const steps: string[] = [];
  const around = (name: string): Middleware => async (job, next) => {
    steps.push(`${name} ${job.type}`);
    steps.push(`${name} ${await next()}`);
    return "ignored";
  };
  const job = await run([around("a"), around("b")], () => {
    steps.push("handler");
    return "result";
  });

  assertEquals(job.result, "result");
  assertEquals(steps, ["a t", "b t", "handler", "b result", "a result"]);
});

Deno.test("What middleware throws fails the attempt; an error of the handler it may handle", async () => {
  const fail = () => {
    throw new Error("handler");
  };
  const failed = await run([() => {
    throw new Error("middleware");
  }]);
  assertEquals(failed.errors[0]?.message, "middleware");
  const seen = await run([async (_, next) => {
    await next();
  }], fail);
  assertEquals(seen.errors[0]?.message, "handler");
  const handled = await run([async (_, next) => {
    await next().catch(() => {});
  }], fail);

  assertEquals([handled.status, handled.result], ["completed", null]);
});

Deno.test("Middleware that does not call next(), or twice, fails the attempt", async () => {
  const never = await run([() => {}]);
  assertEquals([never.status, never.errors[0]?.message], [
    "failed",
    "Cannot run the job: its middleware did not call next()",
  ]);
  let runs = 0;
  const twice = await run([async (_, next) => {
    await next();
    await next();
  }], () => ++runs);

  assertEquals([twice.status, runs, twice.errors[0]?.message], [
    "failed",
    1,
    "Cannot run the job: its middleware called next() twice",
  ]);
});

Deno.test("Middleware that does not wait for next() is waited for, and hides no error", async () => {
  const go = gate();
  const job = run([(_, next) => void next()], async () => {
    await go.promise;
    throw new Error("late");
  });
  go.resolve();

  assertEquals((await job).errors[0]?.message, "late");
});

Deno.test("Middleware added later runs around attempts that start later", async () => {
  await using queue = new TestQueue();
  let around = 0;
  queue.process("t", () => {});
  await queue.add("t", null);
  await queue.drain();
  queue.use(async (_, next) => {
    around++;
    await next();
  });
  await queue.add("t", null);
  await queue.drain();

  assertEquals(around, 1);
});
