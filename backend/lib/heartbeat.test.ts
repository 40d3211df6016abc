import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { gate, TestLog, TestQueue, TestStore } from "../testing/test-queue.ts";
import { makeReport } from "../testing/factories.ts";
import { MemoryData } from "../stores/memory.ts";
import { StoreUnavailableError } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Outage } from "./outage.ts";

Deno.test("A started queue registers what it is, and keeps doing so", async () => {
  await using queue = new TestQueue({
    concurrency: 7,
    process: { host: "h", pid: 5, version: "1.2.3", memory: () => 99 },
  });
  queue.process("t", (job) => {
    if (job.data === "bad") job.fail("no");
  });
  await queue.start();
  await queue.clock.asleep(4);
  await queue.addMany(["good", "good", "bad"].map((data) => ({ type: "t", data })));
  await queue.drain();
  queue.clock.advance(5000);
  await queue.clock.asleep(4);

  const [worker] = await queue.workers();
  assertEquals({ ...worker, eventLoopLag: 0 }, {
    id: queue.workerId,
    host: "h",
    pid: 5,
    version: "1.2.3",
    status: "running",
    concurrency: 7,
    types: ["t"],
    scheduler: false,
    processed: 3,
    succeeded: 2,
    failed: 1,
    running: 0,
    startedAt: queue.now() - 5000,
    eventLoopLag: 0,
    memory: 99,
    heartbeatAt: queue.now(),
    alive: true,
    jobs: [],
  });
});

Deno.test("Heartbeat reports the worst lag of the event loop since the one before", async () => {
  const clock = new FakeClock();
  const store = new TestStore();
  await store.open(clock.now());
  const lags: number[] = [];
  const heartbeat = new Heartbeat({
    store,
    clock,
    outage: new Outage({ log: new TestLog(), onError: () => {} }),
    interval: 5000,
    report: (eventLoopLag) => {
      lags.push(eventLoopLag);
      return makeReport({ eventLoopLag });
    },
    onAnswer: () => {},
  });
  heartbeat.start();
  for (const ms of [1000, 1400, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000]) {
    await clock.asleep(2);
    clock.advance(ms);
  }
  await clock.asleep(2);
  heartbeat.close();
  await heartbeat.ended();

  assertEquals(lags, [0, 400, 0]);
});

Deno.test("Heartbeat.runOnce() never rejects, and tries again sooner after a failure", async () => {
  const clock = new FakeClock();
  const store = new TestStore();
  const log = new TestLog();
  store.before.heartbeat = () => {
    throw new StoreUnavailableError("Cannot reach the store");
  };
  const heartbeat = new Heartbeat({
    store,
    clock,
    outage: new Outage({ log, onError: () => {} }),
    interval: 5000,
    report: () => makeReport(),
    onAnswer: () => {},
  });

  assertEquals(await heartbeat.runOnce() < 200, true);
  assertEquals(log.of("error").length, 1);
});

Deno.test("A heartbeat's answer cancels jobs and tells of a stop, should the store's own message be missed", async () => {
  await using queue = new TestQueue();
  queue.store.watch = () => () => {}; // a deaf store
  const started = gate<AbortSignal>();
  const end = gate();
  queue.process("t", async (job) => {
    started.resolve(job.signal);
    await end.promise;
  });
  let stops = 0;
  queue.onStopRequested(() => void stops++);
  const id = await queue.add("t", null);
  await queue.start();
  const signal = await started.promise;
  await queue.clock.asleep(4);
  await queue.store.change(id, (job) => ({ ...job, cancelRequestedAt: queue.now() }));
  assertEquals(await queue.removeWorker(queue.workerId ?? ""), "stopping");
  for (let beats = 0; beats < 2; beats++) {
    queue.clock.advance(5000);
    await queue.clock.asleep(4);
  }

  assertEquals([signal.aborted, stops], [true, 1]);
  end.resolve();
});

Deno.test("onStopRequested() hears of another process's request, also when it listens late", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  await using queue = new TestQueue(shared);
  await using other = new TestQueue(shared);
  await queue.ready();
  const asked = gate();
  queue.onStopRequested(asked.resolve);
  await other.removeWorker(queue.workerId ?? "");
  await asked.promise;
  const late = gate();
  queue.onStopRequested(late.resolve);

  await late.promise;
});

Deno.test("A process that stops shows that it is draining", async () => {
  const shared = { data: new MemoryData(), clock: new FakeClock() };
  const queue = new TestQueue(shared);
  await using other = new TestQueue(shared);
  const end = gate();
  queue.process("t", () => end.promise);
  await queue.start();
  await queue.add("t", null);
  await queue.next("started");
  const stopped = queue.stop();

  assertEquals((await other.workers()).map(({ status }) => status), ["draining"]);
  end.resolve();
  await stopped;
});
