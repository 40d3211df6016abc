import { assert, assertEquals } from "@std/assert";
import { SESSION_LIFETIME, Sessions } from "../lib/sessions.ts";
import { Api, type CallOptions, TOKENS } from "../testing/api.ts";
import { digestOf } from "./middleware/known-tokens.ts";
import type { Role } from "./middleware/auth.ts";

const SESSION = "/api/admin/session";
const JOBS = "/api/admin/jobs";
const ORIGIN = "http://localhost";

/** Signs in. @returns The cookie as a browser sends it, and all that it was told of it. */
async function signIn(api: Api, body: unknown = { token: TOKENS.admin }, options: CallOptions = {}) {
  const answer = await api.call<{ role: string; expiresAt: string }>("POST", SESSION, {
    role: null,
    body,
    ...options,
  });
  const whole = answer.headers.get("Set-Cookie") ?? "";
  const [cookie = "", ...attributes] = whole.split("; ");
  return { ...answer, cookie, attributes: attributes.sort() };
}

/** Asks as the browser with `cookie`, from a page of the dashboard's own. */
function browser(cookie: string, headers: Record<string, string> = { Origin: ORIGIN }): CallOptions {
  return { role: null, headers: { Cookie: cookie, ...headers } };
}

async function makeCode(api: Api): Promise<string> {
  return await new Sessions(api.queue.host()).makeCode("admin", await digestOf(TOKENS.admin));
}

Deno.test("POST /session with a token begins a session of its role, in a cookie no script can read", async () => {
  await using api = new Api();
  for (const role of ["admin", "viewer", "producer"] as const) {
    const { status, body, headers, cookie, attributes } = await signIn(api, { token: TOKENS[role] });

    assertEquals([status, body.role, headers.get("Cache-Control")], [200, role, "no-store"]);
    assertEquals(body.expiresAt, "2026-01-01T12:00:00.000Z");
    assert(/^cronosaur=[\w-]{43}$/.test(cookie), cookie);
    assertEquals(attributes, ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]);
    assertEquals(
      (await api.call("GET", "/api/admin/workers", browser(cookie))).status,
      role === "producer" ? 403 : 200,
    );
    const paused = await api.call("POST", "/api/admin/queues/a/pause", browser(cookie));
    assertEquals(paused.status, role === "admin" ? 200 : 403);
  }
});

Deno.test("The cookie is for HTTPS alone where people come by it, and for the base path", async () => {
  const https = { publicUrl: "https://jobs.example.com", basePath: "/ops" };
  await using api = new Api({ app: https });
  const { headers } = await api.call("POST", `/ops${SESSION}`, { role: null, body: { token: TOKENS.admin } });
  const cookie = headers.get("Set-Cookie") ?? "";

  assert(cookie.startsWith("__Secure-cronosaur="), cookie);
  assert(cookie.includes("; Secure") && cookie.includes("; Path=/ops"), cookie);
  assertEquals(headers.get("Strict-Transport-Security"), "max-age=15552000");
  const Origin = "https://jobs.example.com";
  const own = browser(cookie.split(";")[0] ?? "", { Origin });
  assertEquals((await api.call("POST", `/ops${JOBS}`, { ...own, body: { type: "a" } })).status, 201);

  await using behind = new Api({ app: { trustProxy: true } });
  for (const [proto, isSecure] of [["https", true], ["http", false], ["https, http", false]] as const) {
    const { attributes } = await signIn(behind, undefined, { headers: { "X-Forwarded-Proto": proto } });
    assertEquals(attributes.includes("Secure"), isSecure, proto);
  }
  await using plain = new Api();
  const { attributes, headers: told } = await signIn(plain, undefined, {
    headers: { "X-Forwarded-Proto": "https" },
  });
  assertEquals([attributes.includes("Secure"), told.get("Strict-Transport-Security")], [false, null]);
});

