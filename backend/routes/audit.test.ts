import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { createApp } from "../app.ts";
import { StoreUnavailableError } from "../lib/errors.ts";
import { Queue } from "../lib/queue.ts";
import { MASK } from "../lib/redact.ts";
import { SavedViews } from "../lib/saved-views.ts";
import { Scheduler } from "../lib/scheduler.ts";
import { MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";
import { AUDIT, entriesOf, type Entry, type Page, scheduled, waiting } from "../testing/audit-entries.ts";
import { makeReport } from "../testing/factories.ts";
import { audited } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { inOrder } from "./middleware/checks.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";
const SCHEDULES = "/api/admin/schedules";

/** A request that changes something, and the entry it must leave: its action and its subject. */
interface Case {
  path: string;
  body?: unknown;
  entry: [action: string, subject: string | null];
  /** Makes what the request is about. */
  prepare?(api: Api): Promise<unknown>;
}

async function finished(api: Api): Promise<void> {
  await api.queue.cancel(await api.queue.add("a", { token: "s1", n: 1 }, { jobId: "j" }));
  api.clock.advance(1);
}

/** Every route that changes something. */
const CASES: Record<string, Case[]> = {
  [`PATCH ${JOBS}/:id`]: [{
    path: `${JOBS}/j`,
    body: { priority: 3 },
    entry: ["job.update", "j"],
    prepare: waiting,
  }],
  [`DELETE ${JOBS}/:id`]: [
    { path: `${JOBS}/j`, entry: ["job.cancel", "j"], prepare: waiting },
    { path: `${JOBS}/j`, entry: ["job.remove", "j"], prepare: finished },
  ],
  [`POST ${JOBS}/:id/retry`]: [{ path: `${JOBS}/j/retry`, entry: ["job.retry", "j"], prepare: finished }],
  [`POST ${JOBS}/:id/cancel`]: [{ path: `${JOBS}/j/cancel`, entry: ["job.cancel", "j"], prepare: waiting }],
  [`POST ${JOBS}/cleanup`]: [{
    path: `${JOBS}/cleanup`,
    body: { olderThan: 0 },
    entry: ["job.cleanup", null],
  }],
  ["DELETE /api/admin/workers/:id"]: [{
    path: "/api/admin/workers/memory-1",
    entry: ["worker.stop", "memory-1"],
    prepare: async (api) => {
      await api.queue.ready();
      await api.store.heartbeat(makeReport(), api.clock.now());
    },
  }],
  ["POST /api/admin/workers/cleanup"]: [{
    path: "/api/admin/workers/cleanup",
    entry: ["worker.cleanup", null],
  }],
  ["POST /api/admin/queues/:name/pause"]: [{
    path: "/api/admin/queues/q/pause",
    entry: ["queue.pause", "q"],
  }],
  ["POST /api/admin/queues/:name/resume"]: [{
    path: "/api/admin/queues/q/resume",
    entry: ["queue.resume", "q"],
  }],
  ["PUT /api/admin/views/:name"]: [{
    path: "/api/admin/views/v",
    body: { filter: "status:failed" },
    entry: ["view.save", "v"],
  }],
  ["DELETE /api/admin/views/:name"]: [{
    path: "/api/admin/views/v",
    entry: ["view.remove", "v"],
    prepare: (api) => new SavedViews(api.queue).save({ name: "v", filter: "a" }, "admin"),
  }],
  [`POST ${SCHEDULES}`]: [{
    path: SCHEDULES,
    body: { name: "s", expression: "@daily", job: { type: "a" } },
    entry: ["schedule.create", "s"],
  }],
  [`PATCH ${SCHEDULES}/:name`]: [{
    path: `${SCHEDULES}/s`,
    body: { expression: "@hourly" },
    entry: ["schedule.update", "s"],
    prepare: scheduled,
  }],
  [`DELETE ${SCHEDULES}/:name`]: [{
    path: `${SCHEDULES}/s`,
    entry: ["schedule.remove", "s"],
    prepare: scheduled,
  }],
  [`POST ${SCHEDULES}/:name/trigger`]: [{
    path: `${SCHEDULES}/s/trigger`,
    entry: ["schedule.trigger", "s"],
    prepare: scheduled,
  }],
  [`POST ${SCHEDULES}/:name/enable`]: [{
    path: `${SCHEDULES}/s/enable`,
    entry: ["schedule.enable", "s"],
    prepare: scheduled,
  }],
  [`POST ${SCHEDULES}/:name/disable`]: [{
    path: `${SCHEDULES}/s/disable`,
    entry: ["schedule.disable", "s"],
    prepare: scheduled,
  }],
  [`POST ${SCHEDULES}/:name/revert`]: [{
    path: `${SCHEDULES}/s/revert`,
    entry: ["schedule.revert", "s"],
    prepare: async (api) => {
      api.scheduler.schedule("s", "@daily", { type: "a", data: 1 });
      await api.scheduler.runOnce();
    },
  }],
};

/** Routes that are no reads and leave no entry, or one whose subject is not known before, and why. */
const OTHERS: Record<string, string> = {
  [`POST ${JOBS}`]: "each job says in createdBy who added it",
  [`POST ${JOBS}/bulk`]: "its subject is a new id: it has a test of its own",
  ["POST /api/admin/webhooks"]: "its subject is a new id: webhooks.test.ts looks at it",
  ["PATCH /api/admin/webhooks/:id"]: "likewise",
  ["DELETE /api/admin/webhooks/:id"]: "likewise",
  ["POST /api/admin/webhooks/:id/secret"]: "likewise",
  ["POST /api/admin/webhooks/:id/deliveries/:deliveryId/resend"]: "likewise",
  ["POST /api/admin/cron/preview"]: "stores nothing",
  ["POST /api/admin/session"]: "its subject is a new id: session.test.ts looks at it",
  ["DELETE /api/admin/session"]: "likewise",
  ["POST /admin/login"]: "likewise: login.test.ts looks at it",
  ["POST /admin/logout"]: "likewise",
};

Deno.test("Every route that changes something leaves an entry, or there is a reason why not", () => {
  const queue = new Queue({ store: new MemoryStore() });
  const scheduler = new Scheduler(queue);
  const authorize = { tokens: () => Promise.reject(new Error("Nobody asks")) };
  const { routes } = createApp({ queue, scheduler, authorize });
  const names = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  const changing = [...names].filter((name) => !/^(ALL|GET|HEAD|OPTIONS) /.test(name));

  assertEquals(changing.filter((name) => !(name in CASES) && !(name in OTHERS)), []);
  assertEquals(Object.keys(CASES).filter((name) => !names.has(name)), []);
  assert(changing.length >= Object.keys(CASES).length);
});

Deno.test("Each change leaves one entry with who, what, when and the request's id; a failed one leaves none", async () => {
  for (const [name, cases] of Object.entries(CASES)) {
    for (const { path, body, entry, prepare } of cases) {
      await using api = new Api();
      const method = name.split(" ")[0] ?? "";
      await prepare?.(api);
      assertEquals((await api.call(method, path, { body, role: "viewer" })).status, 403, name);
      assertEquals(await entriesOf(api), [], name);

      const { status, headers } = await api.call(method, path, { body });

      assert(status < 300, `${name}: ${status}`);
      const entries = await entriesOf(api);
      assertEquals(entries.map(({ action, subject }) => [action, subject]), [entry], name);
      assertEquals(entries[0]?.by, "admin");
      assertEquals(entries[0]?.at, new Date(api.clock.now()).toISOString());
      assertEquals(entries[0]?.requestId, headers.get("X-Request-Id"));
    }
  }
});

Deno.test("Plain adds, reads, dry runs and refused requests leave no entry", async () => {
  await using api = new Api();
  await api.call("POST", JOBS, { body: { type: "a" } });
  await api.call("POST", JOBS, { body: [{ type: "a" }] });
  await api.call("GET", JOBS);
  await api.call("POST", "/api/admin/cron/preview", { body: { expression: "@daily" } });
  await api.call("POST", `${JOBS}/bulk`, { body: { action: "cancel", ids: ["a"], dryRun: true } });
  await api.call("POST", `${JOBS}/none/retry`);
  await api.call("PATCH", `${JOBS}/none`, { body: {} });

  assertEquals(await entriesOf(api), []);
});

Deno.test("An entry holds what changed, as it was and as it became, secrets masked", async () => {
  await using api = new Api();
  await waiting(api);
  await api.call("PATCH", `${JOBS}/j`, { body: { priority: 3 } });
  await api.call("DELETE", `${JOBS}/j`);
  await api.call("DELETE", `${JOBS}/j`);
  await finished(api);
  const edited = { token: MASK, n: 2 };
  const { body } = await api.call<JobView>("POST", `${JOBS}/j/retry`, { body: { data: edited } });
  const bulk = await api.call<{ id: string }>("POST", `${JOBS}/bulk`, {
    body: { action: "remove", filter: { status: "failed", data: { n: "1" } } },
  });

  const [asked, repeated, removed, cancelled, updated] = await entriesOf(api);

  assertEquals([updated?.before, updated?.after], [{ priority: 0 }, { priority: 3 }]);
  assertEquals([cancelled?.before?.status, cancelled?.after?.status], ["pending", "cancelled"]);
  assertEquals([removed?.before?.id, removed?.before?.type, removed?.after], ["j", "a", null]);
  assertEquals([repeated?.action, repeated?.subject], ["job.repeat", body.id]);
  assertEquals(repeated?.before, { data: { token: MASK, n: 1 }, retryOf: null });
  assertEquals(repeated?.after, { data: edited, retryOf: "j" });
  assertEquals([asked?.action, asked?.subject], ["job.bulk", bulk.body.id]);
  assertEquals(asked?.after, { action: "remove", filter: { status: "failed", data: { n: "1" } } });
});

Deno.test("An entry of a schedule holds the fields that changed, secrets masked", async () => {
  await using api = new Api();
  const job = { type: "a", data: { token: "s1" } };
  await api.call("POST", SCHEDULES, { body: { name: "s", expression: "@daily", job } });
  await api.call("PATCH", `${SCHEDULES}/s`, { body: { expression: "@hourly" } });
  await api.call("POST", `${SCHEDULES}/s/disable`);

  const [disabled, updated, created] = await entriesOf(api, "?subject=s");

  assertEquals([disabled?.before, disabled?.after], [{ enabled: true }, { enabled: false }]);
  assertEquals([updated?.before, updated?.after], [{ expression: "@daily" }, { expression: "@hourly" }]);
  assertEquals(created?.after?.job, { type: "a", data: { token: MASK }, options: {} });
});

Deno.test("GET /audit pages through entries, newest first, with filters, for viewers too", async () => {
  await using api = new Api();
  for (let n = 0; n < 5; n++) {
    await api.call("POST", `/api/admin/queues/q${n}/${n % 2 === 0 ? "pause" : "resume"}`);
  }
  const subjects = (entries: Entry[]) => entries.map(({ subject }) => subject);

  const first = (await api.call<Page>("GET", `${AUDIT}?limit=3`, { role: "viewer" })).body;
  assertEquals(subjects(first.data), ["q4", "q3", "q2"]);
  assertEquals(subjects(await entriesOf(api, `?limit=3&cursor=${first.nextCursor}`)), ["q1", "q0"]);
  assertEquals(subjects(await entriesOf(api, "?action=queue.resume")), ["q3", "q1"]);
  assertEquals(subjects(await entriesOf(api, "?action=queue&subject=q2&by=admin")), ["q2"]);
  assertEquals(await entriesOf(api, "?by=viewer"), []);

  const refused = (query: string) => api.refusal("GET", AUDIT + query);
  assertEquals(await refused("?limit=201"), [400, "invalid_input", "limit"]);
  assertEquals(await refused("?cursor=abc"), [400, "invalid_input", "cursor"]);
  assertEquals(await refused("?who=admin"), [400, "invalid_input", "who"]);
  assertEquals(await api.refusal("GET", AUDIT, { role: "producer" }), [403, "forbidden"]);
});

Deno.test("A change whose entry cannot be stored succeeds all the same", async () => {
  await using api = new Api();
  await waiting(api);
  const { commit } = api.store;
  api.store.commit = () => Promise.reject(new StoreUnavailableError("away"));

  assertEquals((await api.call("DELETE", `${JOBS}/j`)).status, 200);

  api.store.commit = commit;
  assertEquals((await api.queue.get("j"))?.status, "cancelled");
  assertEquals(await entriesOf(api), []);
});

Deno.test("A route that says nothing of its change leaves its method and path", async () => {
  const entries: unknown[] = [];
  const audit = { add: (...entry: unknown[]) => Promise.resolve(void entries.push(entry)) };
  const app = new Hono<ApiEnv>().use(async (c, next) => {
    c.set("role", "admin");
    c.set("requestId", "r1");
    await next();
  }).use(inOrder([], [audited(audit)])).on(["POST", "GET"], "/things/:id", (c) => c.text("changed"));

  await app.request("/things/1", { method: "POST" });
  await app.request("/things/1");
  await app.request("/nothing", { method: "POST" });

  const actor = { by: "admin", requestId: "r1" };
  assertEquals(entries, [[{ action: "POST /things/:id", subject: null }, actor]]);
});
