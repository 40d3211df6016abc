import { assert, assertEquals } from "@std/assert";
import { Api, type CallOptions } from "../testing/api.ts";
import type { Role } from "./middleware/auth.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";

/** Every route, its body, and who besides admins may use it. `:id` is the id of a job that a producer added. */
const ROUTES: [method: string, path: string, body: unknown, roles: Role[]][] = [
  ["GET", JOBS, undefined, ["viewer", "producer"]],
  ["HEAD", JOBS, undefined, ["viewer", "producer"]],
  ["POST", JOBS, { type: "a" }, ["producer"]],
  ["POST", JOBS, [{ type: "a" }], ["producer"]],
  ["GET", `${JOBS}/stats`, undefined, ["viewer"]],
  ["GET", `${JOBS}/:id`, undefined, ["viewer", "producer"]],
  ["GET", `${JOBS}/:id?wait=0`, undefined, ["viewer", "producer"]],
  ["GET", `${JOBS}/:id/logs`, undefined, ["viewer", "producer"]],
  ["PATCH", `${JOBS}/:id`, { priority: 1 }, []],
  ["DELETE", `${JOBS}/:id`, undefined, []],
  ["POST", `${JOBS}/:id/retry`, undefined, []],
  ["POST", `${JOBS}/:id/retry`, { data: 1 }, []],
  ["POST", `${JOBS}/:id/cancel`, undefined, []],
  ["POST", `${JOBS}/cleanup`, { olderThan: 0 }, []],
  ["POST", `${JOBS}/bulk`, { action: "cancel", filter: { type: "a" } }, []],
  ["GET", `${JOBS}/export`, undefined, ["viewer"]],
  ["GET", "/api/admin/audit", undefined, ["viewer"]],
  ["GET", "/api/admin/stats/history", undefined, ["viewer"]],
  ["GET", "/api/admin/stats/versions", undefined, ["viewer"]],
  ["GET", "/api/admin/errors", undefined, ["viewer"]],
  ["GET", "/metrics", undefined, ["viewer"]],
  ["GET", "/api/admin/workers", undefined, ["viewer"]],
  ["DELETE", "/api/admin/workers/w1", undefined, []],
  ["POST", "/api/admin/workers/cleanup", undefined, []],
  ["GET", "/api/admin/queues", undefined, ["viewer"]],
  ["POST", "/api/admin/queues/default/pause", undefined, []],
  ["POST", "/api/admin/queues/default/resume", undefined, []],
  ["GET", "/api/admin/schedules", undefined, ["viewer"]],
  ["POST", "/api/admin/schedules", { name: "a", expression: "@daily", job: { type: "a" } }, []],
  ["GET", "/api/admin/schedules/a", undefined, ["viewer"]],
  ["PATCH", "/api/admin/schedules/a", { enabled: false }, []],
  ["DELETE", "/api/admin/schedules/a", undefined, []],
  ["POST", "/api/admin/schedules/a/trigger", undefined, []],
  ["POST", "/api/admin/schedules/a/enable", undefined, []],
  ["POST", "/api/admin/schedules/a/disable", undefined, []],
  ["POST", "/api/admin/schedules/a/revert", undefined, []],
  ["GET", "/api/admin/schedules/a/upcoming", undefined, ["viewer"]],
  ["GET", "/api/admin/webhooks", undefined, ["viewer"]],
  ["POST", "/api/admin/webhooks", { url: "https://example.com" }, []],
  ["GET", "/api/admin/webhooks/a", undefined, ["viewer"]],
  ["PATCH", "/api/admin/webhooks/a", { enabled: false }, []],
  ["DELETE", "/api/admin/webhooks/a", undefined, []],
  ["POST", "/api/admin/webhooks/a/secret", undefined, []],
  ["GET", "/api/admin/webhooks/a/deliveries", undefined, ["viewer"]],
  ["POST", "/api/admin/webhooks/a/deliveries/b/resend", undefined, []],
  ["GET", "/api/admin/views", undefined, ["viewer"]],
  ["PUT", "/api/admin/views/a", { filter: "b" }, []],
  ["DELETE", "/api/admin/views/a", undefined, []],
  ["GET", "/api/admin/events", undefined, ["viewer"]],
  ["HEAD", "/api/admin/events", undefined, ["viewer"]],
  ["POST", "/api/admin/cron/preview", { expression: "@daily" }, ["viewer"]],
  ["GET", "/api/admin/openapi.json", undefined, ["viewer", "producer"]],
  ["GET", "/api/admin/docs", undefined, ["viewer", "producer"]],
  ["GET", "/api/admin/docs/style.css", undefined, ["viewer", "producer"]],
];

