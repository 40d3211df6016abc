import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { serveLocally } from "../testing/local-server.ts";
import { WebhookSetup } from "../testing/webhook-setup.ts";

Deno.test("webhook:send retries what may succeed later, after ten seconds and then longer", async () => {
  for (const status of [408, 409, 425, 429, 500, 502, 503, 504]) {
    await using setup = new WebhookSetup();
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
  await using setup = new WebhookSetup();
  setup.answers = [() => new Response(null, { status: 500 })];

  let job = await setup.send({});
  while (job.status === "retrying") {
    setup.clock.advance(job.scheduledAt - setup.clock.now());
    job = await setup.runAgain(job.id);
  }

  assertEquals([job.status, job.attempt, setup.requests.length], ["failed", 10, 10]);
});

Deno.test("webhook:send waits as long as Retry-After says, and pays the attempt", async () => {
  await using setup = new WebhookSetup();
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
    await using setup = new WebhookSetup();
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
  await using setup = new WebhookSetup();
  const nowhere = "http://127.0.0.1:1/hook?token=hunter2";

  const job = await setup.send({ url: nowhere });

  assertEquals(job.status, "retrying");
  assertMatch(job.errors[0]?.message ?? "", /^Cannot reach http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
});

Deno.test("webhook:send retries when the name cannot be resolved", async () => {
  const resolve = () => Promise.reject(new Error("getaddrinfo ENOTFOUND hook.example"));
  await using setup = new WebhookSetup({ resolve });

  const job = await setup.send({ url: "https://hook.example/" });

  assertEquals(job.status, "retrying");
  assertStringIncludes(
    job.errors[0]?.message ?? "",
    "Cannot reach https://hook.example: getaddrinfo ENOTFOUND",
  );
});

Deno.test("webhook:send ends an attempt that takes longer than 30 seconds, and tries again", async () => {
  await using setup = new WebhookSetup();
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

Deno.test("webhook:send shows no secret in errors, though the receiver repeats the request", async () => {
  await using setup = new WebhookSetup();
  const data = {
    url: `${setup.url}?token=hunter2-token`,
    headers: { "X-Api-Key": "hunter2-key" },
    secret: "hunter2-secret",
  };
  setup.answers = [() => new Response(JSON.stringify(data), { status: 400 })];

  const { errors } = await setup.send(data);

  assert(!JSON.stringify(errors).includes("hunter2"), JSON.stringify(errors));
});
