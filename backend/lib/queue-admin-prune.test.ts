/** What a queue deletes because it is old: finished jobs, logs, records. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { TestQueue } from "../testing/test-queue.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";

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
