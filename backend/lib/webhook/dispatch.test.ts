import { assert, assertEquals } from "@std/assert";
import { makeJob } from "../../testing/factories.ts";
import { ADDRESS, WebhookProcess } from "../../testing/webhook-process.ts";
import { WEBHOOK_EVENTS } from "./endpoint.ts";

const MINUTE = 60_000;
const ALL = { url: ADDRESS, events: WEBHOOK_EVENTS };

Deno.test("Each event that an endpoint wants becomes one delivery, in the order it happened", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  const { webhook } = await webhooks.create(ALL);
  await queue.add("ok", { n: 1 }, { jobId: "a" });
  await queue.add("fail", null, { jobId: "b", maxAttempts: 2 });
  await queue.drain();
  await queue.add("ok", null, { jobId: "c", delay: 5_000 });
  await queue.cancel("c");

  await webhooks.runOnce();

  const told = await process.told(webhook.id);
  const of = (id: string) => told.filter((line) => line.endsWith(` ${id}`)).map((line) => line.split(" ")[0]);
  assertEquals(of("a").filter((event) => event !== "job.started"), ["job.added", "job.completed"]);
  assertEquals(of("b").filter((event) => event !== "job.started"), ["job.added", "job.retrying"]);
  assertEquals(of("c"), ["job.added", "job.cancelled"]);
  assertEquals(await webhooks.runOnce(), 0);
  assertEquals(await process.told(), told);
});

Deno.test("An endpoint is told nothing from before it was made or enabled, also if nobody else was told since", async () => {
  await using process = new WebhookProcess();
  const { clock, queue, webhooks } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.failed"] });
  const { webhook: off } = await webhooks.create({ url: ADDRESS, events: ["job.completed"], enabled: false });
  await webhooks.runOnce();
  clock.advance(1_000);
  await queue.add("ok", null, { jobId: "before" });
  await queue.drain();
  for (let second = 0; second < 30; second++) { // as often as the loop looks
    await webhooks.runOnce();
    clock.advance(1_000);
  }
  const { webhook: late } = await webhooks.create({ url: ADDRESS, events: ["job.completed"] });
  await webhooks.update(off.id, { enabled: true });
  await queue.add("ok", null, { jobId: "after" });
  await queue.drain();
  await webhooks.runOnce();

  for (const { id } of [late, off]) assertEquals(await process.told(id), ["job.completed after"]);
});

Deno.test("An endpoint is told of the jobs that it asks for, by event, type, family, queue and tag", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  const create = async (filter: object) => {
    return (await webhooks.create({ url: ADDRESS, events: ["job.added"], ...filter })).webhook.id;
  };
  const ids = {
    all: await create({}),
    types: await create({ types: ["mail", "report:daily"] }),
    queues: await create({ queues: ["slow"] }),
    tags: await create({ tags: ["x", "y"] }),
    both: await create({ types: ["mail"], tags: ["x"] }),
    ends: await create({ events: ["job.cancelled"] }),
    off: await create({ enabled: false }),
  };
  await queue.addMany([
    { type: "mail", data: null, options: { jobId: "1" } },
    { type: "mail:digest", data: null, options: { jobId: "2", tags: ["y", "x"] } },
    { type: "mailing", data: null, options: { jobId: "3", queue: "slow" } },
    { type: "report:daily", data: null, options: { jobId: "4", tags: ["z"] } },
    { type: "report", data: null, options: { jobId: "5", tags: ["y"] } },
  ]);
  await queue.cancel("1");

  await webhooks.runOnce();

  const told = async (id: string) => (await process.told(id)).map((line) => line.replace("job.added ", ""));
  assertEquals(await told(ids.all), ["1", "2", "3", "4", "5"]);
  assertEquals(await told(ids.types), ["1", "2", "4"]);
  assertEquals(await told(ids.queues), ["3"]);
  assertEquals(await told(ids.tags), ["2", "5"]);
  assertEquals(await told(ids.both), ["2"]);
  assertEquals(await told(ids.ends), ["job.cancelled 1"]);
  assertEquals(await told(ids.off), []);
});

