import { assert, assertEquals } from "@std/assert";
import { type DataSchema, defineJob } from "../lib/define-job.ts";
import { Api } from "../testing/api.ts";
import { breakSchedule } from "../testing/broken-schedule.ts";
import type { JobView } from "./job-view.ts";
import type { ScheduleView } from "./schedule-view.ts";

const SCHEDULES = "/api/admin/schedules";

/** An API with a schedule "nightly" at 03:00 that adds jobs of type "report". */
async function setup(): Promise<Api> {
  const api = new Api();
  await api.scheduler.create({ name: "nightly", expression: "0 3 * * *", job: { type: "report", data: 5 } });
  return api;
}

function refusing(message: string): DataSchema {
  return { "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message }] }) } };
}

Deno.test("POST /schedules/:name/trigger adds a job now, whose id and place it tells", async () => {
  await using api = await setup();

  const { status, body, headers } = await api.call<{ jobId: string }>("POST", `${SCHEDULES}/nightly/trigger`);

  assertEquals(status, 201);
  const job = await api.call<JobView>("GET", headers.get("Location") ?? "");
  assertEquals([job.body.id, job.body.type, job.body.data], [body.jobId, "report", 5]);
  assertEquals(job.body.createdBy, "admin");
  const { body: shown } = await api.call<ScheduleView>("GET", `${SCHEDULES}/nightly`);
  assertEquals(shown.runs.map(({ triggered, outcome }) => [triggered, outcome]), [[true, "pending"]]);
  assertEquals([shown.runCount, shown.nextTickAt], [0, "2026-01-01T03:00:00.000Z"]);
});

Deno.test("POST /schedules/:name/trigger works of a disabled one, and under a base path", async () => {
  await using api = new Api({ app: { basePath: "/ops" } });
  await api.scheduler.create({ name: "n", expression: "@daily", job: { type: "a" }, enabled: false });

  const { status, headers } = await api.call("POST", `/ops${SCHEDULES}/n/trigger`);

  assertEquals(status, 201);
  assertEquals((await api.call("GET", headers.get("Location") ?? "")).status, 200);
});

Deno.test("POST /schedules/:name/trigger answers 409 when the job is refused now, and adds nothing", async () => {
  await using api = await setup();
  api.queue.process(
    defineJob({ type: "report", schema: refusing("token: hunter2 is too old"), run: () => {} }),
  );

  const { status, body } = await api.call("POST", `${SCHEDULES}/nightly/trigger`);

  assertEquals([status, body.code, await api.count()], [409, "invalid_status", 0]);
  assert(body.detail.startsWith('Cannot trigger schedule "nightly": its job is refused: data'), body.detail);
  assert(!body.detail.includes("hunter2"));
});

Deno.test("POST /schedules/:name/disable keeps it from firing until enable", async () => {
  await using api = await setup();

  const disabled = await api.call<ScheduleView>("POST", `${SCHEDULES}/nightly/disable`);
  assertEquals([disabled.status, disabled.body.state, disabled.body.nextTickAt], [200, "disabled", null]);
  assertEquals((await api.call("POST", `${SCHEDULES}/nightly/disable`)).status, 200);
  await api.scheduler.runOnce();
  api.clock.advance(4 * 3_600_000);
  assertEquals(await api.scheduler.runOnce(), 0);

  const enabled = await api.call<ScheduleView>("POST", `${SCHEDULES}/nightly/enable`, { body: {} });
  assertEquals([enabled.status, enabled.body.nextTickAt], [200, "2026-01-02T03:00:00.000Z"]);
  assertEquals(enabled.body.changes.map(({ what, by }) => [what, by]), [
    ["enabled", "admin"],
    ["disabled", "admin"],
    ["created", null],
  ]);
});

Deno.test("POST /schedules/:name/revert goes back to what code says", async () => {
  await using api = new Api();
  api.scheduler.schedule("coded", "0 3 * * *", () => {});
  await api.scheduler.runOnce();
  await api.scheduler.update("coded", { expression: "0 4 * * *" });

  const { status, body } = await api.call<ScheduleView>("POST", `${SCHEDULES}/coded/revert`);

  assertEquals([status, body.expression, body.edited], [200, "0 3 * * *", null]);
  assertEquals([body.changes[0]?.what, body.changes[0]?.by], ["reverted", "admin"]);
});

Deno.test("POST /schedules/:name/revert of one that no code declared answers 409", async () => {
  await using api = await setup();

  assertEquals(await api.refusal("POST", `${SCHEDULES}/nightly/revert`), [409, "invalid_status"]);
});

Deno.test("GET /schedules/:name/upcoming tells the next ticks, also of a disabled one", async () => {
  await using api = await setup();
  const upcoming = async (query = "") => {
    return (await api.call<{ data: string[] }>("GET", `${SCHEDULES}/nightly/upcoming${query}`)).body.data;
  };

  const two = ["2026-01-01T03:00:00.000Z", "2026-01-02T03:00:00.000Z"];
  assertEquals(await upcoming("?count=2"), two);
  assertEquals([(await upcoming()).length, (await upcoming("?count=100")).length], [10, 100]);
  await api.scheduler.disable("nightly");
  assertEquals(await upcoming("?count=2"), two);
  await api.scheduler.update("nightly", { expression: "0 0 31 2 *" });
  assertEquals(await upcoming(), []);
});

Deno.test("GET /schedules/:name/upcoming refuses other numbers than 1 to 100", async () => {
  await using api = await setup();

  for (const count of ["0", "101", "-1", "1.5", "1e1", "", "x", "%20", "5&count=6"]) {
    const path = `${SCHEDULES}/nightly/upcoming?count=${count}`;
    assertEquals(await api.refusal("GET", path), [400, "invalid_input", "count"], count);
  }
  const path = `${SCHEDULES}/nightly/upcoming?from=now`;
  assertEquals(await api.refusal("GET", path), [400, "invalid_input", "from"]);
});

Deno.test("What a broken schedule cannot do is answered with 409 and why it is broken", async () => {
  await using api = new Api();
  await breakSchedule(api, "bad");
  await breakSchedule(api, "worse", { definition: { job: { data: { token: "hunter2" } } } });
  const cases: [string, string, string][] = [
    ["GET", "bad/upcoming", "look ahead in"],
    ["GET", "worse/upcoming", "look ahead in"],
    ["POST", "worse/trigger", "trigger"],
    ["POST", "worse/enable", "enable"],
    ["POST", "worse/disable", "disable"],
    ["POST", "worse/revert", "revert"],
  ];
  for (const [method, path, verb] of cases) {
    const { status, body } = await api.call(method, `${SCHEDULES}/${path}`);
    assertEquals([status, body.code], [409, "invalid_status"], path);
    assert(
      body.detail.startsWith(`Cannot ${verb} schedule "${path.split("/")[0]}": it is broken: `),
      body.detail,
    );
  }
  assertEquals((await api.call<ScheduleView>("POST", `${SCHEDULES}/bad/disable`)).body.state, "broken");
  assertEquals(await api.refusal("POST", `${SCHEDULES}/bad/enable`), [409, "invalid_status"]);
});

Deno.test("What does something with a schedule takes no fields", async () => {
  await using api = await setup();

  for (const verb of ["trigger", "enable", "disable", "revert"]) {
    const path = `${SCHEDULES}/nightly/${verb}`;
    assertEquals(
      await api.refusal("POST", path, { body: { by: "eve" } }),
      [400, "invalid_input", "by"],
      verb,
    );
    assertEquals(await api.refusal("POST", `${path}?force=1`), [400, "invalid_input", "force"], verb);
    assertEquals(await api.refusal("POST", path, { body: "{" }), [400, "malformed_json", "body"], verb);
  }
  assertEquals(await api.count(), 0);
});