Deno.test("POST /session refuses what is no token and no code, and begins nothing", async () => {
  await using api = new Api({
    app: { authorize: { tokens: () => Promise.resolve(TOKENS), limits: { signIn: 0 } } },
  });
  const code = await makeCode(api);
  const refused = async (body: unknown) => {
    const { status, body: problem, cookie } = await signIn(api, body);
    assertEquals(cookie, "");
    return [status, (problem as unknown as { code: string }).code];
  };

  for (const token of ["", "admin-toke", "ADMIN-TOKEN", code, "a".repeat(512)]) {
    assertEquals(await refused({ token }), [401, "sign_in_refused"], token);
  }
  for (const wrong of ["", "admin-token", "a".repeat(22), `${code} `]) {
    assertEquals(await refused({ code: wrong }), [401, "sign_in_refused"], wrong);
  }
  const invalid = [{}, [], null, { token: 5 }, { token: TOKENS.admin, code }, {
    token: TOKENS.admin,
    a: 1,
  }];
  for (const body of [...invalid, { token: "a".repeat(513) }]) {
    assertEquals(await refused(body), [400, "invalid_input"], JSON.stringify(body));
  }
  assertEquals(await refused(`{"token":"${"a".repeat(5000)}"}`), [413, "body_too_large"]);
  assertEquals(await refused("{"), [400, "malformed_json"]);
  assertEquals((await signIn(api, { code })).status, 200); // none of these used it up
});

Deno.test("POST /session with a login code works once", async () => {
  await using api = new Api();
  const code = await makeCode(api);
  const { status, body, cookie } = await signIn(api, { code });

  assertEquals([status, body.role], [200, "admin"]);
  assertEquals((await api.call("GET", JOBS, browser(cookie))).status, 200);
  assertEquals((await signIn(api, { code })).status, 401);
});

Deno.test("DELETE /session ends the session, everywhere, and takes the cookie back", async () => {
  await using api = new Api();
  const { cookie } = await signIn(api);
  const { status, headers } = await api.call("DELETE", SESSION, browser(cookie));

  assertEquals(status, 204);
  assert(/^cronosaur=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/.test(headers.get("Set-Cookie") ?? ""));
  assertEquals((await api.call("GET", JOBS, browser(cookie))).status, 401);
  assertEquals((await api.store.records("session")).length, 0);
  assertEquals((await api.call("DELETE", SESSION, browser(cookie))).status, 204); // once more
  assertEquals((await api.call("DELETE", SESSION, { role: null })).status, 401);
  assertEquals((await api.call("DELETE", SESSION, { role: "admin" })).status, 401);
});

Deno.test("A session ends after twelve hours, and when its token is changed", async () => {
  let tokens: Record<Role, string> = TOKENS;
  await using api = new Api();
  const { cookie } = await signIn(api);
  const app = { authorize: { tokens: () => Promise.resolve(tokens) } };
  tokens = { ...TOKENS, viewer: "another-token" };
  await using same = new Api({ app, queue: { store: api.store } });
  assertEquals((await same.call("GET", JOBS, browser(cookie))).status, 200);
  tokens = { ...TOKENS, admin: "another-token" };
  await using changed = new Api({ app, queue: { store: api.store } });
  assertEquals((await changed.call("GET", JOBS, browser(cookie))).status, 401);

  api.clock.advance(SESSION_LIFETIME - 1);
  assertEquals((await api.call("GET", JOBS, browser(cookie))).status, 200);
  api.clock.advance(1);
  assertEquals((await api.call("GET", JOBS, browser(cookie))).status, 401);
});

Deno.test("A request with a cookie that changes something must come from the same origin", async () => {
  await using api = new Api();
  const { cookie } = await signIn(api);
  const changes: [string, string, unknown?][] = [
    ["POST", JOBS, { type: "a" }],
    ["POST", "/api/admin/queues/a/pause"],
    ["DELETE", SESSION],
  ];
  const foreign: Record<string, string>[] = [
    {},
    { Origin: "null" },
    { Origin: "https://evil.example" },
    { Origin: "http://localhost:8001" },
    { Origin: "https://evil.example", "Sec-Fetch-Site": "same-origin" },
  ];
  for (const [method, path, body] of changes) {
    for (const headers of foreign) {
      const refusal = await api.refusal(method, path, { ...browser(cookie, headers), body });
      assertEquals(refusal, [403, "cross_origin"], `${method} ${path} ${JSON.stringify(headers)}`);
    }
  }
  assertEquals(await api.count(), 0);
  assertEquals((await api.call("GET", JOBS, browser(cookie, {}))).status, 200);
  assertEquals((await api.call("POST", JOBS, { ...browser(cookie), body: { type: "a" } })).status, 201);
});

