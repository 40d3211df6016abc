import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { bulk, done, EVERY, result, setUp, statusesOf } from "../testing/bulk-setup.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { insertsOf, makeJob, makeJobs } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import { MemoryData } from "../stores/memory.ts";
import { BULK_QUEUE, BULK_TYPE, defineBulk, registerBulk } from "./bulk.ts";
import type { BulkData, BulkResult } from "./bulk/data.ts";
import { countBulk } from "./bulk/selection.ts";
import { InputTypeError, StoreUnavailableError } from "./errors.ts";

/** Adds a job whose handler ends when it is told to, whatever is asked of it. */
async function addSlow(queue: TestQueue): Promise<{ id: string; started: Promise<void>; end(): void }> {
  const [started, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  queue.process("slow", () => {
    started.resolve();
    return end.promise;
  });
  return { id: await queue.add("slow", {}), started: started.promise, end: end.resolve };
}

Deno.test("A bulk job changes those jobs of its filter that its action is for, and no bulk job", async () => {
  const expected: Record<BulkData["action"], Record<string, string>> = {
    retry: { completed: "pending", failed: "pending", cancelled: "pending" },
    cancel: { pending: "cancelled", scheduled: "cancelled", retrying: "cancelled" },
    remove: { completed: "gone", failed: "gone", cancelled: "gone" },
  };
  for (const [action, changes] of Object.entries(expected)) {
    await using queue = await setUp(EVERY);
    const before = await bulk(queue, { action: "cancel", filter: { type: "none" } });
    const stored = await statusesOf(queue);

    const changed = await bulk(queue, { action: action as BulkData["action"], filter: { createdAfter: 0 } });

    const wanted = Object.entries({ ...stored, ...changes }).filter(([, status]) => status !== "gone");
    assertEquals(await statusesOf(queue), Object.fromEntries(wanted), action);
    assertEquals([before, changed], [result(0), result(3)]);
  }
});

Deno.test("A bulk job changes the jobs it is given by id, and skips what its action is not for", async () => {
  await using queue = await setUp(EVERY);

  const ids = ["failed", "pending", "nothing", "failed", "completed"];
  assertEquals(await bulk(queue, { action: "retry", ids }), result(2, 2));

  const { failed, completed, cancelled } = await statusesOf(queue);
  assertEquals([failed, completed, cancelled], ["pending", "pending", "cancelled"]);
});

Deno.test("A bulk retry meets no job again that it has retried, and none that failed after its start", async () => {
  const jobs = Array.from({ length: 450 }, (_, n) => ({ id: `j${n}`, status: "failed" as const, ...done }));
  await using queue = await setUp(jobs);
  let runs = 0;
  queue.process("test", (job) => {
    runs++;
    job.fail("again");
  });

  const id = await queue.add(BULK_TYPE, { action: "retry", filter: { status: ["failed"] } });
  queue.clock.advance(1);
  const late = makeJob({ id: "late", status: "failed", ...done, finishedAt: queue.now() });
  await queue.store.insert([{ job: late }], queue.now());
  await queue.drain();

  assertEquals((await queue.job(id)).result, result(450));
  assertEquals(runs, 450);
  assertEquals(await queue.job("late"), late);
  assertEquals(await bulk(queue, { action: "retry", ids: ["late"] }), result(1));
});

Deno.test("A bulk cancel misses no job that moves while it walks, and leaves what was added after its start", async () => {
  await using queue = await setUp([
    ...makeJobs(250).map(() => ({})),
    ...makeJobs(250).map(() => ({
      status: "scheduled" as const,
      scheduledAt: START + 60_000,
      priority: 5,
    })),
  ]);
  const { list } = queue.store;
  let pages = 0;
  queue.store.list = async (...args) => {
    if (++pages === 6) { // the pending jobs are walked: the scheduled ones become pending behind the walk
      queue.clock.advance(60_000);
      await queue.store.promote(queue.clock.now());
    }
    return await list.apply(queue.store, args);
  };
  const id = await queue.add(BULK_TYPE, { action: "cancel", filter: { type: "test" } });
  queue.clock.advance(1);
  await queue.add("test", {}, { jobId: "late" });

  await queue.drain();

  assertEquals((await queue.job(id)).result, result(500));
  const { pending, cancelled } = await queue.stats();
  assertEquals([pending, cancelled, (await queue.job("late")).status], [1, 500, "pending"]);
});

Deno.test("A bulk cancel asks a running job once, however long that takes to stop", async () => {
  await using queue = await setUp();
  const { id: slow, started, end } = await addSlow(queue);
  const { list } = queue.store;
  queue.store.list = async (...args) => { // a store may tell late that a job was asked to stop
    const page = await list.apply(queue.store, args);
    return { ...page, jobs: page.jobs.map((job) => ({ ...job, cancelRequestedAt: null })) };
  };
  const drained = queue.drain();
  await started;

  const id = await queue.add(BULK_TYPE, { action: "cancel", filter: { type: "slow" } });
  assertEquals(await queue.wait(id), result(1));
  end();
  await drained;

  assertEquals((await queue.job(slow)).status, "cancelled");
});

Deno.test("A bulk cancel by id skips a running job that was asked to stop before", async () => {
  await using queue = await setUp();
  const { id: slow, started, end } = await addSlow(queue);
  const drained = queue.drain();
  await started;
  await queue.cancel(slow);

  const id = await queue.add(BULK_TYPE, { action: "cancel", ids: [slow] });
  assertEquals(await queue.wait(id), result(0, 1));
  end();
  await drained;
});

Deno.test("A bulk job keeps to the times of its filter", async () => {
  await using queue = await setUp([
    { id: "old", status: "failed", ...done },
    { id: "new", status: "failed", ...done, finishedAt: START + 1 },
    { id: "waits" },
    { id: "waits too", createdAt: START + 1 },
  ]);

  assertEquals(await bulk(queue, { action: "remove", filter: { finishedBefore: START + 1 } }), result(1));
  assertEquals(await bulk(queue, { action: "cancel", filter: { createdBefore: START + 1 } }), result(1));

  assertEquals(await statusesOf(queue), { new: "failed", waits: "cancelled", "waits too": "pending" });
});

Deno.test("A bulk job whose process died goes on with what is left", async () => {
  const data = new MemoryData();
  const first = new TestQueue({ data, workerId: "one", concurrency: 1 });
  await first.ready();
  await first.store.insert(
    insertsOf(makeJobs(300, { status: "failed", ...done })),
    first.clock.now(),
  );
  const [stuck, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
  const { change } = first.store;
  let retried = 0;
  first.store.change = (id, transition) => {
    if (++retried <= 104) return change.call(first.store, id, transition);
    stuck.resolve();
    return dead.promise;
  };
  registerBulk(first);
  const id = await first.add(BULK_TYPE, { action: "retry", filter: { status: ["failed"] } });
  await first.start();
  await stuck.promise;
  first.store.crash();

  await using second = new TestQueue({ data, workerId: "two", clock: first.clock });
  registerBulk(second);
  await second.drain();

  const job = await second.job(id);
  assertEquals([job.status, job.attempt, job.result], ["completed", 2, result(196)]);
  assertEquals((await second.stats()).pending, 300);
  dead.reject(new StoreUnavailableError("dead"));
  await first.stop();
});

Deno.test("A bulk job that is cancelled ends between two jobs", async () => {
  await using queue = await setUp(makeJobs(300, { status: "failed", ...done }));
  const { change } = queue.store;
  let id = "";
  let changed = 0;
  queue.store.change = async (which, transition) => {
    const job = await change.call(queue.store, which, transition);
    if (job?.type === "test" && ++changed === 40) await queue.cancel(id);
    return job;
  };
  id = await queue.add(BULK_TYPE, { action: "retry", filter: { status: ["failed"] } });

  await queue.drain();

  assertEquals([(await queue.job(id)).status, changed], ["cancelled", 40]);
});

Deno.test("A bulk job counts jobs whose unique key is held, and tries again when the store was away", async () => {
  const unique = { key: "k", until: null };
  await using queue = await setUp([
    { id: "old", status: "failed", ...done, unique },
    { id: "other", status: "failed", ...done },
  ]);
  await queue.add("test", {}, { unique: { key: "k" } });
  const { change } = queue.store;
  let tries = 0;
  queue.store.change = (id, transition) => {
    if (++tries === 1) return Promise.reject(new StoreUnavailableError("away"));
    return change.call(queue.store, id, transition);
  };
  const id = await queue.add(BULK_TYPE, { action: "retry", filter: { status: ["failed"] } });
  await queue.drain();
  assertEquals((await queue.job(id)).status, "retrying");
  queue.clock.advance(10_000);
  await queue.drain();

  const job = await queue.job(id);
  assertEquals(job.status, "completed");
  const { matched, changed, failed } = job.result as BulkResult;
  assertEquals([matched - changed, failed], [1, 1]);
  assertEquals((await queue.job("other")).status, "pending");
});

Deno.test("A bulk job says how far it is, and waits in a queue that a pause of others does not stop", async () => {
  await using queue = await setUp(makeJobs(450, { status: "failed", ...done }));
  await queue.pause("default");
  const seen: [number, string | null][] = [];
  queue.on("progress", ({ progress }) => seen.push([progress?.percent ?? 0, progress?.note ?? null]));

  await bulk(queue, { action: "retry", filter: { status: ["failed"] } });

  assertEquals(seen.map(([percent]) => percent), [11, 22, 33, 44, 55, 66, 77, 88, 99, 100]);
  assertEquals(seen[1]?.[1], "100 changed, 0 skipped, 0 failed");
  assert((await queue.queues()).some(({ name, paused }) => name === BULK_QUEUE && !paused));
});

Deno.test("A bulk job never has more than four changes under way", async () => {
  await using queue = await setUp(
    Array.from({ length: 100 }, (_, n) => ({ status: "failed", ...done, finishedAt: START + n })),
  );
  const { change } = queue.store;
  let underWay = 0;
  let most = 0;
  queue.store.change = async (id, transition) => {
    most = Math.max(most, ++underWay);
    const job = await change.call(queue.store, id, transition);
    underWay--;
    return job;
  };

  await bulk(queue, { action: "retry", filter: { status: ["failed"] } });

  assertEquals(most, 4);
});

Deno.test("A bulk job with wrong data is refused at add(), and fails if it is stored nevertheless", async () => {
  await using queue = await setUp();
  await assertRejects(
    () => queue.add(BULK_TYPE, { action: "retry", filter: { status: ["running"] } }),
    InputTypeError,
    "data.filter.status: must be of completed, failed, cancelled for retry",
  );
  await queue.store.insert([{ job: makeJob({ id: "bad", type: BULK_TYPE, data: {} }) }], queue.now());
  await queue.drain();
  assertEquals((await queue.job("bad")).status, "failed");
  assertThrows(() => queue.process(defineBulk(queue)), InputTypeError, "has a handler already");
});

Deno.test("countBulk() counts what would change, and looks at no more than it is told", async () => {
  await using queue = await setUp([...EVERY, ...makeJobs(1_000, { type: "b", status: "failed", ...done })]);
  const count = (data: BulkData, most = 10_000) => countBulk(queue, data, { now: queue.now(), most });

  assertEquals(await count({ action: "retry", ids: ["failed", "pending", "none"] }), {
    matched: 1,
    scanned: 3,
    complete: true,
  });
  assertEquals(await count({ action: "remove", filter: { status: ["failed"] } }), {
    matched: 1_001,
    scanned: 1_001,
    complete: true,
  });
  assertEquals(await count({ action: "retry", filter: { type: "b" } }, 300), {
    matched: 300,
    scanned: 302,
    complete: false,
  });
  assertEquals((await queue.stats()).pending, 1);
});
