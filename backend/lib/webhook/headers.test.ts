import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { checkHeaders } from "./headers.ts";

Deno.test("checkHeaders() lets ordinary headers through", () => {
  checkHeaders({}, "headers");
  checkHeaders({
    "Authorization": "Bearer abc.def",
    "content-type": "application/cloudevents+json; charset=utf-8",
    "X-Empty": "",
    "x-one": "1",
    "x-tab": "a\tb",
    "x-latin": "caf\u00e9",
    "cookie": "a=b; c=d",
  }, "headers");
});

Deno.test("checkHeaders() refuses what could break out of its line, and names the header", () => {
  // deno-fmt-ignore
  const values = ["a\r\nx-b: 1", "a\nb", "a\rb", "a\0b", "\u0085", "a\u2028b", "ключ", "\ud83d\ude00", " a", "a ", "a\x7f", "\t"];
  for (const value of values) {
    const error = assertThrows(() => checkHeaders({ "X-A": value }, "headers"), InputTypeError);
    assertEquals(error.issues[0]?.path, "headers.X-A", JSON.stringify(value));
  }
  // deno-fmt-ignore
  for (const name of ["", " ", "x a", "x:a", "x\r\ny", "x\ny: 1", "é", "x(a)", "x\0", "\"x\"", "x/y"]) {
    assertThrows(() => checkHeaders({ [name]: "1" }, ""), InputTypeError, "must be a header name");
  }
});

Deno.test("checkHeaders() refuses headers that only the sender may set, in any case", () => {
  // deno-fmt-ignore
  const names = [
    "Host", "CONTENT-LENGTH", "Transfer-Encoding", "connection", "Keep-Alive", "Proxy-Authenticate",
    "proxy-authorization", "Proxy-Connection", "TE", "Trailer", "Upgrade", "Expect", "HTTP2-Settings",
    "Webhook-Id", "webhook-timestamp", "WEBHOOK-SIGNATURE",
  ];
  for (const name of names) {
    assertThrows(() => checkHeaders({ [name]: "1" }, ""), InputTypeError, `${name}: must not be set`);
  }
});

Deno.test("checkHeaders() refuses a name given twice in different cases", () => {
  assertThrows(
    () => checkHeaders({ "X-A": "1", "x-a": "2" }, "headers"),
    InputTypeError,
    'must hold "x-a" only once',
  );
});

Deno.test("checkHeaders() refuses too many headers and too much of them", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, ""]));

  checkHeaders(many(50), "headers");
  assertThrows(() => checkHeaders(many(51), "headers"), InputRangeError, "headers: must be at most 50");
  checkHeaders({ "x-a": "a".repeat(8_189) }, "headers");
  assertThrows(() => checkHeaders({ "x-a": "a".repeat(8_190) }, "headers"), InputRangeError, "found 8193");
});

Deno.test("checkHeaders() never repeats a value", () => {
  const bad: Record<string, string>[] = [{ "X-A": "hunter2\n" }, { Host: "hunter2" }];
  for (const headers of bad) {
    const error = assertThrows(() => checkHeaders(headers, "headers"), InputTypeError);
    assert(!error.message.includes("hunter2"));
  }
});
