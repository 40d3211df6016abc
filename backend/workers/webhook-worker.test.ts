import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../lib/clock.ts";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import type { Job } from "../lib/job.ts";
import { Queue } from "../lib/queue.ts";
import { MemoryStore } from "../stores/memory.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { type LocalServer, serveLocally } from "../testing/local-server.ts";
import type { WebhookData } from "./webhook-worker.ts";
import {
  defineWebhook,
  enqueueCustomWebhook,
  enqueuePaymentWebhook,
  enqueueUserWebhook,
  sendWebhook,
  type WebhookOptions,
} from "./webhook-worker.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** A queue that sends webhooks, and a server that gets them. */
class Setup implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly queue: Queue;
  readonly requests: { method: string; path: string; headers: Headers; body: string }[] = [];
  /** What the server answers, one after the other; the last for ever. */
  answers: (() => Response)[] = [() => new Response("ok")];
  readonly #server: LocalServer;

  constructor(options: WebhookOptions = { allowPrivateUrls: true }, now?: number) {
    this.clock = new FakeClock(now);
    this.queue = new Queue({ store: new MemoryStore(), clock: this.clock });
    this.queue.process(defineWebhook({ clock: this.clock, ...options }));
    this.#server = serveLocally(async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      this.requests.push({ method, path: pathname + search, headers, body: await request.text() });
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      return answer?.() ?? new Response();
    });
  }

  get url(): string {
    return `${this.#server.origin}/hook`;
  }

  /** Adds a job and runs it once. */
  async send(data: Omit<WebhookData, "url"> & { url?: string }): Promise<Job> {
    const id = await this.queue.add("webhook:send", { url: this.url, ...data });
    return await this.runAgain(id);
  }

  /** Runs what is due. */
  async runAgain(id: string): Promise<Job> {
    await this.queue.drain();
    const job = await this.queue.get(id);
    assert(job !== null);
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue.stop();
    await this.#server[Symbol.asyncDispose]();
  }
}

Deno.test("webhook:send posts JSON and completes with the status", async () => {
  await using setup = new Setup();
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
  await using setup = new Setup({ allowPrivateUrls: true }, systemClock.now());
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
  await using setup = new Setup();
  await setup.send({ body: {} });

  assertEquals(setup.requests[0]?.headers.has("webhook-signature"), false);
});

