import { assertEquals } from "@std/assert";
import { join, joinValues, ordinal, stepOf, unitOf } from "./words.ts";

Deno.test("join() puts commas and a last word", () => {
  assertEquals([[], ["a"], ["a", "b"], ["a", "b", "c"]].map((parts) => join(parts)), [
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});

Deno.test("joinValues() shortens runs and steps", () => {
  const cases: [number[], string][] = [
    [[5], "5"],
    [[5, 6], "5 and 6"],
    [[5, 6, 7], "5 to 7"],
    [[1, 5, 6, 7, 20], "1, 5 to 7 and 20"],
    [[0, 20, 40], "0, 20 and 40"],
    [[1, 3, 5, 7, 9], "1, 3, 5 … 9"],
    [[0, 1, 2, 3, 59], "0 to 3 and 59"],
  ];
  for (const [values, text] of cases) assertEquals(joinValues(values), text);
});

Deno.test("stepOf() is 0 unless all values are as far apart", () => {
  assertEquals([[1], [1, 4], [1, 4, 7], [1, 4, 8]].map(stepOf), [0, 3, 3, 0]);
});

Deno.test("unitOf() and ordinal() know one and many", () => {
  assertEquals([unitOf("day", [1]), unitOf("day", [1, 2])], ["day 1", "days 1 and 2"]);
  assertEquals(
    [1, 2, 3, 4, 11, 12, 13, 21, 22].map(ordinal).join(" "),
    "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd",
  );
});
