import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { checkZone } from "./zone-name.ts";

Deno.test("checkZone() names the nearest zone", () => {
  const cases: [string, string][] = [
    ["America/New_Yrok", "America/New_York"],
    ["america/newyork", "America/New_York"],
    ["US/Estern", "US/Eastern"],
    ["New York", "America/New_York"],
    ["london", "Europe/London"],
    ["PST", "America/Los_Angeles"],
    ["CEST", "Europe/Berlin"],
    ["UTC+2", "+02:00"],
    ["GMT-11", "-11:00"],
    ["Z", "UTC"],
  ];
  for (const [name, nearest] of cases) {
    const error = assertThrows(() => checkZone(name, "timezone"), InputRangeError);
    assertStringIncludes(error.message, `the nearest is ${nearest}, found`, name);
    assertEquals(error.issues[0]?.path, "timezone");
  }
});

Deno.test("checkZone() names none where none is near", () => {
  for (const name of ["Mars/Phobos", "xx", "UTC+99", "x".repeat(64)]) {
    const { message } = assertThrows(() => checkZone(name, "timezone"), InputRangeError);
    assertStringIncludes(message, "must be an IANA time zone, such as UTC or Europe/Paris, found");
  }
});

Deno.test("checkZone() refuses what is no name", () => {
  for (const value of [undefined, null, 5, {}, []]) {
    assertThrows(() => checkZone(value, "timezone"), InputTypeError);
  }
  for (const value of ["", " UTC", "a\nb", "x".repeat(65)]) {
    assertThrows(() => checkZone(value, "timezone"), InputRangeError);
  }
});
