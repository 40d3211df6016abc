import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";

interface Stats {
  pending: number;
  completed: number;
  failed: number;
  byQueue: Record<string, { pending: number }>;
  byType: Record<string, { completed: number }>;
  oldestPendingAge: number | null;
  oldestPendingAgeByQueue: Record<string, number>;
  lastHour: {
    from: string;
    to: string;
    added: number;
    completed: number;
    failed: number;
    retried: number;
    throughput: number;
    successRate: number | null;
    failureRate: number | null;
    byType: Record<string, Record<"wait" | "run", { p50: number; p95: number; p99: number } | null>>;
  };
}

async function stats(api: Api): Promise<Stats> {
  const { status, body } = await api.call<Stats>("GET", "/api/admin/jobs/stats");
  assertEquals(status, 200);
  return body;
}

Deno.test("GET /jobs/stats of an empty store is all zeros and nulls", async () => {
  await using api = new Api();

  const { byQueue, byType, lastHour, ...counts } = await stats(api);

  assertEquals(
    counts,
    {
      pending: 0,
      scheduled: 0,
      running: 0,
      retrying: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
      oldestPendingAge: null,
      oldestPendingAgeByQueue: {},
    } as unknown as typeof counts,
  );
  assertEquals([byQueue, byType, lastHour.byType], [{}, {}, {}]);
  assertEquals([lastHour.successRate, lastHour.failureRate, lastHour.throughput], [null, null, 0]);
  assertEquals([lastHour.from, lastHour.to], ["2025-12-31T23:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
});

Deno.test("GET /jobs/stats counts, rates and times the jobs of the last hour", async () => {
  await using api = new Api({ queue: { maxAttempts: 1 } });
  api.queue.process("good", () => api.clock.advance(100));
  api.queue.process("bad", () => {
    throw new Error("no");
  });
  await api.queue.addMany([...Array(3).fill({ type: "good", data: 1 }), { type: "bad", data: 1 }]);
  await api.queue.drain();
  await api.queue.add("other", 1, { queue: "slow" });
  api.clock.advance(5000);

  const { lastHour, ...found } = await stats(api);

  assertEquals([found.pending, found.completed, found.failed], [1, 3, 1]);
  assertEquals(found.byQueue.slow?.pending, 1);
  assertEquals(found.byType.good?.completed, 3);
  assertEquals([found.oldestPendingAge, found.oldestPendingAgeByQueue], [5000, { slow: 5000 }]);
  assertEquals([lastHour.added, lastHour.completed, lastHour.failed], [5, 3, 1]);
  assertEquals([lastHour.successRate, lastHour.failureRate], [0.75, 0.25]);
  assertEquals(lastHour.throughput, 3 / 60);
  const run = lastHour.byType.good?.run;
  assert(run !== null && run !== undefined && run.p50 > 0 && run.p50 <= run.p95 && run.p95 <= run.p99);
  assertEquals(lastHour.byType.other?.run, null);
});

Deno.test("GET /jobs/stats forgets in its rates what is older than an hour, and keeps the counts", async () => {
  await using api = new Api();
  api.queue.process("good", () => {});
  await api.queue.add("good", 1);
  await api.queue.drain();
  api.clock.advance(2 * 3_600_000);

  const { completed, lastHour } = await stats(api);

  assertEquals([completed, lastHour.completed, lastHour.successRate], [1, 0, null]);
});

Deno.test("GET /jobs/stats shows queues and types of any name", async () => {
  await using api = new Api();
  await api.queue.add("__proto__", 1, { queue: "__proto__" });
  await api.queue.add("constructor", 1, { queue: "constructor" });

  const found = await stats(api);

  assertEquals(Object.keys(found.byQueue).sort(), ["__proto__", "constructor"]);
  assertEquals(Object.keys(found.byType).sort(), ["__proto__", "constructor"]);
});
