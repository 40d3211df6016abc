import { assert, assertEquals, assertThrows } from "@std/assert";
import { gate, TestQueue } from "../testing/test-queue.ts";
import type { JobContext } from "./context.ts";
import { defineJob } from "./define-job.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import type { Job } from "./job.ts";

Deno.test("process() refuses a second handler of a type, and what is no handler or option", () => {
  const queue = new TestQueue();
  queue.process("t", () => {});
  const bad: [() => unknown, string][] = [
    [() => queue.process("t", () => {}), "type: has a handler already"],
    [() => queue.process("", () => {}), "type: "],
    [() => queue.process("u", undefined as never), "handler: "],
    [() => queue.process("u", { run() {} } as never), "handler: "],
    [() => queue.process("u", () => {}, { concurrency: 0 }), "options.concurrency: "],
    [() => queue.process("u", () => {}, { takesSlot: "no" as never }), "options.takesSlot: "],
    [() => queue.process("u", () => {}, { concurency: 1 } as never), "options.concurency: "],
    [() => queue.process("u", () => {}, { timeout: -1 }), "options.timeout: "],
    [() => queue.process("u", () => {}, { backoff: { delay: NaN } }), "options.backoff.delay: "],
    [() => queue.process("u", () => {}, { maxAttempts: 0 }), "options.maxAttempts: "],
    [() => queue.use("no" as never), "middleware: "],
  ];
  for (const [call, message] of bad) {
    const error = assertThrows(call, Error);
    assert(error instanceof InputTypeError || error instanceof InputRangeError);
    assert(error.message.startsWith(message), error.message);
  }

  assertEquals([queue.types(), queue.knows("t"), queue.knows("u")], [["t"], true, false]);
});

Deno.test("A processor's methods are told of progress, completion and errors", async () => {
  await using queue = new TestQueue();
  const told: unknown[] = [];
  const boom = new Error("boom");
  class Mailer {
    name = "mailer";
    async process(job: JobContext<string>) {
      await job.progress(50);
      if (job.data === "bad") throw boom;
      return `${this.name} ran`;
    }
    onProgress(_: unknown, { percent }: { percent: number }) {
      told.push([this.name, percent]);
    }
    onComplete({ status }: Job, result: unknown) {
      told.push([status, result]);
    }
    onError({ status }: Job, error: unknown) {
      told.push([status, error === boom]);
    }
  }
  queue.process("t", new Mailer(), { backoff: () => 10 });
  await queue.add("t", "good");
  await queue.drain();
  await queue.add("t", "bad", { maxAttempts: 2 });
  await queue.drain();
  queue.clock.advance(10);
  await queue.drain();

  assertEquals(told, [
    ["mailer", 50],
    ["completed", "mailer ran"],
    ["mailer", 50],
    ["retrying", true],
    ["mailer", 50],
    ["failed", true],
  ]);
});

Deno.test("What a processor's methods throw is reported and changes nothing", async () => {
  await using queue = new TestQueue();
  const errors: unknown[] = [];
  queue.on("error", (error) => void errors.push(error));
  queue.process("t", {
    process: async (job) => {
      await job.progress(1);
      return "fine";
    },
    onProgress() {
      throw "at progress";
    },
    onComplete: () => Promise.reject("at complete"),
  });
  const id = await queue.add("t", null);
  await queue.drain();

  assertEquals((await queue.job(id)).result, "fine");
  assertEquals(errors, ["at progress", "at complete"]);
});

Deno.test("stop() waits for what a processor's methods have begun", async () => {
  const queue = new TestQueue();
  const begun = gate();
  const go = gate();
  let over = false;
  queue.process("t", {
    process: () => {},
    onComplete: async () => {
      begun.resolve();
      await go.promise;
      over = true;
    },
  });
  await queue.add("t", null);
  await queue.start();
  await begun.promise;
  const stopped = queue.stop();
  go.resolve();
  await stopped;

  assertEquals(over, true);
});

Deno.test("process() takes a definition alone, with options, or with a handler of its own", async () => {
  await using queue = new TestQueue();
  const make = (type: string) => defineJob<number>({ type, run: () => "own" });
  queue.process(make("a"))
    .process(make("b"), { concurrency: 1 })
    .process(make("c"), () => "other", { timeout: 5 });
  const ids = await queue.addMany(["a", "b", "c"].map((type) => ({ type, data: 1 })));
  await queue.drain();

  assertEquals(await Promise.all(ids.map((id) => queue.wait(id))), ["own", "own", "other"]);
});
