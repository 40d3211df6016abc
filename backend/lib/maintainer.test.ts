import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { insertsOf, makeJob, makeScheduled } from "../testing/factories.ts";
import { TestLog, TestQueue, TestStore } from "../testing/test-queue.ts";
import { MemoryData } from "../stores/memory.ts";
import { AuditLog } from "./audit-log.ts";
import { StoreUnavailableError } from "./errors.ts";
import { Maintainer, type Retention } from "./maintainer.ts";
import { Outage } from "./outage.ts";

const DAY = 86_400_000;

async function setup(retention: Partial<Retention> = {}, auditRetention = 90 * DAY) {
  const clock = new FakeClock();
  const data = new MemoryData();
  const store = new TestStore({ data });
  await store.open(clock.now());
  const log = new TestLog();
  const maintainer = new Maintainer({
    store,
    clock,
    log,
    outage: new Outage({ log, onError: () => {} }),
    pollInterval: 1000,
    rescueInterval: 5000,
    retention: { completed: 7 * DAY, failed: 30 * DAY, cancelled: 7 * DAY, ...retention },
    auditRetention,
  });
  return { clock, data, store, log, maintainer };
}

Deno.test("Maintainer.runOnce() promotes what is due and says when the next is", async () => {
  const { clock, store, maintainer } = await setup();
  await store.insert(insertsOf([makeScheduled(300), makeScheduled(700), makeScheduled(90_000)]), clock.now());

  assertEquals(await maintainer.runOnce(), 300);
  clock.advance(300);
  assertEquals(await maintainer.runOnce(), 400);
  clock.advance(400);
  assertEquals(await maintainer.runOnce(), 1000);
  assertEquals((await store.stats()).pending, 2);
});

Deno.test("Maintainer.runOnce() rescues the jobs of dead processes and cancels expired ones", async () => {
  const { clock, data, store, maintainer } = await setup();
  const dead = new TestStore({ data });
  await dead.open(clock.now());
  await store.insert(
    insertsOf([makeJob(), makeJob({ type: "x", expiresAt: clock.now() + 100 })]),
    clock.now(),
  );
  await dead.claim({ types: new Map([["test", 1]]), queues: null, limit: 1, now: clock.now() });
  dead.crash();
  clock.advance(200);
  await maintainer.runOnce();

  const { pending, running, cancelled } = await store.stats();
  assertEquals({ pending, running, cancelled }, { pending: 1, running: 0, cancelled: 1 });
});

Deno.test("Maintainer.runOnce() rescues at its interval, not at each pass", async () => {
  const { clock, store, maintainer } = await setup();
  let rescues = 0;
  store.rescue = () => Promise.resolve(++rescues);
  for (let second = 0; second < 12; second++) {
    await maintainer.runOnce();
    clock.advance(1000);
  }

  assertEquals(rescues, 3);
});

Deno.test("Maintainer.runOnce() prunes each status by its own retention, in batches, and by a job's own keepFor", async () => {
  const { clock, store, maintainer } = await setup({ cancelled: Infinity });
  const now = clock.now();
  const finished = (
    status: "completed" | "failed" | "cancelled",
    days: number,
    keepFor: number | null = null,
  ) => makeJob({ status, finishedAt: now - days * DAY, createdAt: now - 100 * DAY, keepFor });
  await store.insert(
    insertsOf([
      ...Array.from({ length: 1100 }, () => finished("completed", 8)),
      finished("completed", 6),
      finished("completed", 6, DAY),
      finished("completed", 8, 9 * DAY),
      finished("failed", 8),
      finished("failed", 31),
      finished("cancelled", 99),
    ]),
    now,
  );
  await maintainer.runOnce();

  const { completed, failed, cancelled } = await store.stats();
  assertEquals({ completed, failed, cancelled }, { completed: 2, failed: 1, cancelled: 1 });
});

Deno.test("Maintainer.runOnce() never rejects: it tries again after a failure", async () => {
  const { store, log, maintainer } = await setup();
  store.before.promote = () => {
    throw new StoreUnavailableError("Cannot reach the store");
  };
  const waits = [await maintainer.runOnce(), await maintainer.runOnce()];

  assertEquals(waits.every((ms) => ms > 0 && ms <= 300), true);
  assertEquals(log.of("error").length, 1);
});

Deno.test("Maintainer runs a delayed job when it is due, and an earlier one that came later before it", async () => {
  await using queue = new TestQueue();
  const ran: unknown[] = [];
  queue.process("t", (job) => void ran.push(job.data));
  await queue.start();
  await queue.clock.asleep(4);
  const late = await queue.add("t", "late", { delay: 900 });
  const soon = await queue.add("t", "soon", { delay: 300 });
  await queue.clock.asleep(4);
  queue.clock.advance(300);
  await queue.waitFinished(soon);
  assertEquals(ran, ["soon"]);
  await queue.clock.asleep(4);
  queue.clock.advance(600);
  await queue.waitFinished(late);

  assertEquals(ran, ["soon", "late"]);
});

Deno.test("Maintainer.runOnce() prunes the audit log when its time of keeping is over", async () => {
  for (const [auditRetention, left] of [[DAY, 1], [Infinity, 2]] as const) {
    const { clock, data, maintainer } = await setup({}, auditRetention);
    await using queue = new TestQueue({ data, clock });
    const audit = new AuditLog(queue);
    for (const action of ["old.change", "new.change"]) {
      await audit.add({ action, subject: null }, { by: "admin", requestId: null });
      clock.advance(DAY / 2 + 1);
    }

    await maintainer.runOnce();

    assertEquals((await audit.page()).entries.length, left);
  }
});
