import { assert, assertEquals } from "@std/assert";
import { webhookSchema } from "./data.ts";

const url = "https://example.com/hook";

/** The paths of what is refused. */
function refused(data: unknown): string[] {
  return webhookSchema.safeParse(data).error?.issues.map(({ path }) => path.join(".")) ?? [];
}

Deno.test("webhookSchema accepts a URL alone and sends POST", () => {
  assertEquals(webhookSchema.parse({ url }), { url, method: "POST" });
});

Deno.test("webhookSchema accepts every field", () => {
  const data = {
    url,
    method: "PATCH",
    headers: { "X-A": "1" },
    body: { a: [1, null] },
    secret: "open-sesame",
  };

  assertEquals<unknown>(webhookSchema.parse(data), data);
});

Deno.test("webhookSchema takes five methods, in any case", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "GET", "post", "Put"]) {
    assertEquals(webhookSchema.parse({ url, method }).method, method.toUpperCase());
  }
  for (
    const method of [
      "HEAD",
      "OPTIONS",
      "CONNECT",
      "TRACE",
      "BREW",
      "",
      "POST ",
      "GET / HTTP/1.1\r\n",
      1,
      null,
    ]
  ) {
    assertEquals(refused({ url, method }), ["method"], String(method));
  }
});

Deno.test("webhookSchema accepts any JSON as the body, but none with GET", () => {
  for (const body of [null, false, 0, "", "text", [], {}, { deep: { er: [1] } }]) {
    assertEquals(webhookSchema.parse({ url, body }).body, body);
  }
  assertEquals(refused({ url, method: "GET", body: "" }), ["body"]);
  assertEquals(refused({ url, method: "GET" }), []);
});

Deno.test("webhookSchema names the field it refuses", () => {
  assertEquals(refused({}), ["url"]);
  assertEquals(refused({ url: 1 }), ["url"]);
  assertEquals(refused({ url: "ftp://example.com" }), ["url"]);
  assertEquals(refused({ url: "https://ada:pw@example.com" }), ["url"]);
  assertEquals(refused({ url, headers: { Host: "a" } }), ["headers.Host"]);
  assertEquals(refused({ url, headers: { "X-A": 1 } }), ["headers.X-A"]);
  assertEquals(refused({ url, headers: { "x-a": "1", "X-A": "1" } }), ["headers"]);
  assertEquals(refused({ url, headers: [] }), ["headers"]);
  assertEquals(refused({ url, secret: "two words" }), ["secret"]);
  assertEquals(refused({ url, secret: "" }), ["secret"]);
  assertEquals(refused(null), [""]);
});

Deno.test("webhookSchema refuses an unknown field by name", () => {
  const [issue] = webhookSchema.safeParse({ url, payload: {} }).error?.issues ?? [];

  assert(issue?.message.includes("payload"), issue?.message);
});

Deno.test("webhookSchema shows neither URL nor secret when it refuses them", () => {
  const { error } = webhookSchema.safeParse({ url: "https://a:hunter2@b/", secret: "hunter2 hunter2" });

  assert(error !== undefined && !error.message.includes("hunter2"), error?.message);
});
