import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { createApp } from "./app.ts";
import { ClosedError, StoreUnavailableError } from "./lib/errors.ts";
import { Queue } from "./lib/queue.ts";
import { Scheduler } from "./lib/scheduler.ts";
import type { Problem } from "./routes/middleware/problem.ts";
import { MemoryStore } from "./stores/memory.ts";
import { Api } from "./testing/api.ts";

const JOBS = "/api/admin/jobs";

Deno.test("An unknown path is answered with a problem", async () => {
  await using api = new Api();
  for (
    const path of [
      "/",
      "/api",
      "/api/admin",
      "/api/admin/nothing",
      "/health",
      "/favicon.ico",
      `${JOBS}/a/b`,
      `${JOBS}/`,
    ]
  ) {
    const { status, body, headers } = await api.call("GET", path);
    assertEquals([status, body.status, body.code, body.type], [404, 404, "not_found", "about:blank"], path);
    assertEquals(headers.get("Content-Type"), "application/problem+json", path);
    assertEquals(headers.get("X-Content-Type-Options"), "nosniff", path);
    assert(body.requestId !== undefined && headers.get("X-Request-Id") === body.requestId, path);
  }
});

Deno.test("A method that a path does not know is answered with 405 and the methods it knows", async () => {
  await using api = new Api();
  const cases: [string, string, string][] = [
    ["PUT", JOBS, "GET, POST, HEAD, OPTIONS"],
    ["DELETE", JOBS, "GET, POST, HEAD, OPTIONS"],
    ["POST", `${JOBS}/some-id`, "GET, PATCH, DELETE, HEAD, OPTIONS"],
    ["GET", `${JOBS}/some-id/retry`, "POST, OPTIONS"],
    ["POST", `${JOBS}/some-id/logs`, "GET, HEAD, OPTIONS"],
    ["PATCH", "/api/admin/workers", "GET, HEAD, OPTIONS"],
    ["GET", "/api/admin/workers/w1", "DELETE, OPTIONS"],
    ["DELETE", "/api/admin/queues/default/pause", "POST, OPTIONS"],
    ["PUT", "/api/admin/schedules", "GET, POST, HEAD, OPTIONS"],
    ["PUT", "/api/admin/schedules/a", "GET, PATCH, DELETE, HEAD, OPTIONS"],
    ["GET", "/api/admin/schedules/a/trigger", "POST, OPTIONS"],
    ["POST", "/api/admin/schedules/a/upcoming", "GET, HEAD, OPTIONS"],
    ["GET", "/api/admin/cron/preview", "POST, OPTIONS"],
    ["POST", "/health/live", "GET, HEAD, OPTIONS"],
    ["DELETE", "/health/ready", "GET, HEAD, OPTIONS"],
  ];
  for (const [method, path, allow] of cases) {
    const { status, body, headers } = await api.call(method, path);
    assertEquals([status, body.code], [405, "method_not_allowed"], `${method} ${path}`);
    assertEquals(headers.get("Allow"), allow, `${method} ${path}`);
  }
});

Deno.test("OPTIONS answers with the methods of a path, HEAD as GET without a body", async () => {
  await using api = new Api();

  const options = await api.call("OPTIONS", JOBS);
  assertEquals([options.status, options.headers.get("Allow")], [204, "GET, POST, HEAD, OPTIONS"]);
  assertEquals(options.headers.get("Access-Control-Allow-Origin"), null);

  const head = await api.call<unknown>("HEAD", JOBS);
  assertEquals([head.status, head.body], [200, ""]);
  assertEquals((await api.call("HEAD", `${JOBS}/none`)).status, 404);
  assertEquals((await api.call("HEAD", "/health/live", { role: null })).status, 200);
});

Deno.test("Every answer keeps browsers from sniffing, framing and storing it, and has an id", async () => {
  await using api = new Api();
  const answers = [
    await api.call("GET", JOBS),
    await api.call("GET", JOBS, { role: null }),
    await api.call("GET", JOBS, { role: "viewer" }),
    await api.call("POST", JOBS, { body: "{" }),
    await api.call("PUT", JOBS),
    await api.call("GET", "/health/live", { role: null }),
    await api.call("POST", "/api/admin/session", { role: null, body: { token: "admin-token" } }),
    await api.call("POST", "/api/admin/session", { role: null, body: {} }),
    await api.call("DELETE", "/api/admin/session", { role: null }),
    await api.call("PUT", "/api/admin/session", { role: null }),
  ];
  for (const { status, headers } of answers) {
    assertEquals(headers.get("X-Content-Type-Options"), "nosniff", String(status));
    assertEquals(headers.get("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
    assertEquals(headers.get("Cache-Control"), "no-store");
    assert(headers.get("X-Request-Id"));
  }
});

Deno.test("A body that ends early is refused, and stores nothing", async () => {
  await using api = new Api();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"type":"a"'));
      controller.error(new Error("connection lost"));
    },
  });

  assertEquals(await api.refusal("POST", JOBS, { body }), [400, "body_incomplete"]);
  assertEquals(await api.count(), 0);
});

Deno.test("A problem carries the request's id, which cannot smuggle anything in", async () => {
  await using api = new Api();
  const id = async (value: string) => {
    const { body, headers } = await api.call("GET", `${JOBS}/none`, { headers: { "X-Request-Id": value } });
    assertEquals(body.requestId, headers.get("X-Request-Id") ?? "");
    return body.requestId;
  };

  assertEquals(await id("abc-123"), "abc-123");
  for (const value of ["a b", "<script>", "a".repeat(300), "é", 'a"']) assert(await id(value) !== value);
});

