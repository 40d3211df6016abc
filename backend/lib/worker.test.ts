import { assert, assertEquals, assertInstanceOf, assertLessOrEqual } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { blocking } from "../testing/blocking.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { soon } from "./clock.ts";
import { CancelledError, LeaseLostError } from "./errors.ts";

/** Sleepers of a started queue: two loops of the heartbeat, one each of worker and maintainer. While it stops, one fewer. */
const LOOPS = 4;

Deno.test("A started queue runs jobs as they are added, without waiting for a poll", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.data);
  await queue.start();
  await queue.clock.asleep(LOOPS);

  assertEquals(await queue.wait(await queue.add("t", 7)), 7);
});

Deno.test("A worker runs `concurrency` handlers at a time, by priority and then in order", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  const work = blocking();
  queue.process("t", work.handler);
  await queue.addMany(["a", "b", "c", "d"].map((data) => ({ type: "t", data })));
  await queue.add("t", "urgent", { priority: 1 });
  await queue.start();

  for (const [i, end] of ["urgent", "b", "a", "c", "d"].entries()) {
    await work.started(Math.min(5, i + 2));
    assertLessOrEqual(work.running.size, 2);
    work.end(end);
  }
  await work.started(5);

  assertEquals(work.starts, ["urgent", "a", "b", "c", "d"]);
});

Deno.test("A type's concurrency caps what is claimed of it, and leaves the other slots to other types", async () => {
  await using queue = new TestQueue({ concurrency: 3 });
  const work = blocking();
  queue.process("capped", work.handler, { concurrency: 1 });
  queue.process("free", work.handler);
  await queue.addMany([1, 2, 3].map((n) => ({ type: "capped", data: `capped ${n}` })));
  await queue.addMany([1, 2, 3].map((n) => ({ type: "free", data: `free ${n}` })));
  await queue.start();
  await work.started(3);

  assertEquals(work.starts.toSorted(), ["capped 1", "free 1", "free 2"]);
  assertEquals((await queue.stats()).running, 3);
  work.end("capped 1");
  await work.started(4);
  assertEquals(work.starts[3], "capped 2");
  ["capped 2", "free 1", "free 2"].forEach((data) => work.end(data));
  await work.started(6);
  work.end("capped 3");
  work.end("free 3");
});

Deno.test("Jobs of a type that takes no slot run beside others, as many as the type allows", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  const work = blocking();
  queue.process("waits", work.handler, { concurrency: 3, takesSlot: false });
  queue.process("works", work.handler);
  const [, second = ""] = await queue.addMany(
    [1, 2, 3, 4].map((n) => ({ type: "waits", data: `waits ${n}` })),
  );
  await queue.addMany([1, 2, 3].map((n) => ({ type: "works", data: `works ${n}` })));
  await queue.start();
  await work.started(5);

  assertEquals(work.starts, ["waits 1", "waits 2", "waits 3", "works 1", "works 2"]);
  work.end("waits 2");
  await queue.wait(second);
  for (let turn = 0; turn < 3; turn++) await new Promise<void>(soon); // to claim, to start, to see what is left
  assertEquals(work.starts.length, 5); // what waits takes a slot for a moment, until it runs
  work.end("works 1");
  await work.started(7);
  assertEquals(work.starts.slice(5).toSorted(), ["waits 4", "works 3"]);
  ["waits 1", "waits 3", "waits 4", "works 2", "works 3"].forEach((data) => work.end(data));
});

Deno.test("A queue made for some types and queues claims only those", async () => {
  await using queue = new TestQueue({ types: ["mail"], queues: ["fast"] });
  const ran: unknown[] = [];
  for (const type of ["mail", "mail:send", "mailer", "file"]) queue.process(type, () => void ran.push(type));
  for (const type of ["mail", "mail:send", "mailer", "file"]) {
    await queue.add(type, null, { queue: "fast" });
    await queue.add(type, null, { queue: "slow" });
  }

  assertEquals(await queue.drain(), 2);
  assertEquals(ran, ["mail", "mail:send"]);
});

Deno.test("A worker does not ask the store when jobs come that it does not handle", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.data);
  await queue.start();
  await queue.wait(await queue.add("t", 1));
  await queue.clock.asleep(LOOPS);
  const claim = queue.store.claim.bind(queue.store);
  let claims = 0;
  queue.store.claim = (request) => {
    claims++;
    return claim(request);
  };

  for (let i = 0; i < 5; i++) await queue.add("other", i);
  await new Promise<void>((resolve) => soon(resolve)); // behind whatever the adds have set off
  assertEquals(claims, 0);
  assertEquals(await queue.wait(await queue.add("t", 7)), 7);
  assert(claims > 0);
});

