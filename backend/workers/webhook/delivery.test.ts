import { assert, assertEquals, assertThrows } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { EndpointSetup, type Received } from "../../testing/endpoint-setup.ts";
import { TimeoutError } from "../../lib/errors.ts";
import { deliverEvent } from "./delivery.ts";

const DAY = 86_400_000;

/** What the receivers' library says of a request, as of when it was sent. */
function isGenuine(secret: string, { headers, body }: Received): boolean {
  try {
    new Webhook(secret).verify(body, Object.fromEntries(headers));
    return true;
  } catch {
    return false;
  }
}

Deno.test("An event arrives as Standard Webhooks has it, signed with the endpoint's secret", async () => {
  await using setup = new EndpointSetup();
  const { id, secret } = await setup.create({ headers: { "x-key": "hunter2" } });

  const delivery = await setup.tell(id);

  const [request] = setup.requests;
  assert(request !== undefined);
  assertEquals([delivery.status, delivery.responseStatus, delivery.error], ["completed", 200, null]);
  assertEquals([request.method, request.headers.get("content-type")], ["POST", "application/json"]);
  assertEquals(request.headers.get("x-key"), "hunter2");
  assertEquals(request.headers.get("webhook-id"), delivery.eventId);
  assert(isGenuine(secret, request));
  const { type, timestamp, data } = JSON.parse(request.body);
  assertEquals([type, data.job.id, data.job.data], ["job.added", delivery.jobId, { n: 1 }]);
  assertEquals(new Date(timestamp).toISOString(), timestamp);
});

/** Which of `secrets` verify a request. */
function verify(request: Received | undefined, ...secrets: string[]): boolean[] {
  return secrets.map((secret) => request !== undefined && isGenuine(secret, request));
}

Deno.test("After a rotation the new secret and the old one verify what is sent, also what waited", async () => {
  await using setup = new EndpointSetup();
  const { id, secret: old } = await setup.create();
  await setup.queue.add("x", null);
  await setup.webhooks.runOnce();
  const { secret: fresh } = await setup.webhooks.rotateSecret(id);
  await setup.queue.drain();

  assertEquals(verify(setup.requests[0], fresh, old), [true, true]);
  assertEquals(setup.requests[0]?.headers.get("webhook-signature")?.split(" ").length, 2);
});

Deno.test("A day after a rotation the new secret alone verifies, and not a moment earlier", async () => {
  await using setup = new EndpointSetup({ allowPrivateUrls: true }, Date.now() - DAY);
  const { id, secret: old } = await setup.create();
  const { secret: fresh } = await setup.webhooks.rotateSecret(id);

  setup.clock.advance(DAY - 1);
  await setup.webhooks.runOnce(); // nobody read the feed for a day: from here on it is written again
  await setup.tell(id);
  setup.clock.advance(1);
  await setup.tell(id);

  assertEquals(verify(setup.requests[0], fresh, old), [true, true]);
  assertEquals(verify(setup.requests[1], fresh, old), [true, false]);
});

Deno.test("A secret that is replaced at once signs nothing any more", async () => {
  await using setup = new EndpointSetup();
  const { id, secret: old } = await setup.create();
  const { secret: fresh } = await setup.webhooks.rotateSecret(id, { oldValidFor: 0 });

  await setup.tell(id);

  assertEquals(verify(setup.requests[0], fresh, old), [true, false]);
});

Deno.test("A new address and new headers count for what waits", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create({ url: "https://old.example.com" });
  await setup.queue.add("x", null);
  await setup.webhooks.runOnce();
  await setup.webhooks.update(id, { url: setup.url, headers: { "x-key": "new" } });

  await setup.queue.drain();

  assertEquals(setup.requests.map(({ headers }) => headers.get("x-key")), ["new"]);
});

