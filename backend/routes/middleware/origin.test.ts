import { assertEquals, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { InputTypeError } from "../../lib/errors.ts";
import { inOrder } from "./checks.ts";
import { onError } from "./problem.ts";
import { readableUrl, sameOrigin } from "./origin.ts";

function setup(publicUrl?: string) {
  const app = new Hono();
  app.use(inOrder([sameOrigin(publicUrl)]));
  app.all("/", (c) => c.text("done"));
  app.onError(onError);
  return async (method: string, headers: Record<string, string>) => {
    return (await app.request("http://jobs.local:8000/", { method, headers })).status;
  };
}

Deno.test("sameOrigin() refuses changes that another site makes a browser ask for", async () => {
  const send = setup();

  for (
    const Origin of [
      "https://evil.example",
      "null",
      "",
      "http://jobs.local",
      "http://jobs.local:8000.evil.example",
    ]
  ) {
    assertEquals(await send("POST", { Origin, Cookie: "session=1" }), 403, Origin);
    assertEquals(await send("DELETE", { Origin }), 403, Origin);
  }
  assertEquals(await send("POST", { Cookie: "session=1" }), 403);
  assertEquals(await send("POST", { Origin: "https://evil.example", Authorization: "Basic eDp5" }), 403);
});

Deno.test("sameOrigin() lets its own pages, reads, programs and bearers pass", async () => {
  const send = setup();

  assertEquals(await send("POST", { Origin: "http://jobs.local:8000", Cookie: "session=1" }), 200);
  assertEquals(await send("POST", { Origin: "https://jobs.local:8000", Cookie: "session=1" }), 200); // behind a proxy
  assertEquals(await send("GET", { Origin: "https://evil.example", Cookie: "session=1" }), 200);
  assertEquals(await send("POST", {}), 200);
  assertEquals(await send("POST", { Origin: "https://evil.example", Authorization: "Bearer abc" }), 200);
});

Deno.test("sameOrigin() with a public address compares with that alone", async () => {
  const send = setup("https://jobs.example.com/base");

  assertEquals(await send("POST", { Origin: "https://jobs.example.com", Cookie: "session=1" }), 200);
  assertEquals(await send("POST", { Origin: "http://jobs.example.com", Cookie: "session=1" }), 403);
  assertEquals(await send("POST", { Origin: "http://jobs.local:8000", Cookie: "session=1" }), 403);
});

Deno.test("sameOrigin() refuses a public address that is none", () => {
  for (const address of ["", "jobs.example.com", "ftp://example.com", "javascript:alert(1)"]) {
    const error = assertThrows(() => sameOrigin(address), InputTypeError);
    assertEquals(error.issues[0]?.path, "publicUrl", address);
  }
});

Deno.test("readableUrl() refuses a request whose Host header is no name of a host", async () => {
  const app = new Hono();
  app.use(inOrder([readableUrl()]));
  app.get("/", (c) => c.text("done"));
  app.onError(onError);
  // What a server makes of such a header; the Request constructor would refuse it.
  const request = Object.defineProperty(new Request("http://localhost/"), "url", { value: "http://a b<>/" });

  assertEquals((await app.fetch(request)).status, 400);
  assertEquals((await app.request("http://localhost/")).status, 200);
});
