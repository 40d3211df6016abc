/** That each event is told once, whoever tells, whatever fails. */
import { assertEquals } from "@std/assert";
import { ADDRESS, WebhookProcess } from "../../testing/webhook-process.ts";
import { StoreUnavailableError } from "../errors.ts";

const MINUTE = 60_000;

Deno.test("Of several processes that tell at once, each delivery is added by one", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  await using third = first.join();
  const processes = [first, second, third];
  const { webhook } = await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const ids = Array.from({ length: 300 }, (_, i) => `job-${i}`);

  let added = 0;
  const tell = async (process: WebhookProcess) => {
    const count = await process.webhooks.runOnce();
    added += count;
  };
  for (let n = 0; n < ids.length; n += 30) {
    const some = ids.slice(n, n + 30).map((jobId) => ({ type: "x", data: null, options: { jobId } }));
    await Promise.all([second.queue.addMany(some), ...processes.map(tell)]);
  }
  for (const process of processes) await tell(process);

  assertEquals((await first.told(webhook.id)).sort(), ids.map((id) => `job.added ${id}`).sort());
  assertEquals(added, ids.length);
});

Deno.test("Who was overtaken right after a commit tells nothing of what the other has told since", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const ids = Array.from({ length: 130 }, (_, i) => `job-${i}`);
  await first.queue.addMany(ids.map((jobId) => ({ type: "x", data: null, options: { jobId } })));
  const { store } = first.queue;
  const commit = store.commit.bind(store);
  store.commit = async (change, now) => {
    store.commit = commit;
    await commit(change, now);
    assertEquals(await second.webhooks.runOnce(), 90);
  };

  assertEquals(await first.webhooks.runOnce(), 40);

  assertEquals((await first.told()).sort(), ids.map((id) => `job.added ${id}`).sort());
});

Deno.test("A page that is too much for one commit is told in several, and goes on after a crash between", async () => {
  await using first = new WebhookProcess();
  const ids = Array.from({ length: 30 }, (_, i) => `job-${i}`);
  const endpoints: string[] = [];
  for (let i = 0; i < 7; i++) {
    endpoints.push((await first.webhooks.create({ url: ADDRESS, events: ["job.added"] })).webhook.id);
  }
  await first.queue.addMany(ids.map((jobId) => ({ type: "x", data: null, options: { jobId } })));
  const { store } = first.queue;
  const commit = store.commit.bind(store);
  const sizes: number[] = [];
  store.commit = (change, now) => {
    if (sizes.length === 3) throw new StoreUnavailableError("The process has died");
    sizes.push(change.insert?.length ?? 0);
    return commit(change, now);
  };
  assertEquals(await first.webhooks.runOnce().catch((error) => error.message), "The process has died");
  assertEquals(sizes, [40, 40, 40]);

  await using second = first.join();
  await second.queue.add("x", null, { jobId: "later" });
  assertEquals(await second.webhooks.runOnce(), 7 * 31 - 120);

  for (const endpoint of endpoints) {
    const told = [...ids, "later"].map((id) => `job.added ${id}`);
    assertEquals((await second.told(endpoint)).sort(), told.sort());
  }
});

Deno.test("A page that ends earlier when it is read again, after a crash, tells nothing twice", async () => {
  await using first = new WebhookProcess();
  for (let i = 0; i < 7; i++) await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const { store } = first.queue;
  const ends: string[] = [];
  for (let n = 0; n < 30; n += 10) {
    await first.queue.addMany(Array.from({ length: 10 }, () => ({ type: "x", data: null })));
    ends.push((await store.changesSince(null, { now: first.clock.now() })).cursor);
  }
  const commit = store.commit.bind(store);
  let commits = 0;
  store.commit = (change, now) => {
    if (commits++ === 3) throw new StoreUnavailableError("The process has died");
    return commit(change, now);
  };
  assertEquals(await first.webhooks.runOnce().catch((error) => error.message), "The process has died");

  await using second = first.join();
  const changesSince = second.queue.store.changesSince.bind(second.queue.store);
  second.queue.store.changesSince = async (cursor, options) => {
    const upTo = ends.shift();
    const page = await changesSince(cursor, { ...options, ...(upTo === undefined ? {} : { upTo }) });
    return { ...page, more: ends.length > 0 };
  };
  assertEquals(await second.webhooks.runOnce(), 7 * 30 - 120);

  const told = await second.told();
  assertEquals([told.length, new Set(told).size], [7 * 30, 30]);
});

Deno.test("A place behind all there is holds up nothing that comes later", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const feed = await queue.store.record("webhook-feed", "all");
  const value = { ...feed?.value as object, told: { changes: 5, endpoint: "" } };
  const put = [{ kind: "webhook-feed", key: "all", value, expect: feed?.version ?? null }];
  await queue.store.commit({ put }, clock.now());

  assertEquals(await webhooks.runOnce(), 0);
  await queue.add("x", null);
  assertEquals(await webhooks.runOnce(), 1);
});

