import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { InferRequestType, InferResponseType } from "hono/client";
import { type ApiClient, ApiError, type ClientOptions, createClient } from "./client.ts";
import type { ListedSchedule, ScheduleView } from "./routes/schedule-view.ts";
import { Api } from "./testing/api.ts";
import { serveLocally } from "./testing/local-server.ts";
import { withoutComments } from "./testing/sources.ts";

const token = "admin-token";

/** A client of `api`, in this process. */
function clientOf(api: Api, options: ClientOptions = { token }) {
  const { admin } = createClient("http://localhost", { fetch: api.fetch, ...options }).api;
  return admin;
}

Deno.test("A client adds a job, finds it, retries it and reads its statistics over the network", async () => {
  await using api = new Api();
  await using server = serveLocally((request) => api.fetch(request));
  const { jobs, errors, stats, workers, queues, audit } = createClient(server.origin, { token }).api.admin;

  const added = await jobs.$post({
    json: { type: "mail", data: { to: "ada" }, options: { jobId: "a" } },
  });
  const job = await added.json();
  assert("id" in job);
  job.status satisfies
    | "pending"
    | "scheduled"
    | "running"
    | "retrying"
    | "completed"
    | "failed"
    | "cancelled";
  assertEquals([added.status, job.id, job.data], [201, "a", { to: "ada" }]);
  const many = await (await jobs.$post({ json: [{ type: "mail" }, { type: "sms" }] })).json();
  assertEquals("ids" in many && many.ids.length, 2);

  const query = { type: "mail", status: ["pending" as const], "data.to": "ada", limit: "5" };
  const page = await (await jobs.$get({ query })).json();
  page.data[0]?.errors satisfies { message: string }[] | undefined;
  assertEquals([page.data.map(({ id }) => id), page.nextCursor], [["a"], null]);

  const whole = await (await jobs[":id"].$get({ param: { id: "a" } })).json();
  whole.waitsFor satisfies { reason: string; message: string }[];
  assertEquals(whole.waitsFor[0]?.reason, "no_worker");
  await (await jobs[":id"].$delete({ param: { id: "a" } })).text();
  const again = await (await jobs[":id"].retry.$post({ param: { id: "a" } })).json();
  assertEquals(again.status, "pending");

  const counts = await (await jobs.stats.$get()).json();
  counts.byQueue satisfies Record<string, { pending: number }>;
  assertEquals(counts.pending, 3);
  const history = await (await stats.history.$get({ query: { range: "1h" } })).json();
  history.data satisfies { at: string; run: { p95: number } | null }[];
  assertEquals(history.data.length, 60);
  const causes = await (await errors.$get()).json();
  causes.data satisfies { fingerprint: string; count: number }[];
  assertEquals(causes.groups, 0);
  const everyone = await (await workers.$get()).json();
  everyone.data satisfies { id: string; status: "running" | "draining" | "dead" }[];
  assertEquals(everyone.data, []);
  const paused = await (await queues[":name"].pause.$post({ param: { name: "default" } })).json();
  assertEquals([paused.paused, paused.pause?.by, paused.pause?.note], [true, "admin", null]);
  const json = { note: "ACME is down" };
  const said = await (await queues[":name"].pause.$post({ param: { name: "default" }, json })).json();
  said.pause satisfies { at: string | null; by: string | null; note: string | null } | null;
  assertEquals(said.pause?.note, "ACME is down");
  const entries = await (await audit.$get({ query: { action: "queue.pause" } })).json();
  entries.data satisfies { by: string; subject: string | null }[];
  assertEquals(entries.data[0]?.subject, "default");
});

Deno.test("A client makes, lists, triggers, changes and removes schedules, and explains expressions", async () => {
  await using api = new Api();
  const { schedules, cron } = clientOf(api);
  const param = { name: "reports/nightly & more" };

  const made = await (await schedules.$post({
    json: { ...param, expression: "0 3 * * *", job: { type: "report" } },
  })).json();
  made satisfies ScheduleView;
  assertEquals(made.state, "active");
  const listed = await (await schedules.$get({ query: { state: "active" } })).json();
  listed.data satisfies ListedSchedule[];
  assertEquals(listed.data.length, 1);
  const one = schedules[":name"];
  const { jobId } = await (await one.trigger.$post({ param })).json();
  assert(jobId.startsWith("schedule:"), jobId);
  const changed = await (await one.$patch({ param, json: { overlap: "queue" } })).json();
  assertEquals(changed.overlap, "queue");
  assertEquals((await (await one.disable.$post({ param })).json()).state, "disabled");
  assertEquals((await (await one.enable.$post({ param })).json()).state, "active");
  assertEquals((await (await one.upcoming.$get({ param, query: { count: "3" } })).json()).data.length, 3);
  assertEquals((await one.$delete({ param })).status, 204);
  const preview = await (await cron.preview.$post({ json: { expression: "@daily" } })).json();
  assertEquals(preview.next.length, 10);
});

