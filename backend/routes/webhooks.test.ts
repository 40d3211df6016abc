import { assert, assertEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { Webhooks } from "../lib/webhooks.ts";
import { serveLocally } from "../testing/local-server.ts";
import { Api } from "../testing/api.ts";
import { registerAllWorkers } from "../workers/index.ts";
import type { DeliveryView, WebhookView } from "./webhook-view.ts";

const WEBHOOKS = "/api/admin/webhooks";
const URL_GIVEN = "https://example.com/hooks?key=abcdef";

type WithSecret = WebhookView & { secret: string };

interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

async function create(api: Api, fields: Record<string, unknown> = {}): Promise<WithSecret> {
  const { status, body } = await api.call<WithSecret>("POST", WEBHOOKS, {
    body: { url: URL_GIVEN, ...fields },
  });
  assertEquals(status, 201);
  return body;
}

Deno.test("What becomes of a job added over HTTP is told, masked and signed, and seen in the deliveries", async () => {
  const received: { headers: Headers; body: string }[] = [];
  await using server = serveLocally(async (request) => {
    received.push({ headers: request.headers, body: await request.text() });
    return new Response("ok");
  });
  await using api = new Api();
  const webhooks = new Webhooks(api.queue, { allowPrivateUrls: true });
  registerAllWorkers(api.queue, { families: ["webhook"], allowPrivateUrls: true });
  api.queue.process("greet", () => ({ token: "hunter2", hello: "Ada" }));
  const { webhook, secret } = await webhooks.create({ url: server.origin, events: ["job.completed"] });
  const job = (await api.call<{ id: string }>("POST", "/api/admin/jobs", { body: { type: "greet" } })).body;
  await api.queue.drain();
  assertEquals(await webhooks.runOnce(), 1);
  await api.queue.drain();

  const [request] = received;
  assert(request !== undefined);
  const headers = Object.fromEntries(request.headers);
  // The library compares with the real time, which is not the test's: its signature is compared instead.
  const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
  const signed = new Webhook(secret).sign(headers["webhook-id"] ?? "", sentAt, request.body);
  assertEquals(headers["webhook-signature"], signed);
  const { data } = JSON.parse(request.body);
  assertEquals([data.job.id, data.job.result], [job.id, { token: "[redacted]", hello: "Ada" }]);
  const page = await api.call<Page<DeliveryView>>("GET", `${WEBHOOKS}/${webhook.id}/deliveries`);
  assertEquals(
    page.body.data.map(({ event, jobId, status, responseStatus }) => {
      return [event, jobId, status, responseStatus];
    }),
    [["job.completed", job.id, "completed", 200]],
  );
});

Deno.test("What a receiver answers is shown with secrets masked", async () => {
  await using server = serveLocally(() => new Response("token=hunter2 is wrong", { status: 500 }));
  await using api = new Api();
  const webhooks = new Webhooks(api.queue, { allowPrivateUrls: true });
  registerAllWorkers(api.queue, { families: ["webhook"], allowPrivateUrls: true });
  const { webhook } = await webhooks.create({ url: server.origin, events: ["job.added"] });
  await api.queue.add("a", null);
  await webhooks.runOnce();
  await api.queue.drain();

  const path = `${WEBHOOKS}/${webhook.id}`;
  const { lastError } = (await api.call<WebhookView>("GET", path)).body;
  const [delivery] = (await api.call<Page<DeliveryView>>("GET", `${path}/deliveries`)).body.data;
  for (const text of [lastError, delivery?.error]) {
    assert(text?.endsWith("answered 500: token=[redacted] is wrong"), text ?? "");
  }
});

Deno.test("POST /webhooks shows the secret, and nothing does so afterwards", async () => {
  await using api = new Api();
  const { status, body, headers } = await api.call<WithSecret>("POST", WEBHOOKS, {
    body: { url: URL_GIVEN, headers: { "X-Key": "hunter2" }, types: ["mail"] },
  });
  const { secret } = body;
  assertEquals([status, headers.get("Location")], [201, `${WEBHOOKS}/${body.id}`]);
  assertEquals(headers.get("Cache-Control"), "no-store");
  assert(secret.startsWith("whsec_"));
  assertEquals([body.url, body.headers, body.types, body.createdBy], [
    URL_GIVEN,
    { "X-Key": "[redacted]" },
    ["mail"],
    "admin",
  ]);
  const rotated = (await api.call<WithSecret>("POST", `${WEBHOOKS}/${body.id}/secret`)).body;
  await api.queue.add("mail:a", null);
  await new Webhooks(api.queue).runOnce();

  const paths = [
    WEBHOOKS,
    `${WEBHOOKS}/${body.id}`,
    `${WEBHOOKS}/${body.id}/deliveries`,
    "/api/admin/audit",
    "/api/admin/jobs?type=webhook",
    "/api/admin/jobs/export?type=webhook",
  ];
  for (const role of ["admin", "viewer"] as const) {
    for (const path of paths) {
      const answer = await api.call("GET", path, { role });
      assertEquals(answer.status, 200, path);
      const text = JSON.stringify(answer.body);
      for (const hidden of [secret, secret.slice(6), rotated.secret.slice(6), "hunter2"]) {
        assert(!text.includes(hidden), `${role} ${path}: ${hidden}`);
      }
      if (role === "viewer" || path.endsWith("audit")) assert(!text.includes("abcdef"), `${role} ${path}`);
    }
  }
  const viewed = await api.call<WebhookView>("GET", `${WEBHOOKS}/${body.id}`, { role: "viewer" });
  assertEquals(viewed.body.url, "https://example.com/hooks?[redacted]");
});

Deno.test("POST /webhooks names each refused field, repeats no secret and stores nothing", async () => {
  await using api = new Api();
  const post = (body: unknown) => api.refusal("POST", WEBHOOKS, { body });
  const url = "https://example.com";

  assertEquals(await post({}), [400, "invalid_input", "url"]);
  assertEquals(await post({ url, retries: 1 }), [400, "invalid_input", "retries"]);
  assertEquals(await post({ url: "http://127.0.0.1", tags: [""], headers: { Host: "x" } }), [
    400,
    "invalid_input",
    "url",
    "tags[0]",
    "headers.Host",
  ]);
  assertEquals(await post({ url: 1, enabled: 1, events: ["job.done"], types: "a" }), [
    400,
    "invalid_input",
    "url",
    "enabled",
    "events[0]",
    "types",
  ]);
  assertEquals(await post("{"), [400, "malformed_json", "body"]);
  assertEquals(await api.refusal("POST", `${WEBHOOKS}?x=1`, { body: { url } }), [400, "invalid_input", "x"]);
  const { body } = await api.call("POST", WEBHOOKS, { body: { url, secret: "hunter2" } });
  assert(!JSON.stringify(body).includes("hunter2"));
  assertEquals((await api.call<Page<WebhookView>>("GET", WEBHOOKS)).body.data, []);
});

Deno.test("POST /webhooks answers 409 when there are a hundred", async () => {
  await using api = new Api();
  for (let n = 0; n < 100; n++) await create(api);

  assertEquals(await api.refusal("POST", WEBHOOKS, { body: { url: URL_GIVEN } }), [409, "webhook_limit"]);
});

Deno.test("GET /webhooks lists in pages, in the order they were made", async () => {
  await using api = new Api();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await create(api)).id);
  const first = (await api.call<Page<WebhookView>>("GET", `${WEBHOOKS}?limit=3`)).body;
  const second =
    (await api.call<Page<WebhookView>>("GET", `${WEBHOOKS}?limit=3&cursor=${first.nextCursor}`)).body;

  assertEquals([...first.data, ...second.data].map(({ id }) => id), ids);
  assertEquals(second.nextCursor, null);
  for (const query of ["?limit=0", "?limit=201", "?limit=x"]) {
    assertEquals(await api.refusal("GET", WEBHOOKS + query), [400, "invalid_input", "limit"]);
  }
  assertEquals(await api.refusal("GET", `${WEBHOOKS}?cursor=x`), [400, "invalid_input", "cursor"]);
});

