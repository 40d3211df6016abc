import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ADDRESS, WebhookProcess } from "../testing/webhook-process.ts";
import { ClosedError, InputRangeError, InputTypeError, InvalidStatusError, NotFoundError } from "./errors.ts";
import { MOST_WEBHOOKS, WebhookLimitError, Webhooks } from "./webhooks.ts";

const HOUR = 3_600_000;
const NONE = crypto.randomUUID();

Deno.test("create() gives an endpoint and its secret, which nothing shows afterwards", async () => {
  await using process = new WebhookProcess();
  const { webhooks, clock } = process;
  const given = `whsec_${btoa("k".repeat(32))}`;

  const first = await webhooks.create({ url: ADDRESS, headers: { "x-key": "hunter2" } }, { by: "ada" });
  const second = await webhooks.create({ url: ADDRESS, secret: given });

  assert(/^whsec_[A-Za-z0-9+/]{43}=$/.test(first.secret), first.secret);
  assertEquals(second.secret, given);
  assertEquals([first.webhook.createdBy, first.webhook.headerNames], ["ada", ["x-key"]]);
  assertEquals(first.webhook.secrets, [{ since: clock.now(), until: null }]);
  const shown = JSON.stringify([first.webhook, await webhooks.list(), await webhooks.get(second.webhook.id)]);
  for (const hidden of [first.secret, given, "hunter2"]) assert(!shown.includes(hidden), hidden);
  assertEquals((await webhooks.list()).map(({ id }) => id), [first.webhook.id, second.webhook.id]);
});

Deno.test("create() refuses one more than there may be, however many try at once", async () => {
  await using process = new WebhookProcess();
  const { webhooks } = process;
  const tries = Array.from({ length: MOST_WEBHOOKS + 5 }, () => webhooks.create({ url: ADDRESS }));

  const results = await Promise.allSettled(tries);

  const refused = results.filter((result) => result.status === "rejected");
  assertEquals(refused.length, 5);
  assert(refused.every(({ reason }) => reason instanceof WebhookLimitError));
  assertEquals((await webhooks.list()).length, MOST_WEBHOOKS);
});

Deno.test("update() changes what is given, and keeps a header whose value is the mask", async () => {
  await using process = new WebhookProcess();
  const { webhooks, clock, queue } = process;
  const { webhook } = await webhooks.create({ url: ADDRESS, headers: { a: "1", b: "2" }, tags: ["x"] });
  clock.advance(5);

  const changed = await webhooks.update(webhook.id, {
    headers: { a: "[redacted]", c: "3" },
    description: "d",
  });

  assertEquals([changed.headerNames, changed.description, changed.tags], [["a", "c"], "d", ["x"]]);
  assertEquals([changed.updatedAt - changed.createdAt, changed.url], [5, ADDRESS]);
  const stored = await queue.store.record("webhook", webhook.id);
  assertEquals((stored?.value as { headers: unknown }).headers, { a: "1", c: "3" });
  const error = await assertRejects(
    () => webhooks.update(webhook.id, { headers: { b: "[redacted]" } }),
    InputRangeError,
  );
  assertEquals(error.issues[0]?.path, "headers.b");
  await assertRejects(() => webhooks.create({ url: ADDRESS, headers: { b: "[redacted]" } }), InputRangeError);
});

Deno.test("Changes of one endpoint by several processes at once are all kept", async () => {
  await using first = new WebhookProcess();
  await using second = first.join();
  const { webhook: { id } } = await first.webhooks.create({ url: ADDRESS });

  await Promise.all([
    first.webhooks.update(id, { description: "d" }),
    second.webhooks.update(id, { tags: ["x"] }),
    second.webhooks.rotateSecret(id),
    first.webhooks.update(id, { queues: ["q"] }),
  ]);

  const webhook = await first.webhooks.get(id);
  assertEquals([webhook?.description, webhook?.tags, webhook?.queues], ["d", ["x"], ["q"]]);
  assertEquals(webhook?.secrets.length, 2);
});

Deno.test("rotateSecret() keeps those before for a day at the most, five in all", async () => {
  await using process = new WebhookProcess();
  const { webhooks, clock } = process;
  const { webhook: { id }, secret } = await webhooks.create({ url: ADDRESS });
  const start = clock.now();
  clock.advance(HOUR);
  await webhooks.rotateSecret(id);
  clock.advance(HOUR);
  const { webhook } = await webhooks.rotateSecret(id, { oldValidFor: 12 * HOUR });

  assertEquals(webhook.secrets, [
    { since: start + 2 * HOUR, until: null },
    { since: start + HOUR, until: start + 14 * HOUR },
    { since: start, until: start + 14 * HOUR },
  ]);
  clock.advance(12 * HOUR);
  assertEquals((await webhooks.get(id))?.secrets.length, 1);
  await webhooks.rotateSecret(id, { secret });
  await assertRejects(
    () => webhooks.rotateSecret(id, { secret }),
    InputRangeError,
    "secret: must be another",
  );
  await assertRejects(
    () => webhooks.rotateSecret(id, { oldValidFor: 24 * HOUR + 1 }),
    InputRangeError,
    "oldValidFor",
  );
  await assertRejects(() => webhooks.rotateSecret(id, { secret: "x" }), InputTypeError, "secret");
  for (let n = 0; n < 9; n++) await webhooks.rotateSecret(id);
  assertEquals((await webhooks.get(id))?.secrets.length, 5);
  assertEquals((await webhooks.rotateSecret(id, { oldValidFor: 0 })).webhook.secrets.length, 1);
});

