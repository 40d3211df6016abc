import { assertEquals, assertLessOrEqual } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { MemoryStore } from "../stores/memory.ts";
import { soon } from "./clock.ts";
import { ClaimPump } from "./claim-pump.ts";
import { StoreUnavailableError } from "./errors.ts";
import { HandlerRegistry } from "./handlers.ts";
import { Lanes } from "./lanes.ts";
import { Outage } from "./outage.ts";
import { TestLog } from "../testing/test-queue.ts";

Deno.test("A claim that fails is tried again until it works, reported once", async () => {
  await using queue = new TestQueue();
  const errors: unknown[] = [];
  queue.on("error", (error) => void errors.push(error));
  queue.process("t", (job) => job.data);
  queue.store.before.claim = (count) => {
    if (count < 4) throw new StoreUnavailableError("Cannot reach the store");
  };
  const id = await queue.add("t", 5);
  const drained = queue.drain();
  for (let tries = 1; tries < 4; tries++) {
    await queue.clock.asleep(1);
    queue.clock.advance(1000);
  }
  await drained;

  assertEquals([(await queue.job(id)).result, errors.length], [5, 1]);
});

Deno.test("One claim is under way at a time, begun in the same turn as a settle", async () => {
  await using queue = new TestQueue({ concurrency: 2 });
  let underWay = 0;
  let most = 0;
  const claim = queue.store.claim.bind(queue.store);
  queue.store.claim = async (request) => {
    most = Math.max(most, ++underWay);
    try {
      for (let turns = 0; turns < 5; turns++) await new Promise<void>((resolve) => soon(resolve));
      return await claim(request);
    } finally {
      underWay--;
    }
  };
  queue.process("t", () => {});
  await queue.addMany(Array.from({ length: 20 }, (_, data) => ({ type: "t", data })));
  await queue.drain();

  assertEquals(most, 1);
  const calls = queue.store.calls.filter((name) => name === "claim" || name === "settle");
  const first = calls.indexOf("settle");
  assertEquals(calls.slice(first, first + 2), ["settle", "claim"]);
});

Deno.test("A worker that found nothing asks again only when something changed", async () => {
  await using queue = new TestQueue();
  queue.process("t", () => {});
  queue.process("u", () => {});
  await queue.drain();
  assertEquals(queue.store.claims.length, 1);
  await queue.add("t", null);
  await queue.drain();

  assertLessOrEqual(queue.store.claims.length, 4);
});

Deno.test("ClaimPump.run() asks for the free slots of each type, within the limit in all", async () => {
  const clock = new FakeClock();
  const registry = new HandlerRegistry();
  registry.add("capped", () => {}, { concurrency: 2 });
  registry.add("free", () => {}, undefined);
  const lanes = new Lanes(registry);
  lanes.update();
  const store = new MemoryStore();
  const asked = gate<unknown>();
  store.claim = (request) => {
    asked.resolve({ ...request, types: [...request.types] });
    return Promise.resolve([]);
  };
  const free = gate();
  const pump = new ClaimPump({
    store,
    clock,
    lanes,
    outage: new Outage({ log: new TestLog(), onError: () => {} }),
    queues: ["q"],
    concurrency: 5,
    onClaimed: () => {},
    onFree: () => free.resolve(),
  });
  pump.run(1);
  pump.run(1); // one is under way

  assertEquals(await asked.promise, {
    types: [["capped", 2], ["free", 4]],
    queues: ["q"],
    limit: 4,
    now: clock.now(),
  });
  await free.promise;
  store.claim = () => {
    throw new Error("must not be called: the lanes are dry");
  };
  pump.run(1);
  pump.close();
});
