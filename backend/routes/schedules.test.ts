import { assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { postSchedule, SCHEDULES } from "../testing/schedule-api.ts";
import type { ScheduleView } from "./schedule-view.ts";

Deno.test("POST /schedules makes a schedule that adds its job when it is due", async () => {
  await using api = new Api();

  const { status, body, headers } = await postSchedule(api, {
    expression: "30 2 * * *",
    job: { type: "report", data: { to: "ada" }, options: { timeout: "30s", tags: ["daily"] } },
    timezone: "europe/paris",
    missed: "all",
    missedLimit: 5,
    overlap: "queue",
    jitter: "1s",
    dst: "skip",
    startAt: "2026-01-02T00:00:00+01:00",
    endAt: "2027-01-01T00:00:00Z",
    maxRuns: 9,
  });

  assertEquals([status, headers.get("Location")], [201, `${SCHEDULES}/nightly`]);
  assertEquals(body.job, {
    type: "report",
    data: { to: "ada" },
    options: { timeout: 30_000, tags: ["daily"] },
  });
  assertEquals([body.startAt, body.endAt], ["2026-01-01T23:00:00.000Z", "2027-01-01T00:00:00.000Z"]);
  assertEquals([body.missed, body.missedLimit, body.overlap, body.dst], ["all", 5, "queue", "skip"]);
  assertEquals([body.jitter, body.maxRuns, body.enabled, body.state], [1000, 9, true, "active"]);
  assertEquals([body.description, body.nextTickAt], [
    "At 02:30, every day (Europe/Paris)",
    "2026-01-02T01:30:00.000Z",
  ]);
  assertEquals([body.createdBy, body.code, body.edited], ["admin", null, null]);
  assertEquals((await api.call("GET", `${SCHEDULES}/nightly`)).body as unknown, body);

  await api.scheduler.runOnce();
  api.clock.advance(Date.parse("2026-01-02T01:30:01Z") - api.clock.now());
  assertEquals(await api.scheduler.runOnce(), 1);
  const [job] = (await api.queue.list()).jobs;
  assertEquals([job?.type, job?.data, job?.timeout], ["report", { to: "ada" }, 30_000]);
  const { body: later } = await api.call<ScheduleView>("GET", `${SCHEDULES}/nightly`);
  assertEquals(later.runs, [
    { dueAt: "2026-01-02T01:30:00.000Z", outcome: "pending", jobId: job?.id ?? "", triggered: false },
  ]);
  assertEquals([later.lastOutcome, later.runCount], ["pending", 1]);
});

Deno.test("POST /schedules accepts null for what is not limited, as answers show it", async () => {
  await using api = new Api();

  const { status, body } = await postSchedule(api, { startAt: null, endAt: null, maxRuns: null });

  assertEquals([status, body.startAt, body.endAt, body.maxRuns], [201, null, null, null]);
});

Deno.test("POST /schedules of a name that is taken answers 409 and changes nothing", async () => {
  await using api = new Api();
  await postSchedule(api);

  const again = { name: "nightly", expression: "0 4 * * *", job: { type: "b" } };
  assertEquals(await api.refusal("POST", SCHEDULES, { body: again }), [409, "schedule_exists", "name"]);
  assertEquals((await api.scheduler.get("nightly"))?.expression, "0 3 * * *");
});

Deno.test("Of two who make the same name at once one is told so", async () => {
  await using api = new Api();

  const answers = await Promise.all([postSchedule(api), postSchedule(api)]);

  assertEquals(answers.map(({ status }) => status).sort(), [201, 409]);
});

Deno.test("POST /schedules accepts an expression that never fires, and warns", async () => {
  await using api = new Api();

  const { status, body } = await postSchedule(api, { expression: "0 0 31 2 *" });

  assertEquals([status, body.state, body.nextTickAt], [201, "ended", null]);
  assertEquals(body.warnings, ["It never runs: there is no such date in any year that it names"]);
});

Deno.test("PATCH /schedules/:name changes what is given, says who did, and null takes limits away", async () => {
  await using api = new Api();
  await postSchedule(api, {
    endAt: "2027-01-01T00:00:00Z",
    job: { type: "report", data: { n: 1 }, options: { priority: 5 } },
  });
  const patch = (body: unknown) => api.call<ScheduleView>("PATCH", `${SCHEDULES}/nightly`, { body });

  const { status, body } = await patch({
    expression: "0 4 * * *",
    jitter: "2s",
    endAt: null,
    job: { type: "b" },
  });

  assertEquals([status, body.expression, body.nextTickAt], [200, "0 4 * * *", "2026-01-01T04:00:00.000Z"]);
  assertEquals([body.jitter, body.endAt], [2000, null]);
  assertEquals(body.job, { type: "b", data: { n: 1 }, options: { priority: 5 } });
  const [change] = body.changes;
  assertEquals([change?.by, change?.what, change?.before?.endAt, change?.after?.endAt], [
    "admin",
    "updated",
    "2027-01-01T00:00:00.000Z",
    null,
  ]);
  assertEquals((await patch({ job: { data: null } })).body.job?.data, null);
  assertEquals((await patch({ enabled: false })).body.state, "disabled");
});

Deno.test("PATCH /schedules/:name of one from code marks it as edited, beside what code says", async () => {
  await using api = new Api();
  api.scheduler.schedule("nightly", "0 3 * * *", () => {});
  await api.scheduler.runOnce();
  const patch = (body: unknown) => ({ body });

  const { body } = await api.call<ScheduleView>(
    "PATCH",
    `${SCHEDULES}/nightly`,
    patch({ expression: "0 4 * * *" }),
  );

  assertEquals([body.expression, body.code?.expression, body.job], ["0 4 * * *", "0 3 * * *", null]);
  assertEquals(body.edited, { at: "2026-01-01T00:00:00.000Z", by: "admin" });
  assertEquals(await api.refusal("PATCH", `${SCHEDULES}/nightly`, patch({ job: { data: 1 } })), [
    400,
    "invalid_input",
    "job",
  ]);
});

Deno.test("DELETE /schedules/:name removes it and leaves its jobs", async () => {
  await using api = new Api();
  await postSchedule(api);
  await api.scheduler.trigger("nightly");

  const { status, body } = await api.call<unknown>("DELETE", `${SCHEDULES}/nightly`);

  assertEquals([status, body, await api.count()], [204, "", 1]);
  assertEquals(await api.refusal("DELETE", `${SCHEDULES}/nightly`), [404, "not_found"]);
  assertEquals(await api.scheduler.list(), []);
});

Deno.test("Only admins change schedules; viewers read them, producers do not even that", async () => {
  await using api = new Api();
  await postSchedule(api);
  const before = JSON.stringify(await api.scheduler.list());
  const changes: [string, string, unknown][] = [
    ["POST", SCHEDULES, { name: "x", expression: "@daily", job: { type: "a" } }],
    ["PATCH", `${SCHEDULES}/nightly`, { enabled: false }],
    ["DELETE", `${SCHEDULES}/nightly`, undefined],
    ...["trigger", "enable", "disable", "revert"].map((verb): [string, string, unknown] => {
      return ["POST", `${SCHEDULES}/nightly/${verb}`, undefined];
    }),
  ];
  for (const [method, path, body] of changes) {
    for (const role of ["viewer", "producer"] as const) {
      assertEquals(await api.refusal(method, path, { role, body }), [403, "forbidden"], `${method} ${path}`);
    }
    assertEquals(await api.refusal(method, path, { role: null, body }), [401, "unauthorized"]);
  }
  for (const path of [SCHEDULES, `${SCHEDULES}/nightly`, `${SCHEDULES}/nightly/upcoming`]) {
    assertEquals((await api.call("GET", path, { role: "viewer" })).status, 200);
    assertEquals(await api.refusal("GET", path, { role: "producer" }), [403, "forbidden"]);
    assertEquals(await api.refusal("GET", path, { role: null }), [401, "unauthorized"]);
  }
  assertEquals([JSON.stringify(await api.scheduler.list()), await api.count()], [before, 0]);
});
