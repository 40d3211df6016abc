import { assertEquals } from "@std/assert";
import { MAX_RETRY_AFTER, MIN_RETRY_AFTER, parseRetryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 0, 1, 12);

Deno.test("parseRetryAfter() reads seconds", () => {
  assertEquals(parseRetryAfter("120", NOW), 120_000);
  assertEquals(parseRetryAfter(" 7 ", NOW), 7_000);
  assertEquals(parseRetryAfter(["3", "9"], NOW), 3_000);
});

Deno.test("parseRetryAfter() reads an HTTP date in its three forms", () => {
  for (
    const date of [
      "Thu, 01 Jan 2026 12:01:30 GMT",
      "Thursday, 01-Jan-26 12:01:30 GMT",
      "Thu Jan  1 12:01:30 2026",
    ]
  ) assertEquals(parseRetryAfter(date, NOW), 90_000, date);
});

Deno.test("parseRetryAfter() keeps within a second and a day", () => {
  for (const soon of ["0", "Thu, 01 Jan 2026 11:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"]) {
    assertEquals(parseRetryAfter(soon, NOW), MIN_RETRY_AFTER, soon);
  }
  for (const late of ["86401", "99999999999999999999", "9".repeat(400), "Fri, 01 Jan 2100 00:00:00 GMT"]) {
    assertEquals(parseRetryAfter(late, NOW), MAX_RETRY_AFTER, late);
  }
});

Deno.test("parseRetryAfter() gives null for what it cannot read", () => {
  // deno-fmt-ignore
  const unreadable = [
    undefined, "", " ", [], "-1", "1.5", "1e3", "0x10", "soon", "NaN", "Infinity", "2026-01-01", "12:00:00",
    "Xyz, 99 Foo 2026 12:00:00 GMT", "5 seconds",
  ];
  for (const header of unreadable) assertEquals(parseRetryAfter(header, NOW), null, String(header));
});
