import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { parseHttpUrl } from "./http-url.ts";

Deno.test("parseHttpUrl() reads http and https URLs", () => {
  assertEquals(parseHttpUrl("https://example.com/hook?a=1").href, "https://example.com/hook?a=1");
  assertEquals(parseHttpUrl("HTTP://EXAMPLE.com:8080").host, "example.com:8080");
  assertEquals(parseHttpUrl("https://bücher.example/").hostname, "xn--bcher-kva.example");
});

Deno.test("parseHttpUrl() refuses what is not an absolute http URL, and names the field", () => {
  // deno-fmt-ignore
  const bad = [
    "", "/hook", "example.com/hook", "//example.com", "http://", "https://:443/", "http://exa mple.com/",
    "http://1.2.3.4.5/", "http://[::1", "http://example.com:99999/", "ftp://example.com/", "file:///etc/passwd",
    "javascript:alert(1)", "data:text/plain,hi", "gopher://example.com/", "ws://example.com/", "unix:/run/docker.sock",
  ];

  for (const text of bad) {
    const error = assertThrows(() => parseHttpUrl(text, "data.url"), InputTypeError);
    assertEquals(error.issues[0]?.path, "data.url", text);
  }
});

Deno.test("parseHttpUrl() refuses credentials without repeating them", () => {
  for (
    const text of [
      "https://ada:hunter2@example.com/",
      "https://hunter2@example.com/",
      "https://:hunter2@example.com/",
    ]
  ) {
    const error = assertThrows(() => parseHttpUrl(text), InputTypeError, "user name or password");
    assert(!error.message.includes("hunter2"));
  }
});

Deno.test("parseHttpUrl() refuses a URL of more than 2,048 characters", () => {
  const longest = "https://example.com/".padEnd(2_048, "a");

  assertEquals(parseHttpUrl(longest).href, longest);
  assertThrows(() => parseHttpUrl(`${longest}a`), InputRangeError, "url: must be at most 2048");
});