Deno.test("webhook:send keeps its id over attempts and signs each with its own time", async () => {
  await using setup = new Setup();
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
  await using setup = new Setup();
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

Deno.test("webhook:send retries what may succeed later, after ten seconds and then longer", async () => {
  for (const status of [408, 409, 425, 429, 500, 502, 503, 504]) {
    await using setup = new Setup();
    setup.answers = [() => new Response("busy", { status })];

    const job = await setup.send({});

    assertEquals([job.status, job.attempt], ["retrying", 1], String(status));
    const wait = job.scheduledAt - setup.clock.now();
    assert(wait >= 9_000 && wait <= 11_000, `${wait} ms`);
    const [error] = job.errors;
    assertEquals(error?.name, "DeliveryError");
    assertMatch(error?.message ?? "", new RegExp(`^http://127\\.0\\.0\\.1:\\d+ answered ${status}: busy$`));
  }
});

Deno.test("webhook:send fails after its tenth attempt", async () => {
  await using setup = new Setup();
  setup.answers = [() => new Response(null, { status: 500 })];

  let job = await setup.send({});
  while (job.status === "retrying") {
    setup.clock.advance(job.scheduledAt - setup.clock.now());
    job = await setup.runAgain(job.id);
  }

  assertEquals([job.status, job.attempt, setup.requests.length], ["failed", 10, 10]);
});

Deno.test("webhook:send waits as long as Retry-After says, and pays the attempt", async () => {
  await using setup = new Setup();
  const date = new Date(setup.clock.now() + 120_000).toUTCString();
  const expected = { "2": 2_000, "7200": 7_200_000, "999999": 86_400_000, "0": 1_000, [date]: 120_000 };

  for (const [retryAfter, ms] of Object.entries(expected)) {
    setup.answers = [() => new Response(null, { status: 429, headers: { "retry-after": retryAfter } })];
    const job = await setup.send({});
    const wait = job.scheduledAt - setup.clock.now();
    assert(wait >= ms && wait <= ms * 1.1 + 1, `${retryAfter}: ${wait} ms`);
    assertEquals([job.status, job.attempt], ["retrying", 1]);
  }
});

Deno.test("webhook:send fails at once on any other answer, with the status and the answer's beginning", async () => {
  for (const status of [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 422]) {
    await using setup = new Setup();
    const body = status === 304 ? null : `no: ${"x".repeat(2_000)}`;
    setup.answers = [() => new Response(body, { status, headers: { location: "/elsewhere" } })];

    const job = await setup.send({});

    assertEquals([job.status, job.attempt, setup.requests.length], ["failed", 1, 1], String(status));
    assertStringIncludes(
      job.errors[0]?.message ?? "",
      body === null ? "answered 304" : `answered ${status}: no: xxx`,
    );
  }
});

Deno.test("webhook:send retries when nobody answers, and says why", async () => {
  await using setup = new Setup();
  const nowhere = "http://127.0.0.1:1/hook?token=hunter2";

  const job = await setup.send({ url: nowhere });

  assertEquals(job.status, "retrying");
  assertMatch(job.errors[0]?.message ?? "", /^Cannot reach http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
});

Deno.test("webhook:send retries when the name cannot be resolved", async () => {
  const resolve = () => Promise.reject(new Error("getaddrinfo ENOTFOUND hook.example"));
  await using setup = new Setup({ resolve });

  const job = await setup.send({ url: "https://hook.example/" });

  assertEquals(job.status, "retrying");
  assertStringIncludes(
    job.errors[0]?.message ?? "",
    "Cannot reach https://hook.example: getaddrinfo ENOTFOUND",
  );
});

Deno.test("webhook:send ends an attempt that takes longer than 30 seconds, and tries again", async () => {
  await using setup = new Setup();
  const answer = Promise.withResolvers<Response>();
  await using slow = serveLocally(() => answer.promise);
  const id = await setup.queue.add("webhook:send", { url: slow.origin });

  const drained = setup.queue.drain();
  await setup.clock.asleep(1);
  setup.clock.advance(30_000);
  await drained;
  answer.resolve(new Response());

  const job = await setup.queue.get(id);
  assertEquals([job?.status, job?.errors[0]?.name], ["retrying", "TimeoutError"]);
});

Deno.test("webhook:send refuses private addresses unless they are allowed, without retries", async () => {
  const resolve = () => Promise.resolve([{ address: "10.0.0.7", family: 4 }]);
  await using setup = new Setup({ resolve });

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
  await using setup = new Setup({ allowPrivateUrls: true, resolve, ca: certificate.cert });

  const good = await setup.send({ url: `https://hook.example:${server.port}/` });
  const bad = await setup.send({ url: `https://other.example:${server.port}/` });

  assertEquals([good.status, bad.status], ["completed", "retrying"]);
  assertStringIncludes(bad.errors[0]?.message ?? "", "certificate");
});

Deno.test("webhook:send shows no secret in errors, though the receiver repeats the request", async () => {
  await using setup = new Setup();
  const data = {
    url: `${setup.url}?token=hunter2-token`,
    headers: { "X-Api-Key": "hunter2-key" },
    secret: "hunter2-secret",
  };
  setup.answers = [() => new Response(JSON.stringify(data), { status: 400 })];

  const { errors } = await setup.send(data);

  assert(!JSON.stringify(errors).includes("hunter2"), JSON.stringify(errors));
});

Deno.test("webhook:send refuses bad data by its field, and stores nothing", async () => {
  await using setup = new Setup();
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

Deno.test("enqueueUserWebhook() sends the event in the form of Standard Webhooks", async () => {
  await using setup = new Setup();
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
  await using setup = new Setup();
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
  await using setup = new Setup();

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
  await using setup = new Setup();
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

Deno.test("sendWebhook reaches no private address", async () => {
  await using server = serveLocally(() => new Response());
  await using queue = new Queue({ store: new MemoryStore() });
  queue.process(sendWebhook);
  const id = await queue.add(sendWebhook, { url: server.origin });

  await queue.drain();

  assertEquals((await queue.get(id))?.errors[0]?.name, "AddressRefusedError");
});
