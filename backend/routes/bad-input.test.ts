import { assert, assertEquals } from "@std/assert";
import { Api, type CallOptions } from "../testing/api.ts";
import { sendWebhook } from "../workers/webhook-worker.ts";

const JOBS = "/api/admin/jobs";

/** Adds `body` and returns the refusal; fails if a job was stored. */
async function refusalOf(api: Api, body: unknown, options: CallOptions = {}, path = JOBS) {
  const refusal = await api.refusal("POST", path, { body, ...options });
  assertEquals(await api.count(), 0);
  return refusal;
}

Deno.test("POST /jobs refuses a bad job, names the field, and stores nothing", async () => {
  await using api = new Api();
  const cases: [string, unknown, ...string[]][] = [
    ["no type", { data: 1 }, "type"],
    ["a type that is no string", { type: 5 }, "type"],
    ["an empty type", { type: "" }, "type"],
    ["a type of 300 characters", { type: "a".repeat(300) }, "type"],
    ["a type with control characters", { type: "a\u0000b" }, "type"],
    ["an unknown field", { type: "a", dta: 1 }, "dta"],
    [
      "an inherited name",
      '{"type":"a","__proto__":{"type":"b"},"constructor":1}',
      "__proto__",
      "constructor",
    ],
    ["two unknown fields", { type: "a", x: 1, y: 1 }, "x", "y"],
    ["a null", null, "body"],
    ["a string", '"text"', "body"],
    [
      "data that is too deep",
      `{"type":"a","data":${"[".repeat(300)}${"]".repeat(300)}}`,
      "data" + "[0]".repeat(200),
    ],
    ["a number too large for JSON", '{"type":"a","data":{"n":1e999}}', "data.n"],
    ["data of 5 MiB and a byte", { type: "a", data: "x".repeat(5 * 1024 * 1024 - 1) }, "data"],
  ];
  for (const [name, body, ...paths] of cases) {
    assertEquals(await refusalOf(api, body), [400, "invalid_input", ...paths], name);
  }
});

Deno.test("POST /jobs refuses bad options, names the field, and stores nothing", async () => {
  await using api = new Api();
  const cases: [Record<string, unknown>, ...string[]][] = [
    [{ prioritty: 1 }, "options.prioritty"],
    [{ prioritty: 1, priority: "1" }, "options.priority", "options.prioritty"],
    [{ priority: 1001 }, "options.priority"],
    [{ priority: -1001 }, "options.priority"],
    [{ priority: 1.5 }, "options.priority"],
    [{ priority: null }, "options.priority"],
    [{ delay: -1 }, "options.delay"],
    [{ delay: "soon" }, "options.delay"],
    [{ delay: "99999d" }, "options.delay"],
    [{ delay: 1e300 }, "options.delay"],
    [{ delay: true }, "options.delay"],
    [{ delay: 1000, scheduledAt: "2030-01-01T00:00:00Z" }, "options.scheduledAt"],
    [{ scheduledAt: "tomorrow" }, "options.scheduledAt"],
    [{ scheduledAt: "2030-01-01T00:00:00" }, "options.scheduledAt"],
    [{ scheduledAt: "2030-02-30T00:00:00Z" }, "options.scheduledAt"],
    [{ scheduledAt: "9999-01-01T00:00:00Z" }, "options.scheduledAt"],
    [{ scheduledAt: 1893456000000 }, "options.scheduledAt"],
    [{ maxAttempts: 0 }, "options.maxAttempts"],
    [{ maxAttempts: 3, maxRetries: 2 }, "options.maxRetries"],
    [{ maxRetries: -1 }, "options.maxRetries"],
    [{ backoff: "fixed" }, "options.backoff"],
    [{ backoff: { type: "linear" } }, "options.backoff.type"],
    [{ backoff: { delay: "x" } }, "options.backoff.delay"],
    [{ backoff: { factr: 2 } }, "options.backoff.factr"],
    [{ backoff: { jitter: 2 } }, "options.backoff.jitter"],
    [{ timeout: "-1s" }, "options.timeout"],
    [{ timeout: "30d" }, "options.timeout"],
    [{ jobId: "a/b" }, "options.jobId"],
    [{ jobId: "stats" }, "options.jobId"],
    [{ jobId: "cleanup" }, "options.jobId"],
    [{ jobId: "a".repeat(300) }, "options.jobId"],
    [{ jobId: "" }, "options.jobId"],
    [{ jobId: crypto.randomUUID() }, "options.jobId"],
    [{ unique: "key" }, "options.unique"],
    [{ unique: {} }, "options.unique.key"],
    [{ unique: { key: "" } }, "options.unique.key"],
    [{ unique: { key: "k", within: "passive" } }, "options.unique.within"],
    [{ unique: { key: "k", onConflict: "ignore" } }, "options.unique.onConflict"],
    [{ queue: "" }, "options.queue"],
    [{ queue: "a\nb" }, "options.queue"],
    [{ tags: "a" }, "options.tags"],
    [{ tags: Array(25).fill("a").map((tag, i) => tag + i) }, "options.tags"],
    [{ tags: ["a".repeat(65)] }, "options.tags[0]"],
    [{ tags: ["a", 5] }, "options.tags[1]"],
    [{ createdBy: "" }, "options.createdBy"],
    [{ expiresIn: 0 }, "options.expiresIn"],
    [{ keepFor: "-1d" }, "options.keepFor"],
    [JSON.parse('{"__proto__":{"priority":5}}'), "options.__proto__"],
  ];
  for (const [options, ...paths] of cases) {
    const refusal = await refusalOf(api, JSON.stringify({ type: "a", options }));
    assertEquals(refusal, [400, "invalid_input", ...paths], JSON.stringify(options));
  }
  assertEquals(await refusalOf(api, { type: "a", options: [] }), [400, "invalid_input", "options"]);
});

