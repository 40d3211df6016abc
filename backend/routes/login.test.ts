import { assert, assertEquals } from "@std/assert";
import { Sessions } from "../lib/sessions.ts";
import { Api, type CallOptions } from "../testing/api.ts";
import { digestOf } from "./middleware/known-tokens.ts";

const LOGIN = "/admin/login";
const FORM = "application/x-www-form-urlencoded";
const ORIGIN = "http://localhost";

async function makeCode(api: Api): Promise<string> {
  return await new Sessions(api.queue.host()).makeCode("admin", await digestOf("admin-token"));
}

/** Sends the form as a browser does. */
function submit(api: Api, secret: string, options: CallOptions = {}) {
  return api.call<string>("POST", LOGIN, {
    role: null,
    body: String(new URLSearchParams({ secret })),
    headers: { "Content-Type": FORM, Origin: ORIGIN, ...options.headers },
  });
}

Deno.test("GET /admin/login shows a form that may run its own scripts alone and be framed by nobody", async () => {
  await using api = new Api();
  const { status, headers, body } = await api.call<string>("GET", LOGIN, { role: null });

  assertEquals([status, headers.get("Content-Type")], [200, "text/html; charset=utf-8"]);
  const policy = headers.get("Content-Security-Policy") ?? "";
  for (
    const part of ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"]
  ) {
    assert(policy.includes(part), policy);
  }
  assert(!/unsafe|\*/.test(policy));
  assertEquals(headers.get("Referrer-Policy"), "same-origin");
  assertEquals(headers.get("X-Content-Type-Options"), "nosniff");
  assertEquals(headers.get("Cache-Control"), "no-store");
  assert(/<form[^>]* method="post" action="\/admin\/login">/.test(body) && /name="secret"/.test(body));
  assert(!/ style=| on\w+=|<script>/.test(body)); // the policy would forbid it
  const [, nonce = ""] = /<script type="module" nonce="(\w+)">/.exec(body) ?? [];
  assert(nonce !== "" && policy.includes(`'nonce-${nonce}'`), policy);
  const [, path = ""] = /import\{[^}]*LoginCode\}from "([^"]+\.js)"/.exec(body) ?? [];
  const script = await api.call<string>("GET", path, { role: null });
  assertEquals([script.status, script.headers.get("Content-Type")], [200, "text/javascript"]);
  assert(script.body.includes("replaceState"));
});

Deno.test("POST /admin/login with a code signs in and goes on to the jobs, once", async () => {
  await using api = new Api();
  const code = await makeCode(api);

  const { status, headers } = await submit(api, ` ${code}\n`);
  assertEquals([status, headers.get("Location")], [303, "/admin/jobs"]);
  const cookie = headers.get("Set-Cookie") ?? "";
  assert(/HttpOnly/.test(cookie) && /SameSite=Strict/.test(cookie) && !cookie.includes(code));
  const Cookie = cookie.split(";")[0] ?? "";
  assertEquals((await api.call("GET", "/api/admin/jobs", { role: null, headers: { Cookie } })).status, 200);

  const again = await submit(api, code);
  assertEquals([again.status, again.headers.get("Set-Cookie")], [401, null]);
  assert(again.body.includes('role="alert"') && again.body.includes("works once"));
  assert(!again.body.includes(code));
  assertEquals(again.headers.get("Content-Type"), "text/html; charset=utf-8");
  assert(again.headers.get("Content-Security-Policy")?.includes("frame-ancestors 'none'"));
});

Deno.test("POST /admin/login with a token signs in too", async () => {
  await using api = new Api({ app: { basePath: "/ops" } });
  const { status, headers } = await api.call("POST", `/ops${LOGIN}`, {
    role: null,
    body: "secret=viewer-token",
    headers: { "Content-Type": FORM, Origin: ORIGIN },
  });

  assertEquals([status, headers.get("Location")], [303, "/ops/admin/jobs"]);
  assert(headers.get("Set-Cookie")?.includes("Path=/ops;"));
});