Deno.test("What waits for an endpoint that was removed or disabled ends cancelled, and says so", async () => {
  await using setup = new EndpointSetup();
  const [gone, off] = [await setup.create(), await setup.create()];
  await setup.queue.add("x", null);
  await setup.webhooks.runOnce();
  const jobs = (await setup.queue.list({ type: "webhook:deliver" })).jobs;
  await setup.webhooks.remove(gone.id);
  await setup.webhooks.update(off.id, { enabled: false });

  await setup.queue.drain();

  const ended = await Promise.all(jobs.map(({ id }) => setup.queue.job(id)));
  assertEquals(ended.map(({ status }) => status), ["cancelled", "cancelled"]);
  assertEquals(ended.map(({ errors }) => errors.at(-1)?.message).sort(), [
    "its endpoint is disabled",
    "its endpoint was removed",
  ]);
  assertEquals(setup.requests, []);
});

Deno.test("A refusal is retried under the same webhook-id and body, and shown with its status", async () => {
  await using setup = new EndpointSetup();
  const { id, secret } = await setup.create();
  setup.answer = () => new Response("busy", { status: 503 });
  const refused = await setup.tell(id);
  assertEquals([refused.status, refused.attempt, refused.responseStatus], ["retrying", 1, 503]);
  assertEquals([refused.error, refused.nextAttemptAt !== null], [
    `${new URL(setup.url).origin} answered 503: busy`,
    true,
  ]);
  setup.answer = () => new Response("ok");
  setup.clock.advance(11_000);
  await setup.queue.drain();

  const arrived = await setup.last(id);
  assertEquals([arrived.status, arrived.attempt, arrived.responseStatus, arrived.error], [
    "completed",
    2,
    200,
    null,
  ]);
  const [first, second] = setup.requests;
  assertEquals(first?.headers.get("webhook-id"), second?.headers.get("webhook-id"));
  assertEquals(first?.body, second?.body);
  assert(second !== undefined && isGenuine(secret, second));
});

Deno.test("An endpoint shows how many attempts have failed since the last that arrived", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  const health = async () => {
    const webhook = await setup.webhooks.get(id);
    return [webhook?.failures, webhook?.lastSuccessAt, webhook?.lastError];
  };
  assertEquals(await health(), [0, null, null]);
  await setup.tell(id);
  const arrivedAt = setup.clock.now();
  assertEquals(await health(), [0, arrivedAt, null]);
  setup.answer = () => new Response("no", { status: 500 });
  await setup.tell(id);
  await setup.tell(id);
  const error = `${new URL(setup.url).origin} answered 500: no`;
  assertEquals(await health(), [2, arrivedAt, error]);
  setup.answer = () => new Response("ok");
  await setup.tell(id);
  assertEquals((await health())[0], 0);
  await setup.webhooks.remove(id);
  assertEquals(await setup.queue.store.records("webhook-health"), []);
});

Deno.test("410 fails the delivery at once and disables its endpoint, until somebody enables it", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  setup.answer = () => new Response("gone", { status: 410 });

  const delivery = await setup.tell(id);

  assertEquals([delivery.status, delivery.responseStatus], ["failed", 410]);
  const webhook = await setup.webhooks.get(id);
  assertEquals([webhook?.enabled, webhook?.disabledBecause], [false, "it answered 410 Gone"]);
  await setup.queue.add("x", null);
  assertEquals(await setup.webhooks.runOnce(), 0);
  const enabled = await setup.webhooks.update(id, { enabled: true });
  assertEquals([enabled.enabled, enabled.disabledBecause], [true, null]);
});

Deno.test("What comes of the old address says nothing of an endpoint that has another one by then", async () => {
  for (const status of [410, 500]) {
    await using setup = new EndpointSetup();
    const { id } = await setup.create();
    setup.answer = async () => {
      setup.clock.advance(1);
      await setup.webhooks.update(id, { url: `${setup.url}/new`, enabled: true });
      return new Response(null, { status });
    };

    await setup.tell(id);

    const webhook = await setup.webhooks.get(id);
    assertEquals([webhook?.enabled, webhook?.disabledBecause, webhook?.failures], [true, null, 0]);
  }
});

