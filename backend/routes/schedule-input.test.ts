import { assert, assertEquals, assertThrows } from "@std/assert";
import { CronSyntaxError, parseCron } from "../lib/cron.ts";
import { type DataSchema, defineJob } from "../lib/define-job.ts";
import { Api } from "../testing/api.ts";
import type { ScheduleView } from "./schedule-view.ts";

const SCHEDULES = "/api/admin/schedules";
const GOOD = { name: "nightly", expression: "0 3 * * *", job: { type: "report" } };

Deno.test("POST /schedules refuses bad input, names the field, and stores nothing", async () => {
  await using api = new Api();
  const job = (fields: unknown) => ({ job: { type: "report", ...fields as object } });
  const cases: [Record<string, unknown>, ...string[]][] = [
    [{ name: undefined }, "name"],
    [{ name: "" }, "name"],
    [{ name: 5 }, "name"],
    [{ name: null }, "name"],
    [{ name: "a\nb" }, "name"],
    [{ name: "a\u0000" }, "name"],
    [{ name: " a" }, "name"],
    [{ name: ".." }, "name"],
    [{ name: "." }, "name"],
    [{ name: "a".repeat(101) }, "name"],
    [{ name: "\ud800" }, "name"],
    [{ expression: undefined }, "expression"],
    [{ expression: 5 }, "expression"],
    [{ expression: "" }, "expression"],
    [{ expression: "* * * *" }, "expression"],
    [{ expression: "60 * * * *" }, "expression"],
    [{ expression: "@reboot" }, "expression"],
    [{ expression: "0 3 * * ".repeat(1_000) }, "expression"],
    [{ expression: "x".repeat(1_000_000) }, "expression"],
    [{ job: undefined }, "job"],
    [{ job: null }, "job"],
    [{ job: "report" }, "job"],
    [{ job: {} }, "job.type"],
    [job({ type: "" }), "job.type"],
    [job({ type: 5 }), "job.type"],
    [job({ dta: 1 }), "job.dta"],
    [job({ data: "x".repeat(16_000) }), "job"],
    [job({ options: [] }), "job.options"],
    [job({ options: { prioritty: 1 } }), "job.options.prioritty"],
    [job({ options: { priority: 1001 } }), "job.options.priority"],
    [job({ options: { timeout: "soon" } }), "job.options.timeout"],
    [job({ options: { jobId: "mine" } }), "job.options.jobId"],
    [job({ options: { delay: "1s" } }), "job.options.delay"],
    [job({ options: { scheduledAt: "2030-01-01T00:00:00Z" } }), "job.options.scheduledAt"],
    [job({ options: { unique: { key: "k" } } }), "job.options.unique"],
    [{ timezone: "Europe/Pari" }, "timezone"],
    [{ timezone: "" }, "timezone"],
    [{ timezone: 1 }, "timezone"],
    [{ timezone: "x".repeat(100_000) }, "timezone"],
    [{ missed: "never" }, "missed"],
    [{ missedLimit: 0 }, "missedLimit"],
    [{ missedLimit: 1001 }, "missedLimit"],
    [{ overlap: "wait" }, "overlap"],
    [{ jitter: -1 }, "jitter"],
    [{ jitter: "-1s" }, "jitter"],
    [{ jitter: "2d" }, "jitter"],
    [{ dst: "both ways" }, "dst"],
    [{ startAt: "tomorrow" }, "startAt"],
    [{ startAt: 1893456000000 }, "startAt"],
    [{ startAt: "3000-01-01T00:00:00Z" }, "startAt"],
    [{ endAt: "2030-02-30T00:00:00Z" }, "endAt"],
    [{ startAt: "2030-01-02T00:00:00Z", endAt: "2030-01-01T00:00:00Z" }, "endAt"],
    [{ startAt: "2030-01-01T00:00:00Z", endAt: "2030-01-01T00:00:00Z" }, "endAt"],
    [{ maxRuns: 0 }, "maxRuns"],
    [{ maxRuns: 1.5 }, "maxRuns"],
    [{ maxRuns: "9" }, "maxRuns"],
    [{ enabled: "yes" }, "enabled"],
    [{ timzone: "UTC", jitter: true }, "jitter", "timzone"],
    [JSON.parse('{"__proto__":{"enabled":false}}'), "__proto__"],
  ];
  for (const [fields, ...paths] of cases) {
    const own = Object.entries<unknown>(fields); // a spread would take a field called __proto__ for no field
    const body = JSON.stringify(Object.fromEntries([...Object.entries<unknown>(GOOD), ...own]));
    const refusal = await api.refusal("POST", SCHEDULES, { body });
    assertEquals(refusal, [400, "invalid_input", ...paths], body.slice(0, 200));
  }
  assertEquals(await api.scheduler.list(), []);
});

