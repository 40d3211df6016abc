import { assertEquals } from "@std/assert";
import { gate, TestQueue } from "../testing/test-queue.ts";
import type { LogLine } from "./store.ts";
import { MAX_LOG_LINES } from "./reports.ts";

Deno.test("Log lines and progress are stored before the attempt is settled", async () => {
  await using queue = new TestQueue();
  queue.process("t", async (job) => {
    job.log.debug("a");
    job.log.info("b", { n: 1 });
    await job.progress(10);
    await job.progress(50, "half");
    job.log.warn("c");
    job.log.error("d");
  });
  const id = await queue.add("t", null);
  await queue.drain();

  const { lines } = await queue.logs(id);
  assertEquals(lines.map(({ level, message, fields }) => [level, message, fields]), [
    ["debug", "a", undefined],
    ["info", "b", { n: 1 }],
    ["warn", "c", undefined],
    ["error", "d", undefined],
  ]);
  assertEquals((await queue.job(id)).progress, { percent: 50, note: "half", at: queue.now() });
});

Deno.test("Log lines and progress are written at most four times a second, the last progress wins", async () => {
  await using queue = new TestQueue();
  const appended: string[][] = [];
  const progressed: number[] = [];
  queue.store.appendLogs = (_: string, lines: readonly LogLine[]) => {
    appended.push(lines.map(({ message }) => message));
    return Promise.resolve();
  };
  queue.store.progress = (_, { percent }) => {
    progressed.push(percent);
    return Promise.resolve();
  };
  const steps = Array.from({ length: 8 }, () => gate());
  const end = gate();
  queue.process("t", async (job) => {
    for (const [i, step] of steps.entries()) {
      job.log.info(`line ${i}`);
      await job.progress(i);
      step.resolve();
      await queue.clock.sleep(100);
    }
    await end.promise;
  });
  await queue.add("t", null);
  const drained = queue.drain();
  for (const [i, step] of steps.entries()) {
    await step.promise;
    if (i < 7) {
      await queue.clock.asleep(2);
      queue.clock.advance(100);
    }
  }
  await queue.clock.asleep(2);
  end.resolve();
  queue.clock.advance(100);
  await drained;

  assertEquals(appended.flat(), steps.map((_, i) => `line ${i}`));
  assertEquals(progressed.at(-1), 7);
  assertEquals(appended.length <= 4 && progressed.length <= 4, true); // 800 ms and the end
});

Deno.test("An attempt keeps 1,000 log lines, the last of which says so", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => {
    for (let i = 0; i < MAX_LOG_LINES + 50; i++) job.log.info(`line ${i}`);
  });
  const id = await queue.add("t", null);
  await queue.drain();

  const messages: string[] = [];
  let page = await queue.logs(id, { limit: 200 });
  messages.push(...page.lines.map(({ message }) => message));
  while (page.nextCursor !== null) {
    page = await queue.logs(id, { limit: 200, cursor: page.nextCursor });
    messages.push(...page.lines.map(({ message }) => message));
  }
  assertEquals(messages.length, MAX_LOG_LINES);
  assertEquals(messages.slice(-2), ["line 998", "Only 1000 lines an attempt are kept: this is the last"]);
});

Deno.test("A handler that outlives its attempt speaks to nobody", async () => {
  await using queue = new TestQueue();
  const started = gate();
  const go = gate();
  const spoke = gate();
  queue.process("t", async (job) => {
    started.resolve();
    await go.promise;
    job.log.info("late");
    await job.progress(99);
    spoke.resolve();
  }, { timeout: 100 });
  const id = await queue.add("t", null, { maxAttempts: 1 });
  const drained = queue.drain();
  await started.promise;
  queue.clock.advance(100);
  await drained;
  const heard: unknown[] = [];
  queue.on("progress", (job) => void heard.push(job));
  go.resolve();
  await spoke.promise;
  queue.clock.advance(1000);
  await queue.drain();

  assertEquals([(await queue.logs(id)).lines, heard], [[], []]);
  assertEquals((await queue.job(id)).progress, null);
});

Deno.test("A store that takes no log costs lines, not the attempt", async () => {
  await using queue = new TestQueue();
  queue.store.appendLogs = () => Promise.reject(new Error("away"));
  queue.process("t", (job) => {
    job.log.info("lost");
    return "done";
  });
  const id = await queue.add("t", null);
  await queue.drain();

  assertEquals((await queue.job(id)).result, "done");
});