Deno.test("What comes of an endpoint that was removed meanwhile leaves nothing behind", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  setup.answer = async () => {
    await setup.webhooks.remove(id);
    return new Response(null, { status: 500 });
  };
  await setup.queue.add("x", null);
  await setup.webhooks.runOnce();
  await setup.queue.drain();

  assertEquals(setup.requests.length, 1);
  assertEquals(await setup.queue.store.records("webhook-health"), []);
});

Deno.test("A redirect is not followed, wherever it leads", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  setup.answer = () => new Response(null, { status: 307, headers: { location: setup.url } });

  const delivery = await setup.tell(id);

  assertEquals([delivery.status, delivery.responseStatus, setup.requests.length], ["failed", 307, 1]);
});

Deno.test("A name that stands for a private address when the event is sent is refused", async () => {
  let address = "1.1.1.1";
  const resolve = () => Promise.resolve([{ address, family: 4 }]);
  await using setup = new EndpointSetup({ resolve });
  const { id } = await setup.create({ url: `http://hooks.example.com:${setup.port}/` });
  address = "127.0.0.1"; // it did not when the endpoint was made

  const delivery = await setup.tell(id);

  assertEquals([delivery.status, setup.requests], ["failed", []]);
  assert(delivery.error?.includes("refused address (loopback)"), delivery.error ?? "");
});

Deno.test("Of an answer of 100 MB no more is read than is kept", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  let sent = 0;
  const over = Promise.withResolvers<void>();
  const chunk = new TextEncoder().encode("x".repeat(65_536));
  setup.answer = () => {
    const body = new ReadableStream({
      pull(controller) {
        sent += chunk.length;
        if (sent > 100_000_000) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => over.resolve(),
    });
    return new Response(body, { status: 400 });
  };

  const delivery = await setup.tell(id);
  await over.promise;

  assertEquals([delivery.status, delivery.responseStatus], ["failed", 400]);
  assert(sent < 20_000_000, `${sent} bytes`);
  assert((delivery.error?.length ?? 0) <= 1_100);
});

Deno.test("Neither a cancel nor a stop of the process counts as a failure of the endpoint", async () => {
  await using setup = new EndpointSetup();
  const { id } = await setup.create();
  const store = setup.queue.store;
  for (const reason of [new Error("somebody cancelled it"), new TimeoutError("j", 1)]) {
    const data = { endpoint: id, event: "evt_1", body: { type: "job.added", data: { job: { id: "a" } } } };
    const job = {
      data,
      signal: AbortSignal.abort(reason),
      log: { debug: () => {} },
      fail: () => assert(false),
      cancel: () => assert(false),
    };
    await deliverEvent(job as never, store, { clock: setup.clock }).catch(() => {});
    const { failures } = await setup.webhooks.get(id) ?? {};
    assertEquals(failures, reason instanceof TimeoutError ? 1 : 0);
  }
});

Deno.test("An answer that repeats what was sent in confidence is stored without it", async () => {
  await using setup = new EndpointSetup();
  const { id, secret: old } = await setup.create({
    url: `${setup.url}?key=abcdef-1`,
    headers: { "x-key": "hunter2-5" },
  });
  const { secret: fresh } = await setup.webhooks.rotateSecret(id);
  setup.answer = () => new Response(`${old} ${fresh} hunter2-5 abcdef-1`, { status: 400 });

  const delivery = await setup.tell(id);

  const stored = JSON.stringify([await setup.job(delivery), await setup.webhooks.get(id)]);
  for (const word of [old, fresh, old.slice(6), fresh.slice(6), "hunter2-5"]) {
    assert(!stored.includes(word), word);
  }
  assert(!JSON.stringify(await setup.job(delivery)).includes("abcdef-1"));
  assertEquals(delivery.error?.split(": ")[1], "[masked] [masked] [masked] [masked]");
});

Deno.test("A message that was changed on its way does not verify", async () => {
  await using setup = new EndpointSetup();
  const { id, secret } = await setup.create();
  await setup.tell(id);
  const [request] = setup.requests as [Received];

  assertThrows(() => new Webhook(secret).verify(`${request.body} `, Object.fromEntries(request.headers)));
});
