import { assert, assertEquals } from "@std/assert";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { soon } from "./clock.ts";
import { StoreUnavailableError } from "./errors.ts";

const away = (count: number, until: number) => {
  if (count < until) throw new StoreUnavailableError("Cannot reach the store");
};

Deno.test("Attempts that end while two settles are under way go together in the next", async () => {
  await using queue = new TestQueue({ concurrency: 10 });
  const first = gate();
  const go = gate();
  const ends = Array.from({ length: 10 }, () => gate());
  queue.process<number>("t", (job) => ends[job.data]?.promise);
  queue.store.before.settle = async (count) => {
    if (count > 2) return;
    first.resolve();
    await go.promise;
  };
  await queue.addMany(ends.map((_, data) => ({ type: "t", data })));
  const drained = queue.drain();
  await queue.next("started");
  ends[0]?.resolve();
  await first.promise;
  ends[1]?.resolve();
  for (let turns = 0; turns < 3; turns++) await new Promise<void>((resolve) => soon(resolve));
  ends.forEach((end) => end.resolve());
  for (let turns = 0; turns < 3; turns++) await new Promise<void>((resolve) => soon(resolve));
  assertEquals(queue.store.settlements.map((batch) => batch.length), [1, 1]);
  go.resolve();
  await drained;

  assertEquals(queue.store.settlements.map((batch) => batch.length).reduce((sum, n) => sum + n), 10);
  assert(queue.store.settlements.length <= 4, String(queue.store.settlements.length));
});

Deno.test("A slow store gets no more jobs to hold than the worker may have", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  let runs = 0;
  const go = gate();
  queue.process("t", () => void runs++);
  queue.store.before.settle = () => go.promise;
  await queue.addMany(Array.from({ length: 50 }, (_, data) => ({ type: "t", data })));
  const drained = queue.drain();
  for (let turns = 0; turns < 50; turns++) await new Promise<void>((resolve) => soon(resolve));
  assertEquals(runs, 6); // twice two on their way to the store, two that wait for it
  go.resolve();
  await drained;

  assertEquals(runs, 50);
});

Deno.test("Outcomes are kept while the store is away, handlers run on, and one error is reported", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  const errors: unknown[] = [];
  queue.on("error", (error) => void errors.push(error));
  let runs = 0;
  queue.process("t", () => ++runs);
  queue.store.before.settle = (count) => away(count, 5);
  const ids = await queue.addMany([1, 2, 3].map((data) => ({ type: "t", data })));
  const drained = queue.drain();
  for (let tries = 1; tries < 5; tries++) {
    await queue.clock.asleep(1);
    queue.clock.advance(10_000);
  }
  await drained;

  assertEquals(runs, 3);
  assertEquals(
    await Promise.all(ids.map(async (id) => (await queue.job(id)).status)),
    Array(3).fill("completed"),
  );
  assertEquals([errors.length, queue.log.of("error").length, queue.log.of("info").length], [1, 1, 1]);
});

Deno.test("No more is claimed while many outcomes wait to be stored", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  let runs = 0;
  queue.process("t", () => void runs++);
  let isAway = true;
  queue.store.before.settle = () => {
    if (isAway) throw new StoreUnavailableError("Cannot reach the store");
  };
  await queue.addMany(Array.from({ length: 50 }, (_, data) => ({ type: "t", data })));
  const drained = queue.drain();
  for (let tries = 0; tries < 5; tries++) {
    await queue.clock.asleep(1);
    queue.clock.advance(10_000);
    for (let turns = 0; turns < 3; turns++) await new Promise<void>((resolve) => soon(resolve));
  }
  assertEquals(runs <= 4, true, String(runs)); // two, and two whose claim was under way
  isAway = false;
  await queue.clock.asleep(1);
  queue.clock.advance(10_000);
  await drained;

  assertEquals(runs, 50);
});

Deno.test("An outcome that a store cannot take does not keep the others from being stored", async () => {
  await using queue = new TestQueue({ concurrency: 3 });
  queue.process("t", (job) => job.data);
  const settle = queue.store.settle.bind(queue.store);
  queue.store.settle = (settlements, now) => {
    const bad = settlements.some(({ outcome }) => outcome.kind === "completed" && outcome.result === "bad");
    return bad ? Promise.reject(new TypeError("cannot encode")) : settle(settlements, now);
  };
  const ids = await queue.addMany(["a", "bad", "b"].map((data) => ({ type: "t", data })));
  await queue.drain();

  const jobs = await Promise.all(ids.map((id) => queue.job(id)));
  assertEquals(jobs.map(({ status }) => status), ["completed", "failed", "completed"]);
  assertEquals(jobs[1]?.errors[0]?.message, "cannot encode");
});

Deno.test("An outcome that can be stored in no form is given up, and the worker goes on", async () => {
  await using queue = new TestQueue({ concurrency: 3 });
  queue.process("t", (job) => job.data);
  const settle = queue.store.settle.bind(queue.store);
  queue.store.settle = (settlements, now) =>
    settlements.some(({ job }) => job.data === "bad")
      ? Promise.reject(new TypeError("cannot encode"))
      : settle(settlements, now);
  await queue.addMany(["a", "bad", "b"].map((data) => ({ type: "t", data })));

  assertEquals(await queue.drain(), 3);
  assertEquals((await queue.stats()).completed, 2);
  assertEquals(queue.log.of("error"), ["Cannot store how job {id} ended: {error}"]);
});

Deno.test("stop() does not wait for ever for a store that is away", async () => {
  const queue = new TestQueue();
  queue.process("t", () => {});
  queue.store.before.settle = () => away(1, 2);
  await queue.add("t", null);
  await queue.start();
  await queue.clock.asleep(5); // the loops, and the pump that waits to try again
  const stopped = queue.stop();
  await queue.clock.asleep(4); // the heartbeat's two loops, the pump, and the end of the wait
  queue.clock.advance(5000);
  await stopped;
});
