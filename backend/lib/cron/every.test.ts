import { assertEquals, assertThrows } from "@std/assert";
import { CronSyntaxError } from "./error.ts";
import { parseEvery } from "./every.ts";

Deno.test("parseEvery() reads whole numbers with units", () => {
  const cases: [string, number][] = [
    ["15m", 900],
    ["1h30m", 5400],
    ["90s", 90],
    ["1d2h3m4s", 93_784],
    ["  1S ", 1],
    ["007m", 420],
    ["3652d", 315_532_800],
  ];
  for (const [text, seconds] of cases) {
    assertEquals(parseEvery(`@every ${text}`, 7 + text.search(/\S/)), seconds, text);
  }
});

Deno.test("parseEvery() refuses what is no such duration, and says the form that works", () => {
  const cases: [string, string | null][] = [
    ["", "@every 15m"],
    ["0s", "@every 1s"],
    ["0h0m", "@every 1s"],
    ["500ms", "@every 1s"],
    ["1500ms", "@every 2s"],
    ["90", "@every 1m30s"],
    ["1.5h", "@every 1h30m"],
    ["4000d", "@every 3652d"],
    ["9".repeat(200) + "d", "@every 3652d"],
    ["30m1h", null],
    ["1m1m", null],
    ["-5m", null],
    ["1w", null],
    ["1h x", null],
    ["abc", null],
    ["٣m", null],
  ];
  for (const [text, suggestion] of cases) {
    const error = assertThrows(() => parseEvery(`@every ${text}`, 7), CronSyntaxError, undefined, text);
    assertEquals([error.suggestion, error.column, error.found], [suggestion, 7, text], text);
  }
});