Deno.test("A client makes, lists and removes webhooks", async () => {
  await using api = new Api();
  const { webhooks } = clientOf(api);

  const made = await (await webhooks.$post({ json: { url: "https://example.com/hooks" } })).json();
  made.id satisfies string;
  const { data } = await (await webhooks.$get()).json();
  assertEquals(data.map(({ id, url }) => [id, url]), [[made.id, "https://example.com/hooks"]]);
  const changed = await webhooks[":id"].$patch({ param: { id: made.id }, json: { enabled: false } });
  assertEquals((await changed.json()).enabled, false);
  assertEquals((await webhooks[":id"].$delete({ param: { id: made.id } })).status, 204);
});

Deno.test("A client throws what is refused, with its status, its code and every wrong field", async () => {
  await using api = new Api();
  const { jobs } = clientOf(api);

  const bad = await assertRejects(() => jobs.$post({ json: { type: "" } }), ApiError);
  assertEquals([bad.status, bad.code, bad.problem.errors?.[0]?.path], [400, "invalid_input", "type"]);
  const none = await assertRejects(() => jobs[":id"].$get({ param: { id: "none" } }), ApiError, "none");
  assertEquals([none.status, none.code, none.retryAfter], [404, "not_found", null]);
  const unknown = await assertRejects(() => clientOf(api, {}).jobs.$get(), ApiError);
  assertEquals(unknown.status, 401);

  for (const [value, seconds] of [["7", 7], ["Wed, 21 Oct 2026 07:28:00 GMT", null]] as const) {
    const proxy = () =>
      new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Retry-After": value } });
    const away = await assertRejects(() => clientOf(api, { fetch: proxy }).jobs.$get(), ApiError, "502");
    assertEquals([away.status, away.code, away.retryAfter], [502, "http_error", seconds]);
  }
});

Deno.test("A client sends what it is to send with each request, and can be stopped", async () => {
  await using api = new Api();
  let cookie = "user=ada";
  const seen: (string | null)[][] = [];
  const admin = clientOf(api, {
    headers: () => ({ Cookie: cookie }),
    fetch: (url, init) => {
      const { pathname, search } = new URL(String(url));
      seen.push([`${pathname}${search}`, new Headers(init?.headers).get("Cookie")]);
      init?.signal?.throwIfAborted();
      return Response.json({});
    },
  });

  await admin.jobs.$get();
  cookie = "user=bob";
  await admin.schedules[":name"].$get({ param: { name: "../jobs?x=1#/" } });
  const over = { init: { signal: AbortSignal.abort(new Error("gone")) } };
  await assertRejects(() => admin.jobs.$get({}, over), Error, "gone");

  assertEquals(seen.slice(0, 2), [
    ["/api/admin/jobs", "user=ada"],
    ["/api/admin/schedules/..%2Fjobs%3Fx%3D1%23%2F", "user=bob"],
  ]);
});

Deno.test("A client refuses parameters that would fall out of their path", async () => {
  await using api = new Api();
  const { jobs } = clientOf(api);

  for (const id of ["", ".", ".."]) {
    assertThrows(() => jobs[":id"].$delete({ param: { id } }), RangeError, `"id"`);
  }
  assertEquals(jobs[":id"].$url({ param: { id: "a b" } }).pathname, "/api/admin/jobs/a%20b");
});

Deno.test("Under a path of its own, and in a page, the client asks there", async () => {
  const seen: string[] = [];
  const fetch = (url: string | URL | Request) => {
    seen.push(String(url));
    return Response.json({});
  };
  for (const base of ["https://example.com/ops", "https://example.com/ops/", "/ops", ""]) {
    await createClient(base, { fetch }).api.admin.jobs.$get();
  }

  const path = "/api/admin/jobs";
  const own = `https://example.com/ops${path}`;
  assertEquals(seen, [own, own, `/ops${path}`, path]);
});

Deno.test("A page that imports the client loads none of the backend", () => {
  const code = withoutComments(Deno.readTextFileSync(new URL("./client.ts", import.meta.url)));

  const loaded = [...code.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)"/gm)];
  assertEquals(loaded.map(([, from]) => from), []);
});

Deno.test("What the client takes and gives is known to the compiler", () => {
  type Jobs = ApiClient["api"]["admin"]["jobs"];
  type Retry = InferRequestType<Jobs[":id"]["retry"]["$post"]>;
  ({ param: { id: "a" }, json: { data: [1] } }) satisfies Retry;
  // @ts-expect-error: it is a string
  ({ param: { id: 1 } }) satisfies Retry;
  // @ts-expect-error: there is no such status
  ({ query: { status: "done" } }) satisfies InferRequestType<Jobs["$get"]>;
  // @ts-expect-error: there is no such option
  ({ json: { type: "a", options: { prio: 1 } } }) satisfies InferRequestType<Jobs["$post"]>;
  // @ts-expect-error: nor among many
  ({ json: [{ type: "a", options: { prio: 1 } }] }) satisfies InferRequestType<Jobs["$post"]>;
  // @ts-expect-error: a job always has an id
  ({ data: [{}], nextCursor: null }) satisfies InferResponseType<Jobs["$get"]>;
});
