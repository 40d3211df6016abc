import { assertEquals, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { checkDeclaration, checkScheduleName } from "./definition.ts";

Deno.test("checkDeclaration() completes what is left out", () => {
  assertEquals(checkDeclaration("0 3 * * *", null), {
    definition: {
      expression: "0 3 * * *",
      job: null,
      timezone: "UTC",
      missed: "once",
      missedLimit: 100,
      overlap: "skip",
      jitter: 0,
      dst: "vixie",
      startAt: null,
      endAt: null,
      maxRuns: null,
    },
    enabled: true,
  });
});

Deno.test("checkDeclaration() takes dates as epoch milliseconds", () => {
  const { definition } = checkDeclaration("0 3 * * *", null, { startAt: new Date(1000), endAt: 2000.7 });

  assertEquals([definition.startAt, definition.endAt], [1000, 2000]);
});

Deno.test("checkDeclaration() names the field that is wrong", () => {
  const wrong: [Record<string, unknown> | unknown, typeof InputTypeError | typeof InputRangeError, string][] =
    [
      [5, InputTypeError, "options: must be an object, found 5"],
      [{ timeZone: "UTC" }, InputTypeError, "timeZone: is not a known field"],
      [{ timezone: 1 }, InputTypeError, "timezone: must be a string, found 1"],
      [{ missed: "never" }, InputRangeError, 'missed: must be "skip" or "once" or "all", found "never"'],
      [{ missedLimit: 0 }, InputRangeError, "missedLimit: must be from 1 to 1000, found 0"],
      [{ overlap: true }, InputTypeError, "overlap: must be"],
      [{ jitter: -1 }, InputRangeError, "jitter: must be from 0 to 86400000 milliseconds, found -1"],
      [{ jitter: "1s" }, InputTypeError, "jitter: must be a number of milliseconds"],
      [{ dst: "off" }, InputRangeError, "dst: must be"],
      [{ startAt: "tomorrow" }, InputTypeError, "startAt: must be a Date or epoch milliseconds"],
      [{ endAt: new Date(NaN) }, InputRangeError, "endAt: must be a valid time"],
      [
        { startAt: 2000, endAt: 1000 },
        InputRangeError,
        "endAt: must be after startAt (1970-01-01T00:00:02.000Z)",
      ],
      [{ startAt: 2000, endAt: 2000 }, InputRangeError, "endAt: must be after startAt"],
      [{ maxRuns: 0 }, InputRangeError, "maxRuns: must be from 1"],
      [{ maxRuns: 1.5 }, InputRangeError, "maxRuns: must be a whole number"],
      [{ enabled: "yes" }, InputTypeError, "enabled: must be true or false"],
    ];
  for (const [options, type, message] of wrong) {
    assertThrows(() => checkDeclaration("* * * * *", null, options), type, message);
  }
  assertThrows(() => checkDeclaration(5, null), InputTypeError, "expression: must be a string, found 5");
});

Deno.test("checkScheduleName() refuses what is no name", () => {
  assertEquals(checkScheduleName("Täglich um 3"), "Täglich um 3");
  assertThrows(() => checkScheduleName(undefined), InputTypeError, "name: must be a string");
  assertThrows(() => checkScheduleName(""), InputRangeError, "name: must have 1 to 100 characters");
  assertThrows(() => checkScheduleName("x".repeat(101)), InputRangeError, "name: must have at most 100");
  assertThrows(() => checkScheduleName("a\nb"), InputRangeError, "name: must have no control characters");
  assertThrows(() => checkScheduleName(".."), InputRangeError, 'name: must not be ".."');
});