Deno.test("Nobody can be signed in by a page of another origin", async () => {
  await using api = new Api();
  for (const Origin of ["https://evil.example", "null", "http://localhost:8001"]) {
    const { status, cookie } = await signIn(api, undefined, { headers: { Origin } });
    assertEquals([status, cookie], [403, ""], Origin);
  }
  assertEquals((await signIn(api, undefined, { headers: { Origin: ORIGIN } })).status, 200);
});

Deno.test("Of a bearer token and a cookie the token counts; another scheme leaves the cookie in force", async () => {
  await using api = new Api();
  const { cookie } = await signIn(api);
  const as = (Authorization: string) => browser(cookie, { Origin: ORIGIN, Authorization });

  assertEquals((await api.call("GET", JOBS, as("Bearer wrong"))).status, 401);
  const asViewer = as(`Bearer ${TOKENS.viewer}`);
  assertEquals((await api.call("POST", JOBS, { ...asViewer, body: { type: "a" } })).status, 403);
  assertEquals((await api.call("GET", JOBS, as("Basic eDp5"))).status, 200); // of a proxy before us
});

Deno.test("A cookie that is no session lets nobody in, however it looks", async () => {
  await using api = new Api();
  const { cookie } = await signIn(api);
  const [record] = await api.store.records("session");
  const wrong = [
    "cronosaur=",
    "cronosaur=admin-token",
    `cronosaur=${"a".repeat(43)}`,
    `cronosaur=${record?.key}`,
    cookie.replace("cronosaur", "session"),
    cookie.replace("cronosaur", "__Secure-cronosaur"), // by HTTP
    cookie.replace("cronosaur", "Cronosaur"),
    `${cookie}x`,
    `cronosaur=${"%41".repeat(3000)}`,
  ];
  for (const value of wrong) {
    assertEquals((await api.call("GET", JOBS, browser(value))).status, 401, value);
  }
});

Deno.test("Tries to sign in are limited by address, the successful too", async () => {
  await using api = new Api();
  const tries = async (count: number, options: CallOptions = {}) => {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await signIn(api, { token: "wrong" }, options)).status);
    return found;
  };

  assertEquals(await tries(10, { from: "203.0.113.1" }), Array(10).fill(401));
  const { status, headers, body } = await signIn(api, undefined, { from: "203.0.113.1" });
  assertEquals([status, headers.get("Retry-After")], [429, "6"]);
  assertEquals((body as unknown as { code: string }).code, "rate_limited");
  const forged = { "X-Forwarded-For": "198.51.100.7" };
  assertEquals(await tries(1, { from: "203.0.113.1", headers: forged }), [429]);
  assertEquals(await tries(1, { from: "203.0.113.2" }), [401]);
  api.clock.advance(6_000);
  assertEquals((await signIn(api, undefined, { from: "203.0.113.1" })).status, 200);
});

Deno.test("Requests without a valid token are limited by address; with one they pass", async () => {
  const authorize = { tokens: () => Promise.resolve(TOKENS), limits: { anonymous: 3 } };
  await using api = new Api({ app: { authorize } });
  const get = async (options: CallOptions) =>
    (await api.call("GET", JOBS, { from: "203.0.113.1", ...options })).status;
  const wrong = { role: null, headers: { Authorization: "Bearer wrong" } };
  const { cookie } = await signIn(api);

  assertEquals([await get({ role: null }), await get(wrong), await get({ role: null })], [401, 401, 401]);
  assertEquals([await get({ role: null }), await get(wrong)], [429, 429]);
  for (const path of ["/api/admin/nothing", "/health/live", "/health/ready"]) {
    assert((await api.call("GET", path, { role: null, from: "203.0.113.1" })).status !== 429, path);
  }
  assertEquals([await get({ role: "viewer" }), await get(browser(cookie))], [200, 200]);
  assertEquals(await get({ role: null, from: "203.0.113.2" }), 401);
  assertEquals(await get({ role: null, from: "2001:db8::1" }), 401);
  api.clock.advance(20_000);
  assertEquals([await get({ role: null }), await get({ role: null })], [401, 429]);
});