Deno.test("Nothing is stored of deliveries whose commit fails, and the next pass adds them", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await queue.add("x", null, { jobId: "a" });
  const { store } = queue;
  const commit = store.commit.bind(store);
  store.commit = () => Promise.reject(new StoreUnavailableError("Disk full"));

  assertEquals(await webhooks.runOnce().catch((error) => error.message), "Disk full");
  assertEquals(await process.told(), []);
  store.commit = commit;
  assertEquals(await webhooks.runOnce(), 1);
});

Deno.test("An endpoint made in another process is told of what happens from then on, and of nothing before", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  await first.queue.add("x", null, { jobId: "before" });
  assertEquals(await second.webhooks.runOnce(), 0);
  const { webhook } = await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await first.queue.add("x", null, { jobId: "after" });

  assertEquals(await second.webhooks.runOnce(), 1);
  assertEquals(await second.told(webhook.id), ["job.added after"]);
});

Deno.test("Who does not know yet of an endpoint that was made leaves it nothing untold", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await first.queue.add("x", null, { jobId: "a" });
  assertEquals(await second.webhooks.runOnce(), 1);
  await first.queue.add("x", null, { jobId: "b" });
  const { store } = second.queue;
  const changesSince = store.changesSince.bind(store);
  let made = "";
  store.changesSince = async (cursor, options) => {
    const page = await changesSince(cursor, options);
    if (made === "") made = (await first.webhooks.create({ url: ADDRESS, events: ["job.added"] })).webhook.id;
    return page;
  };

  assertEquals(await second.webhooks.runOnce(), 0); // it was beaten
  assertEquals(await second.webhooks.runOnce(), 2);
  assertEquals(await second.told(made), ["job.added b"]);
});

Deno.test("Who is ahead of the stored place goes on where another process has stored one", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  await first.webhooks.create({ url: ADDRESS, events: ["job.cancelled"] });
  await first.queue.add("x", null, { jobId: "a" });
  assertEquals(await second.webhooks.runOnce(), 0); // it has read that, and stores no place for it
  await first.queue.cancel("a");
  assertEquals(await first.webhooks.runOnce(), 1);

  assertEquals(await second.webhooks.runOnce(), 0);
  assertEquals(await first.told(), ["job.cancelled a"]);
});

Deno.test("The place moves on while nothing happens, and a restart within ten minutes loses nothing", async () => {
  await using first = new WebhookProcess();
  await first.webhooks.create({ url: ADDRESS, events: ["job.added"] });
  for (let n = 0; n < 30; n++) {
    first.clock.advance(MINUTE);
    assertEquals(await first.webhooks.runOnce(), 0);
  }
  await using second = first.join();
  await second.queue.add("x", null, { jobId: "a" });
  first.clock.advance(9 * MINUTE);

  assertEquals(await second.webhooks.runOnce(), 1);
  assertEquals(second.queue.log.of("warn"), []);
  assertEquals((await second.webhooks.list())[0]?.gap, null);
});

Deno.test("A gap of more than ten minutes is logged and shown, and what happens after it is told", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  const { webhook } = await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const from = clock.now();
  clock.advance(12 * MINUTE);
  await queue.add("x", null, { jobId: "lost" });

  await webhooks.runOnce();
  await queue.add("x", null, { jobId: "told" });
  assertEquals(await webhooks.runOnce(), 1);

  assertEquals(await process.told(), ["job.added told"]);
  assertEquals((await webhooks.get(webhook.id))?.gap, { from, until: clock.now() });
  assertEquals(queue.log.of("warn").length, 1);
  clock.advance(1);
  const later = await webhooks.create({ url: ADDRESS });
  assertEquals((await webhooks.get(later.webhook.id))?.gap, null);
});

Deno.test("A damaged place is a gap, and a damaged endpoint is left out", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const feed = await queue.store.record("webhook-feed", "all");
  const value = { ...feed?.value as object, cursor: "nonsense", revision: 9 };
  await queue.store.commit({
    put: [
      { kind: "webhook-feed", key: "all", value, expect: feed?.version ?? null },
      { kind: "webhook", key: crypto.randomUUID(), value: { url: 5 }, expect: null },
    ],
  }, clock.now());

  await webhooks.runOnce();
  await queue.add("x", null);
  assertEquals(await webhooks.runOnce(), 1);
  assertEquals((await webhooks.list()).length, 1);
});

Deno.test("Large events go into commits of their own, and what is too large is left out of them", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  for (let n = 0; n < 5; n++) await queue.add("x", "y".repeat(90_000));
  await queue.add("x", "y".repeat(300_000));
  const { store } = queue;
  const commit = store.commit.bind(store);
  const sizes: number[] = [];
  store.commit = (change, now) => (sizes.push(change.insert?.length ?? 0), commit(change, now));

  assertEquals(await webhooks.runOnce(), 6);

  assertEquals(sizes, [2, 2, 2]);
  const jobs = (await process.deliveries()).map(({ data }) => data.body.data.job);
  assertEquals(jobs.map(({ omitted }) => omitted), [...Array(5).fill(undefined), ["data"]]);
});
