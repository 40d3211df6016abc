import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { makeJob } from "../testing/factories.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { testStore } from "./conformance.ts";
import { addAll } from "./conformance/harness.ts";
import { MemoryData, MemoryStore } from "./memory.ts";

testStore("MemoryStore", {
  create(clock) {
    const data = new MemoryData();
    return {
      async open(workerId) {
        const store = new MemoryStore({ data, workerId, clock });
        await store.open(clock.now());
        return store;
      },
      crash(store) {
        assertInstanceOf(store, MemoryStore);
        store.crash();
      },
      leaseMs: 0,
      dispose() {},
    };
  },
});

Deno.test("testStore() refuses to skip a case there is not", () => {
  const skip = [{ reason: "it cannot", tests: ["claim() flies"] }];
  const create = () => {
    throw new Error("no case is run");
  };

  assertThrows(() => testStore("Store", { create, skip }), TypeError, 'Cannot skip "claim() flies"');
});

Deno.test("MemoryStore needs no options, and two without common data share nothing", async () => {
  const clock = new FakeClock();
  const [first, second] = [new MemoryStore(), new MemoryStore()];
  for (const store of [first, second]) await store.open(clock.now());

  await addAll(first, [makeJob()], clock.now());

  assertEquals((await first.stats()).pending, 1);
  assertEquals((await second.stats()).pending, 0);
  assertEquals([first.workerId, second.workerId], ["memory-1", "memory-1"]);
});

Deno.test("MemoryData keeps no logs and no unique key of a job that is gone", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  const store = new MemoryStore({ data });
  const job = makeJob({ id: "a", unique: { key: "k", until: null } });
  await addAll(store, [job], clock.now());
  const line = { attempt: 1, at: clock.now(), level: "info", message: "" } as const;
  await store.appendLogs(job.seq, [line]);
  assertEquals([data.logs.size, data.uniques.size], [1, 1]);

  await store.remove("a");
  await store.appendLogs(job.seq, [line]);

  assertEquals([data.logs.size, data.uniques.size], [0, 0]);
});

Deno.test("MemoryStore keeps history for seven days", async () => {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const from = clock.now();
  const days: number[] = [];
  for (let day = 0; day <= 8; day++) {
    await addAll(store, [makeJob({ createdAt: clock.now() })], clock.now());
    days.push(clock.now());
    clock.advance(86_400_000);
  }

  const points = await store.history({ from, to: clock.now() });

  assertEquals(points.map(({ at }) => at), days.slice(1));
});