Deno.test("PATCH /schedules/:name refuses bad input, names the field, and changes nothing", async () => {
  await using api = new Api();
  await api.scheduler.create(GOOD);
  const before = await api.scheduler.get("nightly");
  const cases: [unknown, ...string[]][] = [
    [{}, "body"],
    [[], "body"],
    [null, "body"],
    [{ name: "other", enabled: true }, "name"],
    [{ expression: null }, "expression"],
    [{ expression: "0 3 * * MON-" }, "expression"],
    [{ timezone: "Mars/Base" }, "timezone"],
    [{ jitter: -5 }, "jitter"],
    [{ maxRuns: 0 }, "maxRuns"],
    [{ enabled: null }, "enabled"],
    [{ startAt: "2030-01-02T00:00:00Z", endAt: "2030-01-01T00:00:00Z" }, "endAt"],
    [{ job: null }, "job"],
    [{ job: { typ: "a" } }, "job.typ"],
    [{ job: { options: { jobId: "x" } } }, "job.options.jobId"],
    [{ state: "active", jitter: 1 }, "state"],
  ];
  for (const [body, ...paths] of cases) {
    const refusal = await api.refusal("PATCH", `${SCHEDULES}/nightly`, { body: JSON.stringify(body) });
    assertEquals(refusal, [400, "invalid_input", ...paths], JSON.stringify(body));
  }
  assertEquals(await api.scheduler.get("nightly"), before);
});

Deno.test("POST /schedules refuses data that does not fit the type of its job, under the field job", async () => {
  await using api = new Api();
  const issues = [{ message: "is needed", path: ["to"] }];
  const schema: DataSchema = { "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) } };
  api.queue.process(defineJob({ type: "report", schema, run: () => {} }));

  const refusal = await api.refusal("POST", SCHEDULES, { body: GOOD });

  assertEquals(refusal, [400, "invalid_input", "job.data.to"]);
  assertEquals(await api.scheduler.list(), []);
});

Deno.test("An unknown time zone is answered with the nearest one", async () => {
  await using api = new Api();

  const { body } = await api.call("POST", SCHEDULES, { body: { ...GOOD, timezone: "Europe/Pariss" } });

  assert(body.errors?.[0]?.message.includes("the nearest is Europe/Paris"), JSON.stringify(body));
});

Deno.test("An expression that cannot be read is answered with field, column and what to write", async () => {
  await using api = new Api();
  await api.scheduler.create(GOOD);
  const expression = "30 22-2 * * *";
  const { issues, field, column, suggestion } = assertThrows(() => parseCron(expression), CronSyntaxError);

  const posted = await api.call("POST", SCHEDULES, { body: { ...GOOD, name: "b", expression } });
  const patched = await api.call("PATCH", `${SCHEDULES}/nightly`, { body: { expression } });

  const errors = [{ path: "expression", message: issues[0]?.message ?? "", field, column, suggestion }];
  assertEquals([posted.body.errors, patched.body.errors], [errors, errors]);
  assertEquals([field, suggestion], ["hour", "22-23,0-2"]);
});

Deno.test("Schedules refuse bodies that are no JSON, of another type, or too large", async () => {
  await using api = new Api();
  for (const body of ["{", "name=a", "\u0000"]) {
    assertEquals(await api.refusal("POST", SCHEDULES, { body }), [400, "malformed_json", "body"], body);
  }
  const headers = { "Content-Type": "text/plain" };
  assertEquals(await api.refusal("POST", SCHEDULES, { body: JSON.stringify(GOOD), headers }), [
    415,
    "unsupported_media_type",
  ]);
  const large = { ...GOOD, job: { type: "a", data: "x".repeat(6 * 1024 * 1024) } };
  assertEquals(await api.refusal("POST", SCHEDULES, { body: large }), [413, "body_too_large"]);
  assertEquals(await api.refusal("DELETE", `${SCHEDULES}/a`, { body: {} }), [400, "invalid_input", "body"]);
});

Deno.test("GET /schedules refuses unknown names, bad values and cursors of other lists", async () => {
  await using api = new Api();
  for (const name of ["a", "b", "c"]) await api.scheduler.create({ ...GOOD, name });
  const { body } = await api.call<{ nextCursor: string }>("GET", `${SCHEDULES}?limit=1`);
  const cases: [string, string][] = [
    ["?state=on", "state"],
    ["?limit=0", "limit"],
    ["?limit=201", "limit"],
    ["?limit=x", "limit"],
    ["?q=a&q=b", "q"],
    ["?type=report", "type"],
    ["?cursor=abc", "cursor"],
    ["?cursor=", "cursor"],
    [`?q=a&cursor=${body.nextCursor}`, "cursor"],
    [`?state=active&cursor=${body.nextCursor}`, "cursor"],
  ];
  for (const [query, path] of cases) {
    assertEquals(await api.refusal("GET", SCHEDULES + query), [400, "invalid_input", path], query);
  }
  const fine = await api.call<{ data: ScheduleView[] }>("GET", `${SCHEDULES}?cursor=${body.nextCursor}`);
  assertEquals(fine.body.data.map(({ name }) => name), ["b", "c"]);
});
