import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import { SECRET, WebhookSetup } from "../testing/webhook-setup.ts";
import { enqueueCustomWebhook, enqueuePaymentWebhook, enqueueUserWebhook } from "./webhook-worker.ts";

Deno.test("enqueueUserWebhook() sends the event in the form of Standard Webhooks", async () => {
  await using setup = new WebhookSetup();
  const target = { url: setup.url, secret: SECRET, headers: { "X-Tenant": "7" } };

  const id = await enqueueUserWebhook(
    { type: "user.created", userId: "42", data: { plan: "pro", userId: "x" } },
    target,
    {
      jobs: setup,
      priority: 5,
      tags: ["signup"],
    },
  );
  const job = await setup.runAgain(id);

  assertEquals([job.status, job.priority, job.tags, job.maxAttempts], ["completed", 5, ["signup"], 10]);
  assertEquals(JSON.parse(setup.requests[0]?.body ?? ""), {
    type: "user.created",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { plan: "pro", userId: "42" },
  });
  assertEquals(setup.requests[0]?.headers.get("x-tenant"), "7");
  assert(setup.requests[0]?.headers.has("webhook-signature"));
});

Deno.test("enqueuePaymentWebhook() sends id, amount and currency", async () => {
  await using setup = new WebhookSetup();
  const event = { type: "payment.succeeded", paymentId: "p-1", amount: 1_250, currency: "EUR" } as const;

  const options = { jobs: setup, jobId: "payment.succeeded:p-1" };
  const id = await enqueuePaymentWebhook(event, { url: setup.url }, options);
  const again = await enqueuePaymentWebhook(event, { url: setup.url }, options);
  await setup.queue.drain();

  assertEquals([id, again], ["payment.succeeded:p-1", "payment.succeeded:p-1"]);
  assertEquals(setup.requests.map(({ body }) => JSON.parse(body)), [{
    type: "payment.succeeded",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { paymentId: "p-1", amount: 1_250, currency: "EUR" },
  }]);
});

Deno.test("enqueueCustomWebhook() sends what it is given", async () => {
  await using setup = new WebhookSetup();

  const id = await enqueueCustomWebhook({ url: setup.url, method: "PATCH", body: [1, 2] }, {
    jobs: setup,
    delay: 5_000,
  });
  assertEquals((await setup.queue.get(id))?.status, "scheduled");
  setup.clock.advance(5_000);
  const job = await setup.runAgain(id);

  assertEquals(job.status, "completed");
  assertEquals([setup.requests[0]?.method, setup.requests[0]?.body], ["PATCH", "[1,2]"]);
});

Deno.test("The helpers refuse bad events by their field, and store nothing", async () => {
  await using setup = new WebhookSetup();
  const target = { url: setup.url };
  const payment = { type: "payment.failed", paymentId: "p-1", amount: 1, currency: "EUR" } as const;
  const user = (event: unknown) => () => enqueueUserWebhook(event as never, target, { jobs: setup });
  const pay = (change: object) => () =>
    enqueuePaymentWebhook({ ...payment, ...change }, target, { jobs: setup });

  await assertRejects(user(null), InputTypeError, "event: must be an object");
  await assertRejects(
    user({ type: "payment.failed", userId: "1" }),
    InputRangeError,
    'event.type: must begin with "user."',
  );
  await assertRejects(user({ type: "user.created" }), InputTypeError, "event.userId");
  await assertRejects(user({ type: "user.created", userId: "1", data: [] }), InputTypeError, "event.data");
  await assertRejects(pay({ paymentId: "" }), InputRangeError, "event.paymentId");
  await assertRejects(pay({ amount: 1.5 }), InputRangeError, "event.amount");
  await assertRejects(pay({ amount: "1" }), InputRangeError, "event.amount");
  await assertRejects(pay({ currency: "eur" }), InputRangeError, "event.currency");
  await assertRejects(
    () => enqueueUserWebhook({ type: "user.created", userId: "1" }, { url: "nowhere" }, { jobs: setup }),
    InputTypeError,
    "data.url",
  );
  await assertRejects(
    () => enqueueCustomWebhook(target, { jobs: setup, priority: 1_001 }),
    InputRangeError,
    "options.priority",
  );
  assertEquals((await setup.queue.list()).jobs, []);
});
