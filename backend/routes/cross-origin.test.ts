import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputRangeError } from "../lib/errors.ts";
import { Api } from "../testing/api.ts";

const JOBS = "/api/admin/jobs";
const APP = "https://app.example.com";

Deno.test("Pages of another origin may ask with a token where that is configured, and no others", async () => {
  await using api = new Api({ app: { corsOrigins: [APP] } });
  const allowed = async (method: string, Origin: string, headers: Record<string, string> = {}) => {
    const answer = await api.call(method, JOBS, { headers: { Origin, ...headers } });
    return [answer.status, answer.headers.get("Access-Control-Allow-Origin")];
  };
  const preflight = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization",
  };

  assertEquals(await allowed("GET", APP), [200, APP]);
  assertEquals(await allowed("GET", APP, { Authorization: "Bearer wrong" }), [401, APP]); // a page can read why
  for (const other of ["https://evil.example", "null", `${APP}.evil.example`, "http://app.example.com"]) {
    assertEquals((await allowed("GET", other))[1], null, other);
    assertEquals((await allowed("OPTIONS", other, preflight))[1], null, other);
  }
  const asked = await api.call("OPTIONS", JOBS, { role: null, headers: { Origin: APP, ...preflight } });
  assertEquals([asked.status, asked.headers.get("Access-Control-Allow-Origin")], [204, APP]);
  assert(asked.headers.get("Access-Control-Allow-Headers")?.includes("Authorization"));
  assertEquals(asked.headers.get("Access-Control-Allow-Credentials"), null); // no cookies
  const login = await api.call("POST", "/api/admin/session", {
    role: null,
    headers: { Origin: APP },
    body: { token: "admin-token" },
  });
  assertEquals([login.status, login.headers.get("Access-Control-Allow-Origin")], [403, null]);
});

Deno.test("A cookie from a page of another origin changes nothing, configured or not", async () => {
  await using api = new Api({ app: { corsOrigins: [APP] } });
  const { headers } = await api.call("POST", "/api/admin/session", {
    role: null,
    body: { token: "admin-token" },
  });
  const Cookie = headers.get("Set-Cookie")?.split(";")[0] ?? "";

  const refusal = await api.refusal("POST", JOBS, {
    role: null,
    headers: { Cookie, Origin: APP },
    body: { type: "a" },
  });
  assertEquals(refusal, [403, "cross_origin"]);
  assertEquals(await api.count(), 0);
});

Deno.test("The largest body is configurable, and its limit is checked", async () => {
  await using api = new Api({ app: { bodyLimit: 2048 } });
  const add = (size: number) =>
    api.refusal("POST", JOBS, { body: `{"type":"a","data":"${"x".repeat(size)}"}` });

  assertEquals((await add(1000))[0], 201);
  assertEquals(await add(2048), [413, "body_too_large"]);
  for (const bodyLimit of [0, 1.5, -1, 1e9]) {
    assertThrows(() => new Api({ app: { bodyLimit } }), InputRangeError, "bodyLimit");
  }
});