Deno.test("A type registered after start() is claimed", async () => {
  await using queue = new TestQueue();
  await queue.start();
  const id = await queue.add("late", 1);
  queue.process("late", () => "ran");

  assertEquals(await queue.wait(id), "ran");
});

Deno.test("Work that comes while a claim is under way is not missed", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => job.data);
  await queue.start();
  await queue.clock.asleep(LOOPS);
  const inClaim = gate();
  const go = gate();
  let id = "";
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = async (request) => {
    queue.store.claim = claim;
    const found = await claim(request); // nothing, and then the job comes
    inClaim.resolve();
    await go.promise;
    return found;
  };
  queue.clock.advance(1100);
  await inClaim.promise;
  id = await queue.add("t", 5);
  go.resolve();

  assertEquals(await queue.wait(id), 5);
});

Deno.test("A poll finds work that nobody told of", async () => {
  await using queue = new TestQueue({ pollInterval: 500 });
  queue.store.watch = () => () => {}; // a deaf store
  queue.process("t", (job) => job.data);
  await queue.start();
  await queue.clock.asleep(LOOPS);
  const id = await queue.add("t", 5);
  const finished = queue.wait(id);
  await queue.clock.asleep(LOOPS + 1);
  queue.clock.advance(550);

  assertEquals(await finished, 5);
});

Deno.test("Jobs claimed ahead of a slot that stays taken go back after a second, attempt and all", async () => {
  const data = new MemoryData();
  const clock = new FakeClock();
  await using queue = new TestQueue({ concurrency: 1, data, clock });
  const work = blocking();
  queue.process("t", work.handler);
  await queue.addMany([1, 2, 3].map((n) => ({ type: "t", data: n })));
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = (request) => { // as if the worker had expected short jobs
    queue.store.claim = claim;
    return claim({ ...request, limit: 3, types: new Map([["t", 3]]) });
  };
  await queue.start();
  await work.started(1);
  assertEquals((await queue.stats()).running, 3);
  await clock.asleep(LOOPS);
  const settled = queue.store.settled();
  clock.advance(1100);
  await settled;

  const { jobs } = await queue.list({ status: ["pending"] });
  assertEquals(jobs.map(({ data, attempt, startedAt }) => [data, attempt, startedAt]), [[2, 0, null], [
    3,
    0,
    null,
  ]]);
  for (const n of [1, 2, 3]) {
    await work.started(n);
    work.end(n);
  }
});

Deno.test("cancel() aborts the handler's signal and the job ends cancelled, whatever the handler returns", async () => {
  await using queue = new TestQueue();
  const work = blocking();
  queue.process("t", work.handler);
  await queue.start();
  const id = await queue.add("t", "a");
  await work.started(1);
  const signal = work.running.get("a")?.signal;
  const asked = await queue.cancel(id);

  assertEquals([asked.status, asked.cancelRequestedAt], ["running", queue.now()]);
  assertInstanceOf(signal?.reason, CancelledError);
  work.end("a", "done anyway");
  assertEquals((await queue.waitFinished(id)).status, "cancelled");
});

Deno.test("cancel() reaches a handler in another process", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  await using here = new TestQueue(shared);
  await using there = new TestQueue(shared);
  const work = blocking();
  there.process("t", work.handler);
  await there.start();
  const id = await here.add("t", "a");
  await work.started(1);
  const aborted = gate();
  work.running.get("a")?.signal.addEventListener("abort", () => aborted.resolve());
  await here.cancel(id);
  await aborted.promise;
  work.end("a");
  await there.waitFinished(id);

  assertEquals((await here.job(id)).status, "cancelled");
});

Deno.test("A job cancelled between claim and start is never run", async () => {
  await using queue = new TestQueue({ concurrency: 1 });
  const work = blocking();
  queue.process("t", work.handler);
  const ids = await queue.addMany([1, 2].map((n) => ({ type: "t", data: n })));
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = (request) => {
    queue.store.claim = claim;
    return claim({ ...request, limit: 2, types: new Map([["t", 2]]) });
  };
  await queue.start();
  await work.started(1);
  await queue.cancel(ids[1] ?? "");
  const job = await queue.waitFinished(ids[1] ?? "");
  work.end(1);
  await queue.wait(ids[0] ?? "");

  assertEquals([job.status, work.starts], ["cancelled", [1]]);
});

