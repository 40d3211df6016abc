import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../lib/errors.ts";
import type { Store } from "../lib/store.ts";
import { MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate } from "../testing/test-queue.ts";

interface Health {
  status: string;
  codes?: string[];
}

async function health(api: Api, path: "live" | "ready"): Promise<[number, Health]> {
  const { status, body } = await api.call<Health>("GET", `/health/${path}`, { role: null });
  return [status, body];
}

Deno.test("GET /health/live and /health/ready answer without a token", async () => {
  await using api = new Api();

  assertEquals(await health(api, "live"), [200, { status: "ok" }]);
  assertEquals(await health(api, "ready"), [200, { status: "ok" }]);
  await api.queue.start();
  assertEquals(await health(api, "ready"), [200, { status: "ok" }]);
});

Deno.test("GET /health/ready answers 503 without details while the store is away, /health/live does not care", async () => {
  const store = new MemoryStore();
  store.record = () => Promise.reject(new StoreUnavailableError("10.0.0.5 said no"));
  await using api = new Api({ queue: { store } });

  assertEquals(await health(api, "ready"), [503, { status: "unavailable", codes: ["store_unavailable"] }]);
  assertEquals(await health(api, "live"), [200, { status: "ok" }]);
});

Deno.test("GET /health/ready gives a store two seconds to answer", async () => {
  const store = new MemoryStore();
  store.record = () => new Promise(() => {});
  await using api = new Api({ queue: { store } });

  const answer = health(api, "ready");
  await api.clock.asleep(1);
  api.clock.advance(2000);

  assertEquals(await answer, [503, { status: "unavailable", codes: ["store_unavailable"] }]);
});

Deno.test("GET /health/ready answers 503 when the heartbeat of this process is stale", async () => {
  const store: Store = new MemoryStore();
  const workers = store.workers.bind(store);
  let alive = true;
  store.workers = async (now) => (await workers(now)).map((worker) => ({ ...worker, alive }));
  await using api = new Api({ queue: { store } });
  await api.queue.start();

  assertEquals((await health(api, "ready"))[0], 200);
  alive = false;
  assertEquals(await health(api, "ready"), [503, { status: "unavailable", codes: ["worker_stale"] }]);
});

Deno.test("GET /health/ready of a process that has just started waits for its first heartbeat", async () => {
  const store = new MemoryStore();
  const [begin, stored] = [gate(), gate()];
  const heartbeat = store.heartbeat.bind(store);
  store.heartbeat = async (report, now) => {
    await begin.promise;
    const answer = await heartbeat(report, now);
    stored.resolve();
    return answer;
  };
  const clock = new FakeClock();
  await using api = new Api({ queue: { store }, app: { clock } });
  await api.queue.start();

  const answer = health(api, "ready");
  await clock.asleep(2);
  begin.resolve();
  await stored.promise;
  clock.advance(20);

  assertEquals(await answer, [200, { status: "ok" }]);
});

Deno.test("GET /health/ready answers 503 when the first heartbeat does not come within two seconds", async () => {
  const store = new MemoryStore();
  store.workers = () => Promise.resolve([]);
  const clock = new FakeClock();
  await using api = new Api({ queue: { store }, app: { clock } });
  await api.queue.start();

  const answer = health(api, "ready");
  await clock.asleep(2);
  clock.advance(2000);

  assertEquals(await answer, [503, { status: "unavailable", codes: ["worker_stale"] }]);
});

Deno.test("GET /health/ready answers 503 when the scheduler has got nothing done for half a minute", async () => {
  const store = new MemoryStore();
  await using api = new Api({ queue: { store } });
  await api.queue.start();
  await api.scheduler.start();
  assertEquals(await health(api, "ready"), [200, { status: "ok" }]);

  const [reached, end] = [gate(), gate()];
  store.record = async (kind, key) => { // a pass hangs, while the store answers others
    if (kind === "schedule-revision") {
      reached.resolve();
      await end.promise;
    }
    return await MemoryStore.prototype.record.call(store, kind, key);
  };
  api.clock.advance(1_000);
  await reached.promise;
  api.clock.advance(30_000);

  assertEquals(await health(api, "ready"), [503, { status: "unavailable", codes: ["scheduler_stale"] }]);
  end.resolve();
});

Deno.test("GET /health/ready answers 503 once the queue is closed", async () => {
  await using api = new Api();
  await api.queue.stop();

  assertEquals(await health(api, "ready"), [503, { status: "unavailable", codes: ["store_unavailable"] }]);
});