Deno.test("Behind a trusted proxy the address is the last one, however many a client puts before it", async () => {
  const authorize = { tokens: () => Promise.resolve(TOKENS), limits: { anonymous: 1 } };
  await using api = new Api({ app: { authorize, trustProxy: true } });
  const get = async (forwarded: string) => {
    const headers = { "X-Forwarded-For": forwarded };
    return (await api.call("GET", JOBS, { role: null, from: "10.0.0.1", headers })).status;
  };

  assertEquals(await get("198.51.100.1"), 401);
  for (let i = 0; i < 20; i++) assertEquals(await get(`192.0.2.${i}, 198.51.100.1`), 429);
  assertEquals(await get("198.51.100.1, 198.51.100.2"), 401);
});

Deno.test("Requests with a token are limited when that is asked for, with those of its sessions", async () => {
  const authorize = { tokens: () => Promise.resolve(TOKENS), limits: { perToken: 2 } };
  await using api = new Api({ app: { authorize } });
  const { cookie } = await signIn(api);

  const codes = [
    (await api.call("GET", JOBS)).status,
    (await api.call("GET", JOBS, browser(cookie))).status,
    (await api.call("GET", JOBS)).status,
    (await api.call("GET", JOBS, { role: "viewer" })).status,
  ];
  assertEquals(codes, [200, 200, 429, 200]);

  await using unlimited = new Api();
  for (let i = 0; i < 400; i++) assertEquals((await unlimited.call("GET", "/api/admin/queues")).status, 200);
});

Deno.test("With authorize() of a host app nobody signs in here, and nothing is limited", async () => {
  await using api = new Api({ app: { authorize: () => null } });
  for (const [method, path] of [["POST", SESSION], ["DELETE", SESSION], ["GET", "/admin/login"]] as const) {
    assertEquals((await api.call(method, path, { role: null })).status, 404, path);
  }
  for (let i = 0; i < 400; i++) assertEquals((await api.call("GET", JOBS, { role: null })).status, 401);
});

Deno.test("Signing in and out leave an entry each, whoever it is, that tells no secret; a failed try leaves none", async () => {
  await using api = new Api();
  const code = await makeCode(api);
  await signIn(api, { token: "wrong" });
  const first = await signIn(api, { token: TOKENS.viewer }, { headers: { "X-Request-Id": "r1" } });
  const second = await signIn(api, { code });
  await api.call("DELETE", SESSION, browser(first.cookie));
  await api.call("DELETE", SESSION, browser(first.cookie)); // it has ended
  await api.call("DELETE", SESSION, { role: null });

  const { body } = await api.call<{ data: Record<string, unknown>[] }>("GET", "/api/admin/audit");
  const [ended, byCode, byToken, ...others] = body.data;
  const side = { expiresAt: "2026-01-01T12:00:00.000Z" };
  assertEquals(others, []);
  assertEquals([byToken?.action, byToken?.by, byToken?.requestId], ["session.open", "viewer", "r1"]);
  assertEquals([byToken?.before, byToken?.after], [null, side]);
  assertEquals([byCode?.action, byCode?.by], ["session.open", "admin"]);
  assertEquals([ended?.action, ended?.by, ended?.before, ended?.after], [
    "session.end",
    "viewer",
    side,
    null,
  ]);
  assertEquals(ended?.subject, byToken?.subject);
  assert(typeof ended?.subject === "string" && ended.subject !== byCode?.subject);
  const text = JSON.stringify(body);
  for (const secret of [first.cookie, second.cookie, code].map((whole) => whole.split("=").at(-1) ?? "")) {
    assert(secret.length > 20 && !text.includes(secret));
  }
});

Deno.test("No secret of a session is in an answer but in its cookie", async () => {
  await using api = new Api();
  const answer = await signIn(api);
  const secret = answer.cookie.split("=")[1] ?? "";

  assert(!JSON.stringify(answer.body).includes(secret));
  const { body } = await api.call("GET", `${JOBS}/none`, browser(answer.cookie));
  assert(!JSON.stringify(body).includes(secret));
});
