import { assert, assertEquals, assertThrows } from "@std/assert";
import { CronSyntaxError, parseCron } from "../lib/cron.ts";
import { Api } from "../testing/api.ts";

const PREVIEW = "/api/admin/cron/preview";

interface Preview {
  description: string;
  next: string[];
  warnings: string[];
  neverFires: boolean;
  clockChanges: { at: string; effect: string; time: string; from: string; to: string }[];
  fault: { path: string; field?: string; column?: number; suggestion?: string | null } | null;
}

async function preview(api: Api, body: Record<string, unknown>): Promise<Preview> {
  const answer = await api.call<Preview>("POST", PREVIEW, { body, role: "viewer" });
  assertEquals(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

Deno.test("POST /cron/preview says an expression in words, with the next ten times", async () => {
  await using api = new Api();

  const found = await preview(api, { expression: "30 2 * * MON-FRI", timezone: "America/New_York" });

  assertEquals(found.description, "At 02:30, Monday to Friday (America/New_York)");
  assertEquals(found.next.slice(0, 3), [
    "2026-01-01T07:30:00.000Z",
    "2026-01-02T07:30:00.000Z",
    "2026-01-05T07:30:00.000Z",
  ]);
  assertEquals([found.next.length, found.warnings, found.neverFires], [10, [], false]);
});

Deno.test("POST /cron/preview looks ahead from any time, by the policy for changes of the clocks", async () => {
  await using api = new Api();
  const ask = {
    expression: "30 2 * * *",
    timezone: "America/New_York",
    from: "2026-03-07T12:00:00Z",
    count: 2,
  };

  assertEquals((await preview(api, ask)).next, ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"]);
  assertEquals((await preview(api, { ...ask, dst: "skip" })).next, [
    "2026-03-09T06:30:00.000Z",
    "2026-03-10T06:30:00.000Z",
  ]);
  const every = { expression: "@every 7m", from: "2026-01-01T00:01:00Z", count: 1 };
  assertEquals((await preview(api, every)).next, ["2026-01-01T00:08:00.000Z"]);
  const known = { ...every, anchor: "2025-12-31T23:59:00Z" };
  assertEquals((await preview(api, known)).next, ["2026-01-01T00:06:00.000Z"]);
});

Deno.test("POST /cron/preview tells which changes of the clocks its times meet", async () => {
  await using api = new Api();
  const ask = { expression: "30 2 * * *", timezone: "America/New_York", from: "2026-03-07T12:00:00Z" };
  const change = {
    at: "2026-03-08T07:00:00.000Z",
    time: "2026-03-08T02:30:00",
    from: "2026-03-08T02:00:00",
    to: "2026-03-08T03:00:00",
  };

  assertEquals((await preview(api, ask)).clockChanges, [{ ...change, effect: "moved" }]);
  assertEquals((await preview(api, { ...ask, dst: "skip" })).clockChanges, [{
    ...change,
    effect: "skipped",
  }]);
  assertEquals((await preview(api, { ...ask, expression: "30 4 * * *" })).clockChanges, []);
  assertEquals((await preview(api, { ...ask, expression: "0 0 31 2 *" })).clockChanges, []);
});

Deno.test("POST /cron/preview shows the times of H that a schedule of this name has", async () => {
  await using api = new Api();
  await api.scheduler.create({ name: "hashed", expression: "H H * * *", job: { type: "a" } });

  const named = await preview(api, { expression: "H H * * *", name: "hashed", count: 3 });
  const nameless = await preview(api, { expression: "H H * * *", count: 3 });

  const ticks = (await api.scheduler.upcoming("hashed", 3)).map((time) => new Date(time).toISOString());
  assertEquals([named.next, named.warnings], [ticks, []]);
  assertEquals([nameless.next.length, nameless.warnings.length], [3, 1]);
  assert(nameless.warnings[0]?.includes("give the schedule's name"));
});

Deno.test("POST /cron/preview explains every form, those that never run with a warning", async () => {
  await using api = new Api();
  const cases: [string, string | null, number][] = [ // the first time, and how many warnings
    ["* * * * * *", "2026-01-01T00:00:01.000Z", 0],
    ["@daily", "2026-01-02T00:00:00.000Z", 0],
    ["@every 15m", "2026-01-01T00:15:00.000Z", 0],
    ["*/45 * * * *", "2026-01-01T00:45:00.000Z", 1],
    ["0 0 L * *", "2026-01-31T00:00:00.000Z", 0],
    ["0 0 * * FRI#L", "2026-01-30T00:00:00.000Z", 0],
    ["0 0 29 2 *", "2028-02-29T00:00:00.000Z", 0],
    ["0 0 12 1 1 * 2030", "2030-01-01T12:00:00.000Z", 0],
    ["0 0 12 1 1 * 2001", null, 0],
    ["0 0 31 2 *", null, 1],
  ];
  for (const [expression, first, warnings] of cases) {
    const found = await preview(api, { expression, count: 1 });
    assertEquals([found.next[0] ?? null, found.warnings.length], [first, warnings], expression);
    assertEquals(found.neverFires, expression === "0 0 31 2 *", expression);
    assert(found.description !== "", expression);
  }
});

Deno.test("POST /cron/preview of what cannot be read says where, and what to write", async () => {
  await using api = new Api();
  const cases: [string, string, string | null][] = [
    ["30 22-2 * * *", "hour", "22-23,0-2"],
    ["60 * * * *", "minute", "0"],
    ["", "expression", null],
    ["x".repeat(1_000_000), "expression", null],
  ];
  for (const [expression, field, suggestion] of cases) {
    const { column } = assertThrows(() => parseCron(expression), CronSyntaxError);
    const { status, body } = await api.call("POST", PREVIEW, { body: { expression } });
    const [error] = body.errors ?? [];
    assertEquals([status, body.code, error?.path], [400, "invalid_input", "expression"]);
    assertEquals(
      [error?.field, error?.column, error?.suggestion ?? null],
      [field, column, suggestion],
      expression,
    );
    assert(JSON.stringify(body).length < 2_000);
  }
});

Deno.test("POST /cron/preview of a draft says what is wrong with it, and refuses nothing else", async () => {
  await using api = new Api();
  const draft = true;

  const { fault, ...nothing } = await preview(api, { expression: "30 22-2 * * *", draft });
  const { message, ...where } = fault as unknown as Record<string, unknown>;
  assertEquals(where, { path: "expression", field: "hour", column: 3, suggestion: "22-23,0-2" });
  assert(String(message).includes("range 22-2 runs backwards"));
  assertEquals([nothing.description, nothing.next, nothing.clockChanges], ["", [], []]);
  const faultOf = async (body: object) =>
    (await preview(api, { expression: "@daily", draft, ...body })).fault?.path;
  assertEquals(await faultOf({ timezone: "Europe/Pari" }), "timezone");
  assertEquals(await faultOf({ name: "" }), "name");
  assertEquals(await faultOf({}), undefined);
  assertEquals(await api.refusal("POST", PREVIEW, { body: { expression: 5, draft } }), [
    400,
    "invalid_input",
    "expression",
  ]);
});

Deno.test("POST /cron/preview answers the longest expressions and the rarest dates", async () => {
  await using api = new Api();
  const minutes = Array.from({ length: 60 }, (_, i) => i).join(",");
  const long = `${minutes} 0 29,30,31 2 +MON`.padEnd(256, " ");
  const timezone = "Australia/Lord_Howe";

  for (const expression of [long, "0 0 29 2 +MON", "59 59 23 31 12 +FRI 2099", "0 0 LW 2 SUN#5"]) {
    const { next } = await preview(api, { expression, timezone, count: 100 });
    assertEquals(next, next.toSorted(), expression);
  }
  for (const from of ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]) {
    assertEquals((await preview(api, { expression: long, timezone, from, count: 1 })).next.length <= 1, true);
  }
  assertEquals((await preview(api, { expression: "@yearly", from: "9998-06-01T00:00:00Z" })).next, [
    "9999-01-01T00:00:00.000Z",
  ]);
});

Deno.test("POST /cron/preview refuses bad input and names the field", async () => {
  await using api = new Api();
  const cases: [unknown, string][] = [
    [{}, "expression"],
    [{ expression: 5 }, "expression"],
    [{ expression: null }, "expression"],
    [[], "body"],
    [{ expression: "@daily", timezone: "Europe/Pari" }, "timezone"],
    [{ expression: "@daily", timezone: 5 }, "timezone"],
    [{ expression: "@daily", dst: "no" }, "dst"],
    [{ expression: "@daily", name: "" }, "name"],
    [{ expression: "@daily", name: "a\u0007" }, "name"],
    [{ expression: "@daily", count: 0 }, "count"],
    [{ expression: "@daily", count: 101 }, "count"],
    [{ expression: "@daily", count: 1.5 }, "count"],
    [{ expression: "@daily", count: "5" }, "count"],
    [{ expression: "@daily", from: "now" }, "from"],
    [{ expression: "@daily", from: 0 }, "from"],
    [{ expression: "@daily", anchor: "now" }, "anchor"],
    [{ expression: "@daily", zone: "UTC" }, "zone"],
  ];
  for (const [body, path] of cases) {
    const refusal = await api.refusal("POST", PREVIEW, { body: JSON.stringify(body) });
    assertEquals(refusal, [400, "invalid_input", path], JSON.stringify(body));
  }
  assertEquals(await api.refusal("POST", PREVIEW, { body: "{" }), [400, "malformed_json", "body"]);
  assertEquals(await api.refusal("POST", `${PREVIEW}?x=1`, { body: { expression: "@daily" } }), [
    400,
    "invalid_input",
    "x",
  ]);
});

Deno.test("POST /cron/preview is for viewers and admins, and stores nothing", async () => {
  await using api = new Api();
  const body = { expression: "@daily" };

  assertEquals((await api.call("POST", PREVIEW, { body })).status, 200);
  assertEquals(await api.refusal("POST", PREVIEW, { body, role: "producer" }), [403, "forbidden"]);
  assertEquals(await api.refusal("POST", PREVIEW, { body, role: null }), [401, "unauthorized"]);
  assertEquals([await api.scheduler.list(), await api.count()], [[], 0]);
});