Deno.test("POST /jobs refuses ids under which other routes are found", async () => {
  await using api = new Api();
  const taken = api.routes.flatMap(({ path }) => /^\/api\/admin\/jobs\/(\w+)$/.exec(path)?.[1] ?? []);

  assertEquals([...new Set(taken)].sort(), ["bulk", "cleanup", "export", "stats"]);
  for (const jobId of [...taken, ".", ".."]) {
    const refusal = await refusalOf(api, { type: "a", options: { jobId } });
    assertEquals(refusal, [400, "invalid_input", "options.jobId"], jobId);
  }
});

Deno.test("POST /jobs refuses data that does not fit its type, names the field, and stores nothing", async () => {
  await using api = new Api();
  api.queue.process(sendWebhook);
  const url = "https://example.com";
  const add = (data: unknown) => refusalOf(api, { type: "webhook:send", data });

  assertEquals(await add({ url, metho: "GET" }), [400, "invalid_input", "data.metho"]);
  assertEquals(await add({ url: 5 }), [400, "invalid_input", "data.url"]);
  const many = [{ type: "a" }, { type: "webhook:send", data: { url, metho: "GET" } }];
  assertEquals(await refusalOf(api, many), [400, "invalid_input", "[1].data.metho"]);
});

Deno.test("POST /jobs says what was found and what is allowed", async () => {
  await using api = new Api();

  const { body } = await api.call("POST", JOBS, {
    body: { type: 5, options: { tags: 1, backoff: { type: "x" } } },
  });

  assertEquals(body.title, "Bad Request");
  assertEquals(body.errors, [
    { path: "type", message: "must be a string, found 5" },
    { path: "options.backoff.type", message: 'must be "exponential" or "fixed", found "x"' },
    { path: "options.tags", message: "must be an array, found 1" },
  ]);
});

