import { assertEquals } from "@std/assert";
import { gate } from "../../testing/test-queue.ts";
import { ADDRESS, WebhookProcess } from "../../testing/webhook-process.ts";
import { StoreUnavailableError, VersionConflictError } from "../errors.ts";

Deno.test("start() has all told that happened, and tells what happens later within a tenth of a second", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await queue.add("x", null, { jobId: "a" });

  await webhooks.start();
  assertEquals(await process.told(), ["job.added a"]);
  await clock.asleep(1);
  const told = new Promise((resolve) =>
    queue.on("added", ({ type }) => type === "webhook:deliver" && resolve(0))
  );
  await queue.add("x", null, { jobId: "b" });
  clock.advance(100);
  await told;

  assertEquals(await process.told(), ["job.added a", "job.added b"]);
});

Deno.test("A process that runs notices within a second that another has made the first endpoint", async () => {
  await using process = new WebhookProcess();
  await using other = process.join();
  const { queue, webhooks, clock } = process;
  await webhooks.start();
  await clock.asleep(1);
  await other.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await other.queue.add("x", null, { jobId: "a" });
  const told = new Promise((resolve) => queue.on("added", resolve));

  clock.advance(1_000);
  await told;

  assertEquals(await process.told(), ["job.added a"]);
});

Deno.test("Who was beaten leaves the feed to the faster process for a second, whatever happens", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await webhooks.start();
  await clock.asleep(1);
  const { store } = queue;
  const commit = store.commit.bind(store);
  let tries = 0;
  const beaten = gate();
  store.commit = () => {
    tries++;
    beaten.resolve();
    return Promise.reject(new VersionConflictError("webhook-feed", "all"));
  };
  await queue.add("x", null, { jobId: "a" });
  clock.advance(100);
  await beaten.promise;
  await clock.asleep(1);
  await queue.add("x", null, { jobId: "b" });
  clock.advance(999);
  await clock.asleep(1);
  assertEquals(tries, 1);

  store.commit = commit;
  const told = new Promise((resolve) => queue.on("added", resolve));
  clock.advance(1);
  await told;
  assertEquals(await process.told(), ["job.added a", "job.added b"]);
});

Deno.test("The loop goes on when the store was away, and reports it once", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await queue.ready();
  const { store } = queue;
  const record = store.record.bind(store);
  store.record = () => Promise.reject(new StoreUnavailableError("The store is away"));
  await webhooks.start();
  for (let n = 0; n < 3; n++) {
    await clock.asleep(1);
    clock.advance(10_000);
  }
  assertEquals(queue.log.of("error").length, 1);

  const worked = gate();
  store.record = (kind, key) => (worked.resolve(), record(kind, key));
  await clock.asleep(1);
  clock.advance(10_000);
  await worked.promise;
  await clock.asleep(1);
  assertEquals(queue.log.of("info"), ["The store works again"]);
});

Deno.test("stop() waits for the pass under way, after which nothing is told", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await webhooks.start();
  await queue.add("x", null, { jobId: "a" });
  const { store } = queue;
  const [begun, goOn] = [gate(), gate()];
  const commit = store.commit.bind(store);
  store.commit = async (change, now) => {
    begun.resolve();
    await goOn.promise;
    await commit(change, now);
  };
  const pass = webhooks.runOnce();
  await begun.promise;
  const stopped = webhooks.stop();
  goOn.resolve();
  await stopped;
  assertEquals(await pass, 1);

  await queue.add("x", null, { jobId: "b" });
  assertEquals(await process.told(), ["job.added a"]);
});