Deno.test("pause() gives back what is claimed and not started; resume() lets it run", async () => {
  await using queue = new TestQueue({ concurrency: 1 });
  const work = blocking();
  queue.process("t", work.handler);
  await queue.addMany([1, 2].map((n) => ({ type: "t", data: n })));
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = (request) => {
    queue.store.claim = claim;
    return claim({ ...request, limit: 2, types: new Map([["t", 2]]) });
  };
  await queue.start();
  await work.started(1);
  await queue.pause("default");
  work.end(1);
  await queue.next("completed");
  assertEquals((await queue.stats()).pending, 1);
  await queue.resume("default");
  await work.started(2);
  work.end(2);
});

Deno.test("A lost lease aborts the handler, its outcome is not stored, and the job can run here again", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  await using queue = new TestQueue(shared);
  await using other = new TestQueue(shared);
  const work = blocking();
  queue.process("t", work.handler);
  await queue.start();
  await shared.clock.asleep(LOOPS);
  const id = await queue.add("t", "a", { maxAttempts: 5 });
  await work.started(1);
  const { signal } = work.running.get("a") ?? {};
  await other.ready();
  queue.store.crash(); // as others see it
  await other.store.rescue(queue.now());
  assertEquals(signal?.aborted, false);
  await queue.store.heartbeat({ ...(await queue.workers())[0]! }, queue.now()); // it learns of its death

  assertInstanceOf(signal?.reason, LeaseLostError);
  work.end("a", "stale");
  await work.started(2);
  work.end("a", "fresh");
  assertEquals(await queue.wait(id), "fresh");
  const results = queue.store.settlements.flat().map(({ outcome }) =>
    "result" in outcome ? outcome.result : null
  );
  assertEquals(results, ["fresh"]);
  assertEquals((await queue.job(id)).attempt, 2);
});

Deno.test("A job of a type that nobody here handles goes back, should a store hand it out", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  const id = await queue.add("unknown", null);
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = (request) => {
    queue.store.claim = claim;
    return claim({ ...request, types: new Map([["unknown", 1]]) });
  };
  const settled = queue.store.settled();
  await queue.drain();
  await settled;

  const job = await queue.job(id);
  assertEquals([job.status, job.attempt], ["pending", 0]);
});

Deno.test("No-op jobs are claimed many at a time, long ones never beyond the free slots", async () => {
  const clock = new FakeClock();
  await using queue = new TestQueue({ concurrency: 2, clock });
  queue.process("short", () => {});
  queue.store.before.claim = () => clock.advance(1); // a claim takes a millisecond, a job nothing
  await queue.addMany(Array.from({ length: 500 }, (_, n) => ({ type: "short", data: n })));
  assertEquals(await queue.drain(), 500);
  const short = Math.max(...queue.store.claims.map(({ limit }) => limit));
  assert(short > 100 && short <= 1000, String(short));
  assert(queue.store.claims.length < 60, String(queue.store.claims.length));

  clock.advance(10_000);
  queue.store.claims.length = 0;
  queue.process("long", () => clock.advance(1000));
  await queue.addMany(Array.from({ length: 30 }, (_, n) => ({ type: "long", data: n })));
  assertEquals(await queue.drain(), 30);
  assertLessOrEqual(Math.max(...queue.store.claims.slice(0, -3).map(({ limit }) => limit)), 2);
});

Deno.test("drain() runs what is due, also delayed and retried jobs whose time has come, and says how many ran", async () => {
  await using queue = new TestQueue();
  queue.process("t", (job) => {
    if (job.data === "fails" && job.attempt === 1) throw new Error("once");
  }, { backoff: () => 1000 });
  await queue.add("t", "now");
  await queue.add("t", "later", { delay: 1000 });
  await queue.add("t", "fails");
  await queue.add("unknown", null);

  assertEquals(await queue.drain(), 2);
  assertEquals(await queue.drain(), 0);
  queue.clock.advance(1000);
  assertEquals(await queue.drain(), 2);
  assertEquals((await queue.stats()).completed, 3);
  assertEquals((await queue.stats()).pending, 1);
});

Deno.test("drain() works beside start()", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  await queue.start();
  await queue.addMany(Array.from({ length: 50 }, (_, n) => ({ type: "t", data: n })));
  await queue.drain();

  assertEquals((await queue.stats()).completed, 50);
});