Deno.test("POST /admin/login answers a wrong, old or missing code with a page that says so", async () => {
  await using api = new Api();
  const code = await makeCode(api);
  api.clock.advance(10 * 60_000);

  for (const secret of [code, "", "nonsense", "<script>alert(1)</script>", "a".repeat(22), "a\u0000b"]) {
    const { status, body } = await submit(api, secret);
    assertEquals(status, 401, secret);
    assert(body.includes("<form") && body.includes('role="alert"') && !body.includes("alert(1)"));
  }
  const send = (body: string, type: string) => {
    return api.call<string>("POST", LOGIN, {
      role: null,
      body,
      headers: { "Content-Type": type, Origin: ORIGIN },
    });
  };
  assertEquals((await send("a=1", FORM)).status, 401);
  assertEquals((await send("{}", "application/json")).status, 415);
  assertEquals((await send("a".repeat(5000), FORM)).status, 413);
  assertEquals((await api.call("PUT", LOGIN, { role: null })).status, 405);
});

Deno.test("POST /admin/login from another origin uses up no code", async () => {
  await using api = new Api();
  const code = await makeCode(api);

  for (const Origin of ["https://evil.example", "null"]) {
    assertEquals((await submit(api, code, { headers: { Origin } })).status, 403);
  }
  assertEquals((await submit(api, code)).status, 303);
});

Deno.test("POST /admin/login goes on to the page that was asked for, and to no other site", async () => {
  await using api = new Api({ app: { basePath: "/ops" } });
  const { status, headers } = await api.call("GET", "/ops/admin/queues?a=1&b=2", { role: null });
  const login = headers.get("Location") ?? "";
  assertEquals([status, login], [303, "/ops/admin/login?next=%2Fops%2Fadmin%2Fqueues%3Fa%3D1%26b%3D2"]);
  const { body } = await api.call<string>("GET", login, { role: null });
  assert(body.includes(`action="${login}"`), body);

  const nextOf = async (next: string) => {
    const path = `/ops${LOGIN}?next=${encodeURIComponent(next)}`;
    const answer = await api.call("POST", path, {
      role: null,
      body: "secret=viewer-token",
      headers: { "Content-Type": FORM, Origin: ORIGIN },
    });
    return answer.headers.get("Location");
  };
  assertEquals(await nextOf("/ops/admin/queues?a=1&b=2"), "/ops/admin/queues?a=1&b=2");
  const elsewhere = ["//evil.example/ops/admin/", "https://evil.example/ops/admin/", "javascript:alert(1)"];
  for (const next of [...elsewhere, "/ops/admin/../other", "/other", "\\\\evil.example", "http://["]) {
    assertEquals(await nextOf(next), "/ops/admin/jobs", next);
  }
});

Deno.test("POST /admin/logout ends the session and leads to the form", async () => {
  await using api = new Api();
  const signedIn = await submit(api, "viewer-token");
  const Cookie = signedIn.headers.get("Set-Cookie")?.split(";")[0] ?? "";
  const asBrowser = (Origin: string) => ({ role: null, headers: { Cookie, Origin } });
  assertEquals((await api.call("GET", "/admin/queues", asBrowser(ORIGIN))).status, 200);

  assertEquals((await api.call("POST", "/admin/logout", asBrowser("https://evil.example"))).status, 403);
  const { status, headers } = await api.call("POST", "/admin/logout", asBrowser(ORIGIN));
  assertEquals([status, headers.get("Location")], [303, LOGIN]);
  assert(headers.get("Set-Cookie")?.startsWith("cronosaur=; Max-Age=0"));
  assertEquals((await api.call("GET", "/admin/queues", asBrowser(ORIGIN))).status, 303);
});

Deno.test("The forms to sign in and out leave an entry each; a failed try leaves none", async () => {
  await using api = new Api();
  await submit(api, "wrong");
  const signedIn = await submit(api, "viewer-token");
  const Cookie = signedIn.headers.get("Set-Cookie")?.split(";")[0] ?? "";
  const out = await api.call("POST", "/admin/logout", { role: null, headers: { Cookie, Origin: ORIGIN } });

  const { body } = await api.call<{ data: Record<string, unknown>[] }>("GET", "/api/admin/audit");
  assertEquals(body.data.map(({ action, by, requestId }) => [action, by, requestId]), [
    ["session.end", "viewer", out.headers.get("X-Request-Id")],
    ["session.open", "viewer", signedIn.headers.get("X-Request-Id")],
  ]);
});

Deno.test("POST /admin/login counts as a try to sign in", async () => {
  await using api = new Api();
  for (let i = 0; i < 10; i++) assertEquals((await submit(api, "wrong")).status, 401);
  const { status, headers } = await submit(api, await makeCode(api));

  assertEquals([status, headers.get("Retry-After")], [429, "6"]);
});
