import { assertEquals } from "@std/assert";
import { fingerprintOf, patternOf } from "./fingerprint.ts";

const MESSAGES: [message: string, pattern: string][] = [
  ["", ""],
  ["It failed", "It failed"],
  ["Cannot read file 17 of 20", "Cannot read file # of #"],
  ["took 31ms, 1,250.5 more than -5", "took #ms, # more than -#"],
  ["9999999 is too many", "# is too many"],
  ["10000000 is too many", "# is too many"],
  ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED #"],
  ["No job 0197c6b4-5a3e-7c2d-9f10-3b8a1d2e4f60", "No job …"],
  ["No order order-17 at 2026-01-31", "No order … at …"],
  ["No session a8f3kq0z91", "No session …"],
  ["Cannot decode utf8 as base64", "Cannot decode utf8 as base64"],
  ["Cannot find \"ada's\" of 'x' in `y` or “z”", "Cannot find … of … in … or …"],
  ["It can't be the users' own", "It can't be the users' own"],
  ['A 5" disk is missing', 'A #" disk is missing'],
  ['It answered "the beginning of…', "It answered …"],
  ["First line 1\nsecond line", "First line #"],
  ["  \n much\t  room  ", "much room"],
];

Deno.test("patternOf() leaves out numbers, ids and quoted values, and keeps the words", () => {
  for (const [message, pattern] of MESSAGES) assertEquals(patternOf(message), pattern, message);
});

Deno.test("patternOf() looks at the beginning of a long message only", () => {
  const pattern = patternOf(`No "${"x".repeat(1000)}" found`);

  assertEquals(pattern, "No …");
  assertEquals(patternOf("1 ".repeat(1000)), "# ".repeat(100));
});

Deno.test("patternOf() is never longer than 200 characters, and cuts none in two", () => {
  assertEquals(patternOf(`${"😀".repeat(300)}`).length, 200);
  assertEquals(patternOf(`a${"😀".repeat(300)}`).length, 199);
  assertEquals(patternOf(`a${"😀".repeat(300)}`).isWellFormed(), true);
});

Deno.test("fingerprintOf() tells types, names and patterns apart, and always says the same of one cause", () => {
  const causes = [["a", "b", "c"], ["ab", "", "c"], ["a", "bc", ""], ["b", "a", "c"], [
    "a",
    "b",
    "d",
  ]] as const;

  assertEquals(
    new Set(causes.map(([type, name, pattern]) => fingerprintOf(type, name, pattern))).size,
    causes.length,
  );
  assertEquals(fingerprintOf("mail", "Error", "No user #"), "7fa691decf802f16");
});