Deno.test("POST /jobs of an array with one bad item stores none and names its index", async () => {
  await using api = new Api();
  const good = { type: "a", data: 1 };
  const cases: [unknown, string][] = [
    [{ type: "a", options: { priority: 1001 } }, "[3].options.priority"],
    [{ type: "a", options: { delay: "x" } }, "[3].options.delay"],
    [{ type: "a", opts: {} }, "[3].opts"],
    [{ data: 1 }, "[3].type"],
    ["a", "[3]"],
    [null, "[3]"],
    [{ type: "a", data: "x".repeat(5 * 1024 * 1024 - 1) }, "[3].data"],
  ];
  for (const [bad, path] of cases) {
    assertEquals(await refusalOf(api, [good, good, good, bad, good]), [400, "invalid_input", path]);
  }
});

Deno.test("POST /jobs refuses more than 1,000 jobs, and adds 1,000", async () => {
  await using api = new Api();
  const jobs = Array.from({ length: 1001 }, () => ({ type: "a" }));

  assertEquals(await refusalOf(api, jobs), [400, "invalid_input", "body"]);

  const { status, body } = await api.call<{ ids: string[] }>("POST", JOBS, { body: jobs.slice(1) });
  assertEquals([status, new Set(body.ids).size], [201, 1000]);
});

Deno.test("POST /jobs refuses what is no JSON", async () => {
  await using api = new Api();
  for (const body of ["{", "{'type':'a'}", "type=a", '{"type":"a"}}', "\u0000", "[".repeat(100_000)]) {
    assertEquals(await refusalOf(api, body), [400, "malformed_json", "body"], body.slice(0, 20));
  }
  const latin1 = new Uint8Array([...new TextEncoder().encode('{"type":"'), 0xe9, 0x22, 0x7d]);
  assertEquals(await refusalOf(api, latin1), [400, "malformed_json", "body"]);
  assertEquals(await refusalOf(api, ""), [400, "invalid_input", "type"]);
  assertEquals(await refusalOf(api, undefined), [400, "invalid_input", "type"]);
});

Deno.test("POST /jobs refuses other content types", async () => {
  await using api = new Api();
  for (
    const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/json",
      "",
    ]
  ) {
    const refusal = await refusalOf(api, '{"type":"a"}', { headers: { "Content-Type": type } });
    assertEquals(refusal, [415, "unsupported_media_type"], type);
  }
  const latin1 = { "Content-Type": "application/json; charset=latin1" };
  assertEquals(await refusalOf(api, '{"type":"a"}', { headers: latin1 }), [415, "unsupported_media_type"]);
  const utf8 = { "Content-Type": "Application/JSON; charset=UTF-8" };
  assertEquals((await api.call("POST", JOBS, { body: { type: "a" }, headers: utf8 })).status, 201);
});

Deno.test("POST /jobs refuses a body of more than 6 MiB, also one that does not say how long it is", async () => {
  await using api = new Api();
  const body = new Uint8Array(6 * 1024 * 1024 + 1).fill(0x20);

  assertEquals(await refusalOf(api, body), [413, "body_too_large"]);
  const length = { "Content-Length": String(body.length) };
  assertEquals(await refusalOf(api, body, { headers: length }), [413, "body_too_large"]);
});