Deno.test("PATCH /webhooks/:id changes what is given, and DELETE removes it", async () => {
  await using api = new Api();
  const { id } = await create(api, { headers: { a: "1" } });
  const path = `${WEBHOOKS}/${id}`;

  const { status, body } = await api.call<WebhookView>("PATCH", path, {
    body: { enabled: false, headers: { a: "[redacted]", b: "2" } },
  });
  assertEquals([status, body.enabled, body.headers], [200, false, { a: "[redacted]", b: "[redacted]" }]);
  assertEquals(await api.refusal("PATCH", path, { body: {} }), [400, "invalid_input", "body"]);
  assertEquals(await api.refusal("PATCH", path, { body: { enabled: true, secret: "x" } }), [
    400,
    "invalid_input",
    "secret",
  ]);
  assertEquals(await api.refusal("PATCH", path, { body: { headers: { c: "[redacted]" } } }), [
    400,
    "invalid_input",
    "headers.c",
  ]);
  assertEquals((await api.call("DELETE", path)).status, 204);
  assertEquals((await api.call("GET", path)).status, 404);
});

Deno.test("POST /webhooks/:id/secret keeps the old one for a day, or as long as it is told", async () => {
  await using api = new Api();
  const { id, secret } = await create(api);
  const path = `${WEBHOOKS}/${id}/secret`;

  const { status, body } = await api.call<WithSecret>("POST", path);
  assertEquals([status, body.secret === secret, body.secrets.map(({ until }) => until)], [
    200,
    false,
    [null, "2026-01-02T00:00:00.000Z"],
  ]);
  const now = await api.call<WithSecret>("POST", path, { body: { oldValidFor: 0 } });
  assertEquals(now.body.secrets.length, 1);
  const given = await api.call<WithSecret>("POST", path, { body: { secret, oldValidFor: "1h" } });
  assertEquals([given.body.secret, given.body.secrets[1]?.until], [secret, "2026-01-01T01:00:00.000Z"]);
  assertEquals(await api.refusal("POST", path, { body: { oldValidFor: "25h" } }), [
    400,
    "invalid_input",
    "oldValidFor",
  ]);
  assertEquals(await api.refusal("POST", path, { body: { secret: "x" } }), [400, "invalid_input", "secret"]);
});