Deno.test("What becomes of deliveries is told to nobody, or they would never end", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  queue.process("webhook:deliver", () => null);
  await webhooks.create(ALL);
  await webhooks.create({ ...ALL, types: ["webhook"] });
  await queue.add("ok", null);
  await queue.drain();
  assert(await webhooks.runOnce() > 0);

  await queue.drain();
  assertEquals(await webhooks.runOnce(), 0);
  await queue.add("webhook:send", null);
  assertEquals(await webhooks.runOnce(), 2);
});

Deno.test("A delivery names its endpoint, holds no secret, and goes on with the trace of its job", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  const traceContext = "00-11111111111111111111111111111111-2222222222222222-01";
  const { webhook, secret } = await webhooks.create({
    url: `${ADDRESS}?key=abc`,
    headers: { "x-key": "hunter2" },
    events: ["job.added"],
  });
  const job = makeJob({ id: "a", traceContext });
  await queue.store.insert([{ job }], process.clock.now());

  await webhooks.runOnce();

  const [delivery] = await process.deliveries();
  assert(delivery !== undefined);
  assertEquals(delivery.traceContext, traceContext);
  assertEquals([delivery.tags, delivery.queue, delivery.maxAttempts], [
    [`webhook:${webhook.id}`],
    "webhooks",
    10,
  ]);
  assertEquals(Object.keys(delivery.data).sort(), ["body", "endpoint", "event"]);
  const text = JSON.stringify(delivery);
  for (const hidden of [secret, secret.slice(6), "hunter2", "key=abc", ADDRESS]) {
    assert(!text.includes(hidden), hidden);
  }
});

Deno.test("Without an enabled endpoint nobody subscribes, and the feed stays empty", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await queue.ready();
  let subscribed = 0;
  const { store } = queue;
  const subscribe = store.subscribe.bind(store);
  store.subscribe = (now) => (subscribed++, subscribe(now));

  await webhooks.runOnce();
  const { webhook } = await webhooks.create({ url: ADDRESS, enabled: false });
  await webhooks.runOnce();
  assertEquals(subscribed, 0);
  await webhooks.update(webhook.id, { enabled: true });
  await webhooks.runOnce();
  assert(subscribed > 0);
  await webhooks.update(webhook.id, { enabled: false });
  subscribed = 0;
  for (let n = 0; n < 12; n++) {
    clock.advance(MINUTE);
    await webhooks.runOnce();
  }
  assertEquals(subscribed, 0);
});

Deno.test("An endpoint that is enabled again is not told of what happened while it was disabled", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  const { webhook } = await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await webhooks.update(webhook.id, { enabled: false });
  await queue.add("x", null, { jobId: "a" });
  await webhooks.update(webhook.id, { enabled: true });
  await queue.add("x", null, { jobId: "b" });

  await webhooks.runOnce();
  assertEquals(await process.told(), ["job.added b"]);
});

Deno.test("The id of an event is the same for all endpoints and processes, and another for every other", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  for (let n = 0; n < 45; n++) {
    await webhooks.create({ url: ADDRESS, events: ["job.added", "job.cancelled"] });
  }
  await queue.add("x", null, { jobId: "a" });
  await queue.cancel("a");

  await webhooks.runOnce();

  const ids = (await process.deliveries()).map(({ data }) => `${data.body.type} ${data.event}`);
  assertEquals([ids.length, new Set(ids).size], [90, 2]);
  assert(ids.every((id) => / evt_[\w-]{36}$/.test(id)));
});

Deno.test("A job that was removed before it is told of is told by what the feed knows", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.cancelled"] });
  await queue.add("x", { n: 1 }, { jobId: "a" });
  await queue.cancel("a");
  await queue.remove("a");

  await webhooks.runOnce();

  const [delivery] = await process.deliveries();
  const { job } = delivery!.data.body.data;
  assertEquals([job.id, job.status, job.data, job.omitted], ["a", "cancelled", null, [
    "data",
    "result",
    "errors",
  ]]);
});

Deno.test("A job that is damaged is logged and left out, and the others are told", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks, clock } = process;
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await queue.store.insert([{ job: makeJob({ id: "bad", startedAt: 9e15 }) }], clock.now());
  await queue.add("x", null, { jobId: "good" });

  assertEquals(await webhooks.runOnce(), 2);

  assertEquals(await process.told(), ["job.added good", "job.added good"]);
  assertEquals(queue.log.of("error"), ["Cannot tell webhooks of {event} of job {id}: {error}"]);
});