Deno.test("POST /jobs refuses data that is nested a million times", async () => {
  await using api = new Api();
  const body = `{"type":"a","data":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;

  const [status, code] = await refusalOf(api, body);

  assertEquals([status, code], [400, "invalid_input"]);
});

Deno.test("Queries refuse unknown names and bad values", async () => {
  await using api = new Api();
  const cases: [string, ...string[]][] = [
    ["?sttus=failed", "sttus"],
    ["?status=done", "status"],
    ["?status=failed&status=done", "status[1]"],
    ["?limit=0", "limit"],
    ["?limit=201", "limit"],
    ["?limit=-1", "limit"],
    ["?limit=1e2", "limit"],
    ["?limit=", "limit"],
    ["?limit=5&limit=6", "limit"],
    ["?type=a&type=b", "type"],
    ["?createdAfter=yesterday", "createdAfter"],
    ["?finishedBefore=1700000000000", "finishedBefore"],
    ["?cursor=abc", "cursor"],
    ["?data=1", "data"],
    ["?data.=1", "data."],
    ["?wait=1", "wait"],
    ["?constructor=1", "constructor"],
    ["?toString=1", "toString"],
    ["?%00=1", "\0"],
  ];
  for (const [query, ...paths] of cases) {
    assertEquals(await api.refusal("GET", JOBS + query), [400, "invalid_input", ...paths], query);
  }
  assertEquals(await refusalOf(api, { type: "a" }, {}, `${JOBS}?strict=yes`), [
    400,
    "invalid_input",
    "strict",
  ]);
  assertEquals(await refusalOf(api, { type: "a" }, {}, `${JOBS}?stirct=true`), [
    400,
    "invalid_input",
    "stirct",
  ]);
});

Deno.test("GET /jobs refuses a cursor that somebody changed, or one of another list", async () => {
  await using api = new Api();
  for (let i = 0; i < 5; i++) await api.queue.add("a", i);
  const { body } = await api.call<{ nextCursor: string }>("GET", `${JOBS}?limit=2`);
  const cursor = body.nextCursor;

  const changed = cursor.slice(0, -3) + (cursor.at(-3) === "A" ? "B" : "A") + cursor.slice(-2);
  assertEquals(await api.refusal("GET", `${JOBS}?cursor=${changed}`), [400, "invalid_input", "cursor"]);
  assertEquals(await api.refusal("GET", `${JOBS}?type=a&cursor=${cursor}`), [400, "invalid_input", "cursor"]);
  assertEquals(await api.refusal("GET", `${JOBS}?cursor=${cursor.repeat(1000)}`), [
    400,
    "invalid_input",
    "cursor",
  ]);
  assertEquals((await api.call("GET", `${JOBS}?cursor=${cursor}`)).status, 200);
});

Deno.test("A body of nothing but mistakes gets a short answer, and soon", async () => {
  await using api = new Api();
  const many = Array.from({ length: 500_000 }, (_, i) => i);
  const bodies = [
    JSON.stringify(many),
    JSON.stringify({ type: "a", options: { tags: many } }),
    JSON.stringify({ type: "a", ...Object.fromEntries(many.slice(0, 300_000).map((i) => [`field${i}`, 1])) }),
    JSON.stringify({ type: "a", ["x".repeat(5_000_000)]: 1 }),
    JSON.stringify(Array(1000).fill({ nonsense: 1, options: { tags: [1, 2, 3] } })),
  ];
  for (const body of bodies) {
    const answer = await api.call("POST", JOBS, { body });
    assertEquals([answer.status, answer.body.code], [400, "invalid_input"]);
    assert(JSON.stringify(answer.body).length < 10_000);
  }
  assertEquals(await api.count(), 0);
});

Deno.test("Ids that no job can have are unknown, however they are written", async () => {
  await using api = new Api();
  const ids = [
    "none",
    "a%2Fb",
    "%2e%2e%2f",
    "a%00b",
    "%zz",
    "a".repeat(5000),
    "é",
    "stats%20",
    "a;b",
    "%F0%9F%92%A9",
  ];
  for (const id of ids) {
    assertEquals(await api.refusal("GET", `${JOBS}/${id}`), [404, "not_found"], id);
    assertEquals(await api.refusal("POST", `${JOBS}/${id}/retry`), [404, "not_found"], id);
    assertEquals(await api.refusal("DELETE", `${JOBS}/${id}`), [404, "not_found"], id);
    assertEquals(await api.refusal("GET", `${JOBS}/${id}/logs`), [404, "not_found"], id);
    assertEquals(
      await api.refusal("PATCH", `${JOBS}/${id}`, { body: { priority: 1 } }),
      [404, "not_found"],
      id,
    );
    assertEquals(await api.refusal("DELETE", `/api/admin/workers/${id}`), [404, "not_found"], id);
  }
});

Deno.test("A refused answer tells the client no more than it must", async () => {
  await using api = new Api();
  const { body, headers } = await api.call("POST", JOBS, {
    body: '{"type":"a","data":{"password":"hunter2"',
  });

  assert(!JSON.stringify(body).includes("hunter2"));
  assertEquals(headers.get("Content-Type"), "application/problem+json");
});