/** Routes for all: who uses them has no token yet, or needs none. */
const OPEN = [
  "GET /health/live",
  "GET /health/ready",
  "POST /api/admin/session",
  "DELETE /api/admin/session",
  "GET /_fresh/*",
  "GET /admin",
  "GET /admin/*",
  "POST /admin/login",
  "POST /admin/logout",
];

Deno.test("Every route there is stands in these lists", async () => {
  await using api = new Api();
  const isTold = (method: string, path: string) => {
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}(\\?|$)`);
    return ROUTES.some((route) => route[0] === method && pattern.test(route[1]));
  };
  const untold = api.routes
    .filter(({ method, path }) => method !== "ALL" && !isTold(method, path))
    .map(({ method, path }) => `${method} ${path}`);

  assertEquals([...new Set(untold)].sort(), OPEN.toSorted());
});

Deno.test("Each route that changes something refuses a session whose request comes from elsewhere", async () => {
  await using api = new Api();
  const { headers } = await api.call("POST", "/api/admin/session", {
    role: null,
    body: { token: "admin-token" },
  });
  const Cookie = headers.get("Set-Cookie")?.split(";")[0] ?? "";
  const changes = ROUTES.filter(([method]) => method !== "GET" && method !== "HEAD");
  const before = JSON.stringify((await api.queue.list()).jobs);

  for (const [method, path, body] of changes) {
    const elsewhere: Record<string, string>[] = [{}, { Origin: "https://evil.example" }, { Origin: "null" }];
    for (const from of elsewhere) {
      const options: CallOptions = { role: null, body, headers: { Cookie, ...from } };
      assertEquals(await api.refusal(method, path, options), [403, "cross_origin"], `${method} ${path}`);
    }
  }
  assertEquals(JSON.stringify((await api.queue.list()).jobs), before);
});

Deno.test("Each route lets in the roles it is for and admins, and nobody else", async () => {
  for (const [method, path, body, roles] of ROUTES) {
    for (const role of ["admin", "viewer", "producer", null] as const) {
      await using api = new Api();
      const added = await api.call<JobView>("POST", JOBS, { role: "producer", body: { type: "a" } });
      const before = JSON.stringify((await api.queue.list()).jobs);

      const { status } = await api.call(method, path.replace(":id", added.body.id), { role, body });

      const name = `${method} ${path} as ${role}`;
      if (role === null) assertEquals(status, 401, name);
      else if (role !== "admin" && !roles.includes(role)) assertEquals(status, 403, name);
      else assert(status < 300 || [404, 409].includes(status), `${name}: ${status}`);
      if (status === 401 || status === 403) {
        assertEquals(JSON.stringify((await api.queue.list()).jobs), before, name);
      }
    }
  }
});

Deno.test("Whoever may not do something learns nothing from a bad request either", async () => {
  await using api = new Api();
  const big = new Uint8Array(7 * 1024 * 1024);

  for (const body of ["{", big, { nonsense: 1 }]) {
    assertEquals(await api.refusal("POST", JOBS, { role: null, body }), [401, "unauthorized"]);
  }
  assertEquals(await api.refusal("PATCH", `${JOBS}/none`, { role: "viewer", body: { x: 1 } }), [
    403,
    "forbidden",
  ]);
  for (const path of ["/api/admin/jobs/x/y/z", "/api/admin/queues/a"]) {
    for (const method of ["GET", "OPTIONS", "PUT"]) {
      assertEquals((await api.call(method, path, { role: null })).status, 401, `${method} ${path}`);
    }
  }
});

Deno.test("No way of writing a path leads around the token", async () => {
  await using api = new Api();
  const paths = [
    "/api/admin/jobs/",
    "//api/admin/jobs",
    "/api//admin/jobs",
    "/api/admin/./jobs",
    "/health/../api/admin/jobs",
    "/health/live/../../api/admin/jobs",
    "/health/%2e%2e/api/admin/jobs",
    "/health/..%2fapi/admin/jobs",
    "/api/%61dmin/jobs",
    "/api/admin/%6aobs",
    "/api/admin/jobs%2f",
    "/API/ADMIN/JOBS",
    "/api/admin/jobs;a=1",
    "/api/admin/jobs%00",
    "/api/admin/jobs?token=admin-token",
    "/api/admin/jobs#",
    "http://localhost/api/admin/jobs",
  ];
  for (const path of paths) {
    const { status } = await api.call("GET", path, { role: null });
    assert(status === 401 || status === 404, `${path}: ${status}`);
  }
});

Deno.test("A producer sees the jobs it added and no others, however it asks", async () => {
  await using api = new Api();
  const producer: CallOptions = { role: "producer" };
  const foreign = await api.queue.add("a", { n: 1 }, { jobId: "foreign" });
  const own =
    (await api.call<JobView>("POST", JOBS, { ...producer, body: { type: "a", data: { n: 1 } } })).body;

  for (const query of ["", "?createdBy=admin", "?q=foreign", "?data.n=1", "?type=a", "?status=pending"]) {
    const { body } = await api.call<{ data: JobView[] }>("GET", JOBS + query, producer);
    const wanted = query === "?q=foreign" ? [] : [own.id];
    assertEquals(body.data.map(({ id }) => id), wanted, query);
  }
  for (const path of [`${JOBS}/${foreign}`, `${JOBS}/${foreign}?wait=10s`, `${JOBS}/${foreign}/logs`]) {
    const hidden = await api.call("GET", path, producer);
    const none = await api.call("GET", path.replace("foreign", "nothing"), producer);
    assertEquals([hidden.status, hidden.body.code], [404, "not_found"]);
    assertEquals(hidden.body.detail.replace("foreign", "nothing"), none.body.detail);
  }
  assertEquals((await api.call("GET", `${JOBS}/${own.id}`, producer)).status, 200);
});

Deno.test("A producer cannot pass for somebody else, nor touch jobs it may not see", async () => {
  await using api = new Api();
  const post = (options: unknown) => {
    return api.refusal("POST", JOBS, { role: "producer", body: { type: "b", options } });
  };
  const unique = { key: "k" };
  const id = await api.queue.add("a", { n: 1 }, { jobId: "foreign", unique, delay: 1000 });
  const before = await api.queue.get(id);

  assertEquals(await post({ createdBy: "admin" }), [400, "invalid_input", "options.createdBy"]);
  assertEquals(await post({ unique: { ...unique, onConflict: "replace" } }), [403, "forbidden"]);
  assertEquals(await post({ jobId: "foreign" }), [409, "id_taken"]);
  assertEquals(await post({ unique }), [409, "id_taken"]);
  const many = await api.refusal("POST", JOBS, {
    role: "producer",
    body: [{ type: "b" }, { type: "b", options: { createdBy: "x" } }],
  });
  assertEquals(many, [400, "invalid_input", "[1].options.createdBy"]);
  assertEquals(await api.queue.get(id), before);
  assertEquals(await api.count(), 1);
});

Deno.test("A producer may add neither jobs that delete what is stored nor those that schedules add", async () => {
  await using api = new Api();
  const refusal = (body: unknown) => api.refusal("POST", JOBS, { role: "producer", body });
  const types = ["cleanup", "cleanup:old-jobs", "cleanup:old-files", "cleanup:anything", "schedule:nightly"];

  for (const type of types) {
    assertEquals(await refusal({ type }), [403, "type_forbidden", "type"], type);
    assertEquals(await refusal([{ type: "a" }, { type }]), [403, "type_forbidden", "[1].type"], type);
  }
  const options = { jobId: "schedule:nightly@2026-01-01T03:00:00.000Z" };
  assertEquals(await refusal({ type: "a", options }), [403, "forbidden", "options.jobId"]);
  assertEquals(await api.count(), 0);

  for (const type of ["cleanups", "cleanup-mine", "my:cleanup", "Cleanup"]) {
    assertEquals((await api.call("POST", JOBS, { role: "producer", body: { type } })).status, 201, type);
  }
  for (const type of types) {
    assertEquals((await api.call("POST", JOBS, { body: { type } })).status, 201, type);
  }
});

Deno.test("What an Idempotency-Key of another role stands for stays hidden from a producer", async () => {
  await using api = new Api();
  const send = (role: Role) => {
    return api.call<JobView>("POST", JOBS, {
      role,
      body: { type: "a", data: role },
      headers: { "Idempotency-Key": "k" },
    });
  };

  assertEquals((await send("admin")).status, 201);
  const { status, body } = await send("producer");

  assertEquals(status, 409);
  assert(!JSON.stringify(body).includes("idem:"));
});

Deno.test("Of an admin and a producer that add the same id at once one has it, and the producer sees but its own", async () => {
  for (const roles of [["admin", "producer"], ["producer", "admin"]] as const) {
    await using api = new Api();
    const answers = await Promise.all(roles.map((role) => {
      const body = { type: "a", data: `of ${role}`, options: { jobId: "same" } };
      return api.call<JobView>("POST", JOBS, { role, body });
    }));

    const [admin, producer] = roles[0] === "admin" ? answers : answers.toReversed();
    assertEquals(answers.filter(({ status }) => status === 201).length, 1);
    assertEquals(producer?.status === 201 || producer?.status === 409, true);
    assert(!JSON.stringify(producer?.body).includes("of admin"));
    assert(admin?.status === 201 || admin?.status === 200);
  }
});

Deno.test("createdBy is the role, or what an admin says", async () => {
  await using api = new Api();
  const by = async (role: Role, options?: unknown) => {
    return (await api.call<JobView>("POST", JOBS, { role, body: { type: "a", options } })).body.createdBy;
  };

  assertEquals(await by("admin"), "admin");
  assertEquals(await by("producer"), "producer");
  assertEquals(await by("admin", { createdBy: "billing" }), "billing");
});

Deno.test("authorize() of the host app decides instead of tokens, and sees its context", async () => {
  await using api = new Api({
    app: { authorize: (c) => c.req.header("Cookie") === "user=ada" ? "admin" : null },
  });
  const ada = { Cookie: "user=ada" };

  assertEquals((await api.call("GET", JOBS)).status, 401);
  assertEquals((await api.call("GET", JOBS, { role: null, headers: ada })).status, 200);

  const body = { type: "a" };
  const cross = { ...ada, Origin: "https://evil.example" };
  assertEquals(await api.refusal("POST", JOBS, { role: null, headers: cross, body }), [403, "cross_origin"]);
  assertEquals(await api.refusal("POST", JOBS, { role: null, headers: ada, body }), [403, "cross_origin"]);
  assertEquals(await api.count(), 0);
  const own = { ...ada, Origin: "http://localhost" };
  assertEquals((await api.call("POST", JOBS, { role: null, headers: own, body })).status, 201);
});