Deno.test("What is asked of an endpoint that does not exist is refused", async () => {
  await using process = new WebhookProcess();
  const { webhooks, queue } = process;
  for (const id of [NONE, "", "a", "../x", "\0"]) {
    assertEquals(await webhooks.get(id), null);
    await assertRejects(() => webhooks.update(id, { enabled: false }), NotFoundError);
    await assertRejects(() => webhooks.rotateSecret(id), NotFoundError);
    await assertRejects(() => webhooks.remove(id), NotFoundError);
    await assertRejects(() => webhooks.deliveries(id), NotFoundError);
    await assertRejects(() => webhooks.resend(id, NONE), NotFoundError);
  }
  assertEquals(await queue.store.records("webhook"), []);
});

Deno.test("resend() adds a delivery of the same event, once the first has ended", async () => {
  await using process = new WebhookProcess();
  const { webhooks, queue } = process;
  const { webhook: { id } } = await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  const other = await webhooks.create({ url: ADDRESS, events: ["job.failed"] });
  const jobId = await queue.add("x", { n: 1 });
  await webhooks.runOnce();
  const [first] = (await webhooks.deliveries(id)).deliveries;
  assert(first !== undefined);

  await assertRejects(() => webhooks.resend(id, first.id), InvalidStatusError);
  await queue.cancel(first.id);
  const again = await webhooks.resend(id, first.id);

  assertEquals([again.status, again.event, again.jobId, again.repeats], [
    "pending",
    "job.added",
    jobId,
    first.id,
  ]);
  assertEquals(again.eventId, first.eventId);
  assert(again.id !== first.id);
  const jobs = await Promise.all([first, again].map((delivery) => queue.job(delivery.id)));
  assertEquals(jobs[0]?.data, jobs[1]?.data);
  assertEquals((await webhooks.deliveries(id)).deliveries.map((delivery) => delivery.id), [
    again.id,
    first.id,
  ]);
  assertEquals(await webhooks.runOnce(), 0);
  for (const wrong of [jobId, NONE, "a"]) {
    await assertRejects(() => webhooks.resend(id, wrong), NotFoundError, "delivery");
  }
  await assertRejects(() => webhooks.resend(other.webhook.id, first.id), NotFoundError);
  await webhooks.update(id, { enabled: false });
  await assertRejects(() => webhooks.resend(id, first.id), InputRangeError, "enabled");
});

Deno.test("deliveries() lists those of one endpoint in pages, also long ones, and no other jobs with its tag", async () => {
  await using process = new WebhookProcess();
  const { webhooks, queue, clock } = process;
  queue.process("webhook:deliver", () => ({ status: 204 }));
  const { webhook: { id } } = await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await webhooks.create({ url: ADDRESS, events: ["job.added"] });
  await queue.add("x", null, { jobId: "foreign", tags: [`webhook:${id}`] });
  await queue.add("webhook:deliver", { endpoint: id }, { tags: [`webhook:${id}`] }); // by hand
  for (let n = 0; n < 5; n++) {
    await queue.add("x", "y".repeat(n * 20_000), { jobId: `job-${n}` });
    await webhooks.runOnce();
    clock.advance(10);
    if (n < 3) await queue.drain();
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await webhooks.deliveries(id, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(
      ...page.deliveries.map(({ jobId, status, responseStatus }) => `${jobId} ${status} ${responseStatus}`),
    );
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);

  assertEquals(seen.slice(0, 2), ["job-3 pending null", "job-4 pending null"]);
  assertEquals(seen.slice(2, 4), ["job-2 completed 204", "job-1 completed 204"]);
  assertEquals(seen.slice(4).sort(), ["foreign completed 204", "job-0 completed 204"]);
  const waiting = await webhooks.deliveries(id, { status: ["pending"] });
  assertEquals(waiting.deliveries.map(({ jobId }) => jobId), ["job-3", "job-4"]);
  await assertRejects(() => webhooks.deliveries(id, { limit: 0 }), InputRangeError);
  await assertRejects(() => webhooks.deliveries(id, { cursor: "x" }), InputRangeError);
});

Deno.test("Webhooks refuses options it does not know, and start() after stop()", async () => {
  await using process = new WebhookProcess();
  const { queue, webhooks } = process;
  assertThrows(() => new Webhooks(queue, { allowPrivate: true } as never), InputTypeError, "allowPrivate");
  assertThrows(
    () => new Webhooks(queue, { allowPrivateUrls: 1 } as never),
    InputTypeError,
    "allowPrivateUrls",
  );
  await webhooks.stop();
  await assertRejects(() => webhooks.start(), ClosedError);
});
