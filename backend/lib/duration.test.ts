import { assertEquals, assertThrows } from "@std/assert";
import { parseDuration } from "./duration.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";

Deno.test("parseDuration() reads milliseconds and units", () => {
  const cases: [unknown, number][] = [
    [0, 0],
    [1500, 1500],
    [0.2, 1],
    ["1500", 1500],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["24 h", 86_400_000],
    ["7d", 604_800_000],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, String(text));
});

Deno.test("parseDuration() refuses what is no duration, and names the field", () => {
  for (const bad of ["", "h", "-1s", "1e9", "1 week", " 1s", "1s\n", "9".repeat(16), true, null, {}, []]) {
    const error = assertThrows(() => parseDuration(bad, "options.delay"), InputTypeError);
    assertEquals(error.issues[0]?.path, "options.delay");
  }
  for (const bad of [-1, NaN, Infinity]) assertThrows(() => parseDuration(bad), InputRangeError);
});
