import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { Sessions } from "../../lib/sessions.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Access } from "../access.ts";
import { type ApiEnv, authenticate, type Role } from "./auth.ts";
import { inOrder } from "./checks.ts";
import { onError } from "./problem.ts";

const TOKENS: Record<Role, string> = {
  admin: "admin-token",
  viewer: "viewer-token",
  producer: "enqueue-token",
};

function setup(tokens: () => Promise<Record<Role, string>> = () => Promise.resolve(TOKENS)) {
  const app = new Hono<ApiEnv>();
  const clock = new FakeClock();
  const store = () => Promise.reject<never>(new Error("No token needs the store"));
  const sessions = new Sessions({ clock, store });
  const access = new Access({ tokens, sessions, clock, isHttps: () => false, trustProxy: false });
  app.use(inOrder([authenticate(access.authorize)]));
  app.get("/", (c) => c.text(c.var.role));
  app.onError(onError);
  return async (authorization?: string) => {
    const headers = new Headers(authorization === undefined ? [] : [["Authorization", authorization]]);
    const response = await app.request("/", { headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
}

Deno.test("Access.authorize() tells the roles apart", async () => {
  const get = setup();
  for (const role of ["admin", "viewer", "producer"] as const) {
    assertEquals((await get(`Bearer ${TOKENS[role]}`)).text, role);
  }
  assertEquals((await get(`bearer   ${TOKENS.admin}`)).text, "admin");
});

Deno.test("authenticate() answers 401 to whoever brings no known token", async () => {
  const get = setup();
  const wrong = [
    "Bearer",
    "Bearer ",
    "Bearer admin-toke",
    "Bearer admin-token2",
    "Bearer ADMIN-TOKEN",
    "Bearer admin-token viewer-token",
    "Bearer admin-token, Bearer viewer-token",
    "Basic admin-token",
    "Basic YWRtaW46YWRtaW4tdG9rZW4=",
    "admin-token",
    "Token admin-token",
    `Bearer ${"a".repeat(20_000)}`,
  ];
  for (const authorization of wrong) {
    const { status, text, headers } = await get(authorization);
    assertEquals(status, 401, authorization);
    assertEquals(JSON.parse(text).code, "unauthorized");
    assertEquals(headers.get("WWW-Authenticate"), 'Bearer realm="cronosaur", error="invalid_token"');
  }
  const { status, headers } = await get();
  assertEquals(status, 401);
  assertEquals(headers.get("WWW-Authenticate"), 'Bearer realm="cronosaur"');
});

Deno.test("Access.authorize() loads the tokens once, and again if that failed", async () => {
  let calls = 0;
  const get = setup(() => ++calls === 1 ? Promise.reject(new Error("disk")) : Promise.resolve(TOKENS));

  assertEquals((await get("Bearer admin-token")).status, 500);
  assertEquals((await get("Bearer admin-token")).status, 200);
  assertEquals((await get("Bearer admin-token")).status, 200);
  assertEquals(calls, 2);
});

Deno.test("authenticate() lets in no role it does not know", async () => {
  for (const role of [null, undefined, "", "root", "ADMIN", true, {}]) {
    const app = new Hono<ApiEnv>();
    app.use(inOrder([authenticate(() => role as Role)]));
    app.get("/", (c) => c.text(c.var.role));
    app.onError(onError);

    assertEquals((await app.request("/")).status, 401, String(role));
  }
});