Deno.test("Each change of an endpoint is in the audit log, with who made it", async () => {
  await using api = new Api();
  const { id } = await create(api);
  await api.call("PATCH", `${WEBHOOKS}/${id}`, { body: { enabled: false } });
  await api.call("POST", `${WEBHOOKS}/${id}/secret`);
  await api.call("DELETE", `${WEBHOOKS}/${id}`);

  const { body } = await api.call<{ data: Record<string, unknown>[] }>(
    "GET",
    "/api/admin/audit?action=webhook",
  );

  assertEquals(body.data.map(({ action, subject, by }) => [action, subject, by]), [
    ["webhook.remove", id, "admin"],
    ["webhook.rotate", id, "admin"],
    ["webhook.update", id, "admin"],
    ["webhook.create", id, "admin"],
  ]);
  assertEquals(body.data[2]?.after, { enabled: false });
});

Deno.test("POST …/deliveries/:id/resend adds the same event again, once the first has ended", async () => {
  await using api = new Api();
  const webhooks = new Webhooks(api.queue);
  const { id } = await create(api, { events: ["job.added"] });
  await api.queue.add("a", null);
  await webhooks.runOnce();
  const deliveries = `${WEBHOOKS}/${id}/deliveries`;
  const [first] = (await api.call<Page<DeliveryView>>("GET", deliveries)).body.data;
  const path = `${deliveries}/${first?.id}/resend`;

  assertEquals(await api.refusal("POST", path), [409, "invalid_status"]);
  await api.queue.cancel(first?.id ?? "");
  const { status, body } = await api.call<DeliveryView>("POST", path);
  assertEquals([status, body.eventId, body.repeats, body.status], [
    201,
    first?.eventId,
    first?.id,
    "pending",
  ]);
  assertEquals(await api.refusal("POST", `${deliveries}/none/resend`), [404, "not_found"]);
  assertEquals(await api.refusal("POST", path, { body: { x: 1 } }), [400, "invalid_input", "x"]);
  await api.call("PATCH", `${WEBHOOKS}/${id}`, { body: { enabled: false } });
  assertEquals(await api.refusal("POST", path), [409, "invalid_status"]);
  const audit = await api.call<{ data: { action: string }[] }>(
    "GET",
    "/api/admin/audit?action=webhook.resend",
  );
  assertEquals(audit.body.data.length, 1);
});

Deno.test("GET …/deliveries takes status, limit and cursor, and nothing else", async () => {
  await using api = new Api();
  const { id } = await create(api, { events: ["job.added"] });
  for (let n = 0; n < 3; n++) await api.queue.add("a", null);
  await new Webhooks(api.queue).runOnce();
  const path = `${WEBHOOKS}/${id}/deliveries`;
  const first = (await api.call<Page<DeliveryView>>("GET", `${path}?limit=2`)).body;
  const second =
    (await api.call<Page<DeliveryView>>("GET", `${path}?limit=2&cursor=${first.nextCursor}`)).body;

  assertEquals([first.data.length, second.data.length, second.nextCursor], [2, 1, null]);
  const none = await api.call<Page<DeliveryView>>("GET", `${path}?status=failed&status=completed`);
  assertEquals(none.body.data, []);
  for (const query of ["limit=0", "cursor=x", "status=lost", "event=a"]) {
    assertEquals(
      await api.refusal("GET", `${path}?${query}`),
      [400, "invalid_input", query.split("=")[0]],
      query,
    );
  }
  assertEquals(await api.refusal("GET", `${WEBHOOKS}/${crypto.randomUUID()}/deliveries`), [404, "not_found"]);
});

Deno.test("Nobody but an admin can have the service send something in its name", async () => {
  await using api = new Api();
  const { id } = await create(api);
  const data = { endpoint: id, event: "evt_1", body: { type: "job.completed" } };
  const body = { type: "webhook:deliver", data };

  assertEquals(await api.refusal("POST", "/api/admin/jobs", { role: "producer", body }), [
    403,
    "type_forbidden",
    "type",
  ]);
  assertEquals(await api.count(), 0);
});
