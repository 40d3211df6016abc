import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../lib/clock.ts";
import { InputTypeError } from "../lib/errors.ts";
import { Queue } from "../lib/queue.ts";
import { MemoryStore } from "../stores/memory.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { serveLocally } from "../testing/local-server.ts";
import { SECRET, WebhookSetup } from "../testing/webhook-setup.ts";
import { sendWebhook } from "./webhook-worker.ts";

Deno.test("webhook:send posts JSON and completes with the status", async () => {
  await using setup = new WebhookSetup();
  setup.answers = [() => new Response("thanks", { status: 202 })];

  const job = await setup.send({ body: { hello: "wörld", list: [1, null] } });

  assertEquals([job.status, job.result, job.attempt, job.maxAttempts], ["completed", { status: 202 }, 1, 10]);
  const [request] = setup.requests;
  assertEquals(request?.method, "POST");
  assertEquals(request?.path, "/hook");
  assertEquals(request?.body, '{"hello":"wörld","list":[1,null]}');
  assertEquals(request?.headers.get("content-type"), "application/json");
  assertEquals(request?.headers.get("user-agent"), "Cronosaur");
  assertEquals(request?.headers.get("webhook-id"), job.id);
});

Deno.test("webhook:send signs what the receivers' library verifies", async () => {
  await using setup = new WebhookSetup({ allowPrivateUrls: true }, systemClock.now());
  for (const secret of [SECRET, "a-secret-of-the-receiver"]) {
    await setup.send({ body: { type: "user.created", name: "Zoë 🦕" }, secret });
  }

  for (const [i, { body, headers }] of setup.requests.entries()) {
    const receiver = i === 0
      ? new Webhook(SECRET)
      : new Webhook("a-secret-of-the-receiver", { format: "raw" });
    assertEquals(receiver.verify(body, Object.fromEntries(headers)), {
      type: "user.created",
      name: "Zoë 🦕",
    });
  }
});

Deno.test("webhook:send without a secret sends no signature", async () => {
  await using setup = new WebhookSetup();
  await setup.send({ body: {} });

  assertEquals(setup.requests[0]?.headers.has("webhook-signature"), false);
});

Deno.test("webhook:send keeps its id over attempts and signs each with its own time", async () => {
  await using setup = new WebhookSetup();
  setup.answers = [() => new Response(null, { status: 503 }), () => new Response()];

  const { id } = await setup.send({ secret: SECRET });
  setup.clock.advance(60_000);
  const job = await setup.runAgain(id);

  assertEquals([job.status, job.attempt], ["completed", 2]);
  const ids = setup.requests.map(({ headers }) => headers.get("webhook-id"));
  const times = setup.requests.map(({ headers }) => Number(headers.get("webhook-timestamp")));
  const signatures = setup.requests.map(({ headers }) => headers.get("webhook-signature"));
  assertEquals(ids, [id, id]);
  assertEquals((times[1] ?? 0) - (times[0] ?? 0), 60);
  assert(signatures[0] !== signatures[1]);
});

Deno.test("webhook:send sends headers, and a text body as it is", async () => {
  await using setup = new WebhookSetup();
  await setup.send({
    method: "put",
    headers: { "X-Tenant": "7", Authorization: "Bearer abc" },
    body: "a=b&c=d",
  });
  await setup.send({
    headers: { "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "me" },
    body: "a=b",
  });
  await setup.send({ method: "DELETE" });
  await setup.send({ method: "GET" });

  const [text, form, empty, get] = setup.requests;
  assertEquals([text?.method, text?.body, text?.headers.get("x-tenant")], ["PUT", "a=b&c=d", "7"]);
  assertEquals(text?.headers.get("authorization"), "Bearer abc");
  assertEquals(text?.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(form?.headers.get("content-type"), "application/x-www-form-urlencoded");
  assertEquals(form?.headers.get("user-agent"), "me");
  assertEquals([empty?.method, empty?.body, empty?.headers.get("content-type")], ["DELETE", "", null]);
  assertEquals([get?.method, get?.body, get?.headers.get("content-length")], ["GET", "", null]);
});

Deno.test("webhook:send refuses private addresses unless they are allowed, without retries", async () => {
  const resolve = () => Promise.resolve([{ address: "10.0.0.7", family: 4 }]);
  await using setup = new WebhookSetup({ resolve });

  for (
    const url of [
      setup.url,
      "http://[::1]/",
      "http://169.254.169.254/latest/meta-data/",
      "https://inner.example/",
    ]
  ) {
    const job = await setup.send({ url });
    assertEquals([job.status, job.errors[0]?.name], ["failed", "AddressRefusedError"], url);
    assertStringIncludes(job.errors[0]?.message ?? "", "ALLOW_PRIVATE_URLS");
  }
  assertEquals(setup.requests.length, 0);
});

Deno.test("webhook:send over TLS checks the receiver's certificate", async () => {
  const certificate = makeCertificate("hook.example");
  await using server = serveLocally(() => new Response(), certificate);
  const resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
  await using setup = new WebhookSetup({ allowPrivateUrls: true, resolve, ca: certificate.cert });

  const good = await setup.send({ url: `https://hook.example:${server.port}/` });
  const bad = await setup.send({ url: `https://other.example:${server.port}/` });

  assertEquals([good.status, bad.status], ["completed", "retrying"]);
  assertStringIncludes(bad.errors[0]?.message ?? "", "certificate");
});

Deno.test("webhook:send refuses bad data by its field, and stores nothing", async () => {
  await using setup = new WebhookSetup();
  const { url, queue } = setup;
  const bad: [unknown, string][] = [
    [{}, "data.url"],
    [{ url: "mailto:ada@example.com" }, "data.url"],
    [{ url: "https://ada:pw@example.com/" }, "data.url"],
    [{ url, method: "CONNECT" }, "data.method"],
    [{ url, headers: { Host: "example.com" } }, "data.headers.Host"],
    [{ url, headers: { "X-A": "1\r\nX-B: 2" } }, "data.headers.X-A"],
    [{ url, headers: { "webhook-signature": "v1,forged" } }, "data.headers.webhook-signature"],
    [{ url, secret: "whsec_short" }, "data.secret"],
    [{ url, method: "GET", body: {} }, "data.body"],
    [{ url, secret: undefined }, "data.secret"],
    [{ url, metho: "GET" }, "data.metho"],
  ];

  for (const [data, path] of bad) {
    const error = await assertRejects(() => queue.add("webhook:send", data), InputTypeError);
    assertEquals(error.issues[0]?.path, path);
  }
  assertEquals((await queue.list()).jobs, []);
});

Deno.test("sendWebhook reaches no private address", async () => {
  await using server = serveLocally(() => new Response());
  await using queue = new Queue({ store: new MemoryStore() });
  queue.process(sendWebhook);
  const id = await queue.add(sendWebhook, { url: server.origin });

  await queue.drain();

  assertEquals((await queue.get(id))?.errors[0]?.name, "AddressRefusedError");
});