Deno.test("A store that is away is answered with 503, and when to try again", async () => {
  for (const error of [new StoreUnavailableError("db at 10.0.0.5 said no"), new ClosedError("queue")]) {
    const store = new MemoryStore();
    for (
      const verb of [
        "insert",
        "get",
        "list",
        "stats",
        "workers",
        "queues",
        "setPaused",
        "record",
        "records",
        "commit",
      ] as const
    ) {
      store[verb] = () => Promise.reject<never>(error);
    }
    await using api = new Api({ queue: { store } });
    const calls: [string, string, unknown?][] = [
      ["GET", JOBS],
      ["POST", JOBS, { type: "a" }],
      ["POST", JOBS, [{ type: "a" }]],
      ["GET", `${JOBS}/some-id`],
      ["GET", `${JOBS}/stats`],
      ["GET", "/api/admin/workers"],
      ["GET", "/api/admin/queues"],
      ["POST", "/api/admin/queues/a/pause"],
      ["GET", "/api/admin/schedules"],
      ["POST", "/api/admin/schedules", { name: "a", expression: "@daily", job: { type: "a" } }],
      ["GET", "/api/admin/schedules/a"],
      ["POST", "/api/admin/schedules/a/trigger"],
    ];
    for (const [method, path, body] of calls) {
      const answer = await api.call(method, path, { body });
      assertEquals([answer.status, answer.body.code], [503, error.code], `${method} ${path}`);
      assertEquals(answer.headers.get("Retry-After"), "2");
      assert(!JSON.stringify(answer.body).includes("10.0.0.5"));
    }
  }
});

Deno.test("A bug is answered with 500 that shows neither message nor stack", async () => {
  const store = new MemoryStore();
  store.get = () => Promise.reject(new Error("hunter2 at /srv/secret.ts"));
  await using api = new Api({ queue: { store } });

  const { status, body, headers } = await api.call("GET", `${JOBS}/some-id`);

  assertEquals([status, body.code, headers.get("Retry-After")], [500, "internal", null]);
  assert(!/hunter2|secret|\.ts/.test(JSON.stringify(body)));
});

Deno.test("The API lives under its base path alone", async () => {
  await using api = new Api({ app: { basePath: "/ops/jobs" } });

  assertEquals((await api.call("GET", `/ops/jobs${JOBS}`)).status, 200);
  assertEquals((await api.call("GET", "/ops/jobs/health/live", { role: null })).status, 200);
  assertEquals((await api.call("PUT", `/ops/jobs${JOBS}`)).status, 405);
  assertEquals((await api.call("GET", JOBS)).status, 404);
  assertEquals((await api.call("GET", "/health/live")).status, 404);
  const { headers } = await api.call("POST", `/ops/jobs${JOBS}`, { body: { type: "a" } });
  assert(headers.get("Location")?.startsWith(`/ops/jobs${JOBS}/`));
});

Deno.test("Mounted in another app, the API keeps its errors and leaves other paths alone", async () => {
  await using queue = new Queue({ store: new MemoryStore() });
  const scheduler = new Scheduler(queue);
  const host = new Hono();
  host.use(async (c, next) => {
    c.set("user" as never, "ada" as never);
    await next();
  });
  host.route(
    "/tools/:tenant",
    createApp({ queue, scheduler, authorize: (c) => c.get("user") === "ada" ? "admin" : null }),
  );
  host.route("/", createApp({ queue, scheduler, authorize: () => null }));
  host.get("/api/admin/users", (c) => c.text("users"));
  host.get("/health", (c) => c.text("fine"));

  const jobs = `/tools/acme${JOBS}`;
  assertEquals((await host.request(jobs)).status, 200);
  const problem: Problem = await (await host.request(`${jobs}/none`)).json();
  assertEquals([problem.status, problem.code], [404, "not_found"]);
  assertEquals((await host.request(jobs, { method: "PUT" })).status, 405);
  assertEquals((await host.request(JOBS)).status, 401);
  assertEquals(await (await host.request("/api/admin/users")).text(), "users");
  assertEquals(await (await host.request("/health")).text(), "fine");
  assertEquals((await host.request("/nothing")).status, 404);

  const headers = { "Content-Type": "application/json" };
  const added = await host.request(jobs, { method: "POST", body: '{"type":"a"}', headers });
  assertEquals((await host.request(added.headers.get("Location") ?? "")).status, 200);
});

Deno.test("What authorize() of the host app throws is answered as it means it, a bug in it with 500", async () => {
  await using refusing = new Api({
    app: {
      authorize: () => {
        throw new HTTPException(429, { message: "Slow down" });
      },
    },
  });
  const { status, body } = await refusing.call("GET", JOBS);
  assertEquals([status, body.code, body.detail], [429, "http_error", "Slow down"]);

  await using broken = new Api({ app: { authorize: () => Promise.reject(new Error("hunter2")) } });
  const bug = await broken.call("GET", JOBS);
  assertEquals([bug.status, bug.body.code], [500, "internal"]);
});

Deno.test("A body that a middleware of the host app has read is read all the same", async () => {
  await using queue = new Queue({ store: new MemoryStore() });
  const scheduler = new Scheduler(queue);
  const host = new Hono();
  host.use(async (c, next) => {
    await c.req.text();
    await next();
  });
  host.route("/", createApp({ queue, scheduler, authorize: () => "admin" }));

  const headers = { "Content-Type": "application/json" };
  const answer = await host.request(JOBS, { method: "POST", body: '{"type":"read"}', headers });

  assertEquals((await answer.json()).type, "read");
  assertEquals((await host.request(JOBS, { method: "POST", body: '{"type":"read"}' })).status, 415);
});
