import { assertEquals } from "@std/assert";
import { parseCron } from "../cron.ts";

function check(cases: readonly (readonly [expression: string, ...warnings: string[]])[]): void {
  for (const [expression, ...warnings] of cases) {
    assertEquals(parseCron(expression, { seed: "x" }).warnings, warnings, expression);
  }
}

Deno.test("An expression that never runs carries a warning (rule 2)", () => {
  const warning = "It never runs: there is no such date in any year that it names";

  check([["0 0 31 2 *", warning], ["0 0 0 29 2 * 2021-2023", warning], ["0 0 29 2 *"], ["0 0 0 1 1 * 1970"]]);
});

Deno.test("Uneven steps carry a warning (rule 3)", () => {
  check([
    ["*/45 * * * *", "The steps of the minute */45 are uneven: 0, 45, then 0 again"],
    ["*/7 * * * *", "The steps of the minute */7 are uneven: 0, 7, …, 56, then 0 again"],
    ["*/25 * * * *", "The steps of the minute */25 are uneven: 0, 25, 50, then 0 again"],
    ["0-59/45 * * * *", "The steps of the minute 0-59/45 are uneven: 0, 45, then 0 again"],
    ["50/7 * * * *", "The steps of the minute 50/7 are uneven: 50, 57, then 50 again"],
    ["*/50 * * * * *", "The steps of the second */50 are uneven: 0, 50, then 0 again"],
    ["0 */5 * * *", "The steps of the hour */5 are uneven: 0, 5, …, 20, then 0 again"],
    ["0 0 1 */5 *", "The steps of the month */5 are uneven: JAN, JUN, NOV, then JAN again"],
    ["0 0 */10 * *", "The steps of the day of month */10 are uneven: 1, 11, …, 31, then 1 again"],
    ["0 0 * * */3", "The steps of the day of week */3 are uneven: SUN, WED, SAT, then SUN again"],
  ]);
});

Deno.test("Even steps, ranges and lists carry none", () => {
  check([
    ["*/15 */6 1 */3 *"],
    ["5/10 * * * *"],
    ["0-20/7 * * * *"],
    ["*/1 * * * *"],
    ["0 0 0 1 1 * */4"],
    ["0 9-17/3 * * MON-FRI/2"],
    ["H/15 H * * *"],
    ["0,45 * * * *"],
  ]);
});

Deno.test("A step wider than the range carries a warning: the first value only (rule 3)", () => {
  check([
    ["*/90 * * * *", "The minute */90 has a step wider than its range: it means 0 alone"],
    ["*/60 * * * *", "The minute */60 has a step wider than its range: it means 0 alone"],
    ["30,0-10/20 * * * *", "The minute 30,0-10/20 has a step wider than its range: it means 0 alone"],
    ["40/30 * * * *", "The minute 40/30 has a step wider than its range: it means 40 alone"],
    ["0 0 1 */12 *", "The month */12 has a step wider than its range: it means JAN alone"],
    [
      "0 0 * * */99999999999999999999",
      "The day of week */99999999999999999999 has a step wider than its range: it means SUN alone",
    ],
  ].map(([expression = "", ...warnings]) => [expression, ...warnings] as const));
  assertEquals(parseCron("*/90 * * * *").upcoming(2, new Date(0)), [
    new Date(3_600_000),
    new Date(7_200_000),
  ]);
});

Deno.test("A day field that begins with a star and skips days carries a warning where both matter (rule 1)", () => {
  const warningOf = (expression: string) =>
    parseCron(expression).warnings.find((text) => text.includes("begins with"));

  assertEquals(
    warningOf("0 0 */2 * MON"),
    'The day of month */2 begins with "*", so a day must fit both day fields, where many other programs take either: ' +
      "write +MON as the day of week for both, or 1-31/2 for either",
  );
  assertEquals(
    warningOf("0 0 13 * */2"),
    'The day of week */2 begins with "*", so a day must fit both day fields, where many other programs take either: ' +
      "write +*/2 as the day of week for both, or 0-6/2 for either",
  );
  for (
    const expression of [
      "0 0 */2 * *",
      "0 0 */2 * ?",
      "0 0 * * */2",
      "0 0 */1 * MON",
      "0 0 13 * FRI",
      "0 0 */2 * +MON",
      "0 0 */2 * 0-6",
    ]
  ) {
    assertEquals(warningOf(expression), undefined, expression);
  }
});

Deno.test("What a warning says to write means what it says", () => {
  const after = new Date("2026-01-01Z");
  const times = (expression: string) => parseCron(expression).upcoming(30, after);

  assertEquals(times("0 0 */2 * +MON"), times("0 0 */2 * MON"));
  assertEquals(times("0 0 1-31/2 * MON").some((date) => date.getUTCDay() !== 1), true);
  assertEquals([parseCron("0 0 */2 * +MON").warnings.length, parseCron("0 0 1-31/2 * MON").warnings.length], [
    1,
    1,
  ]);
});
