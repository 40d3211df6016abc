import { assertEquals, assertRejects } from "@std/assert";
import { MemoryData } from "../stores/memory.ts";
import { START } from "../testing/fake-clock.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { AuditLog, pruneAudit } from "./audit-log.ts";
import { InputRangeError } from "./errors.ts";

const ADMIN = { by: "admin", requestId: "r1" };

async function add(audit: AuditLog, count: number, action = "job.cancel", from = 0): Promise<void> {
  for (let n = from; n < from + count; n++) await audit.add({ action, subject: `s${n}` }, ADMIN);
}

Deno.test("AuditLog keeps who did what, and lists it newest first, also of several processes", async () => {
  const data = new MemoryData();
  await using first = new TestQueue({ data, workerId: "one" });
  await using second = new TestQueue({ data, workerId: "two", clock: first.clock });
  const [one, two] = [new AuditLog(first), new AuditLog(second)];
  await one.add({ action: "job.update", subject: "a", before: { n: 1 }, after: { n: 2 } }, ADMIN);
  first.clock.advance(1);
  await two.add({ action: "queue.pause", subject: null }, { by: "viewer", requestId: null });

  const { entries, nextCursor, scanned } = await one.page();

  assertEquals(entries.map(({ id: _, ...entry }) => entry), [
    {
      at: START + 1,
      by: "viewer",
      action: "queue.pause",
      subject: null,
      requestId: null,
      before: null,
      after: null,
    },
    {
      at: START,
      by: "admin",
      action: "job.update",
      subject: "a",
      requestId: "r1",
      before: { n: 1 },
      after: { n: 2 },
    },
  ]);
  assertEquals([nextCursor, scanned], [null, 2]);
});

Deno.test("AuditLog.page() goes on where it was while entries come, and shows each once", async () => {
  await using queue = new TestQueue();
  const audit = new AuditLog(queue);
  await add(audit, 450);

  const subjects: (string | null)[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AuditLog["page"]>> = await audit.page({}, {
      limit: 120,
      ...(cursor === null ? {} : { cursor }),
    });
    subjects.push(...page.entries.map(({ subject }) => subject));
    cursor = page.nextCursor;
    await add(audit, 1, "job.cancel", 1_000);
  } while (cursor !== null);

  assertEquals(subjects, Array.from({ length: 450 }, (_, n) => `s${449 - n}`));
});

Deno.test("AuditLog.page() filters by action and its family, subject and who", async () => {
  await using queue = new TestQueue();
  const audit = new AuditLog(queue);
  await add(audit, 2, "job.cancel");
  await add(audit, 2, "job.cancelled");
  await audit.add({ action: "queue.pause", subject: "s1" }, { by: "viewer", requestId: null });
  const found = async (filter: Parameters<AuditLog["page"]>[0]) => {
    return (await audit.page(filter)).entries.map(({ action, subject }) => `${action} ${subject}`);
  };

  assertEquals(await found({ action: "job.cancel" }), ["job.cancel s1", "job.cancel s0"]);
  assertEquals((await found({ action: "job" })).length, 4);
  assertEquals(await found({ action: "jo" }), []);
  assertEquals(await found({ subject: "s1" }), ["queue.pause s1", "job.cancelled s1", "job.cancel s1"]);
  assertEquals(await found({ subject: "s1", by: "viewer" }), ["queue.pause s1"]);
});

Deno.test("AuditLog.page() reads at most 2,000 entries, and its cursor goes on behind them", async () => {
  await using queue = new TestQueue();
  const audit = new AuditLog(queue);
  await add(audit, 1, "queue.pause");
  await add(audit, 2_100);

  const first = await audit.page({ action: "queue" });
  assertEquals([first.entries, first.scanned], [[], 2_000]);
  const second = await audit.page({ action: "queue" }, { cursor: first.nextCursor ?? "" });
  assertEquals([second.entries.length, second.nextCursor], [1, null]);
  await assertRejects(() => audit.page({}, { cursor: first.nextCursor ?? "" }), InputRangeError, "cursor");
  await assertRejects(() => audit.page({}, { limit: 201 }), InputRangeError, "limit");
});

Deno.test("pruneAudit() deletes what is older than told, also when several do at once", async () => {
  const data = new MemoryData();
  await using queue = new TestQueue({ data, workerId: "one" });
  await using other = new TestQueue({ data, workerId: "two", clock: queue.clock });
  const audit = new AuditLog(queue);
  await add(audit, 320);
  queue.clock.advance(1_000);
  await add(audit, 3, "job.retry");
  await other.ready();

  const request = { before: START + 1_000, now: queue.now() };
  await Promise.all([pruneAudit(queue.store, request), pruneAudit(other.store, request)]);

  assertEquals((await audit.page({}, { limit: 200 })).entries.map(({ action }) => action), [
    "job.retry",
    "job.retry",
    "job.retry",
  ]);
  assertEquals(await pruneAudit(queue.store, request), 0);
});
