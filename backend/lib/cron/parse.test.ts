import { assert, assertEquals } from "@std/assert";
import { type CalendarPattern, parse } from "./parse.ts";

function calendar(expression: string, seed?: string): CalendarPattern {
  const pattern = parse(expression, seed);
  assert(pattern.kind === "calendar");
  return pattern;
}

/** The values of the field that is in the place of `@`. */
function values(field: "second" | "minute" | "hour" | "month", text: string, seed?: string): number[] {
  const places = ["second", "minute", "hour", "day", "month", "weekday"];
  const pattern = calendar(places.map((place) => place === field ? text : "*").join(" "), seed);
  return pattern[`${field}s`].values();
}

/** The days of March 2026, which has 31 and begins on a Sunday. */
function days(dayOfMonth: string, dayOfWeek: string): number[] {
  const mask = calendar(`0 0 ${dayOfMonth} * ${dayOfWeek}`, "seed").days.mask(31, 0);
  return Array.from({ length: 31 }, (_, i) => i + 1).filter((day) => (mask >>> day & 1) === 1);
}

const ALL_DAYS = days("*", "*");

Deno.test("parse() reads values, ranges, steps and lists in each time field", () => {
  assertEquals(values("minute", "*").length, 60);
  assertEquals(values("second", "0,59,30"), [0, 30, 59]);
  assertEquals(values("minute", "5-8"), [5, 6, 7, 8]);
  assertEquals(values("minute", "*/15"), [0, 15, 30, 45]);
  assertEquals(values("minute", "10-40/10"), [10, 20, 30, 40]);
  assertEquals(values("minute", "50/3"), [50, 53, 56, 59]);
  assertEquals(values("hour", "22-23,0-2"), [0, 1, 2, 22, 23]);
  assertEquals(values("hour", "1,1,0-2,2/12"), [0, 1, 2, 14]);
  assertEquals(values("hour", "007"), [7]);
  assertEquals(values("minute", "30-30"), [30]);
});

Deno.test("parse() reads names in any case, in ranges, lists and steps", () => {
  assertEquals(values("month", "jan"), [1]);
  assertEquals(values("month", "Mar-MAY,dec"), [3, 4, 5, 12]);
  assertEquals(values("month", "OCT/1"), [10, 11, 12]);
  assertEquals(values("month", "1-JUN/2"), [1, 3, 5]);
  assertEquals(days("?", "mon"), [2, 9, 16, 23, 30]);
  assertEquals(days("*", "Mon-WED/2"), days("*", "1,3"));
});

Deno.test("parse() takes 0 and 7 for Sunday, and lets a range end on it", () => {
  const sundays = [1, 8, 15, 22, 29];

  for (const text of ["0", "7", "SUN", "0,7", "7-7", "sun-SUN"]) assertEquals(days("*", text), sundays, text);
  for (const text of ["SAT-SUN", "6-7", "6,0"]) assertEquals(days("*", text), days("*", "SAT,SUN"), text);
  for (const text of ["MON-SUN", "0-7", "1-7", "*/1", "0/1"]) assertEquals(days("*", text), ALL_DAYS, text);
  assertEquals(days("*", "FRI-7"), days("*", "FRI,SAT,SUN"));
  assertEquals(days("*", "5/1"), days("*", "FRI,SAT"));
  assertEquals(days("*", "7/3"), days("*", "SUN,WED,SAT"));
});

Deno.test("parse() takes any white space around and between the fields", () => {
  for (const text of ["  5 4 * * *  ", "5\t4\n*\r\n*\v*", "\u00a05\u20034 * * *"]) {
    const { minutes, hours } = calendar(text);
    assertEquals([minutes.values(), hours.values()], [[5], [4]], JSON.stringify(text));
  }
});

Deno.test("parse() reads six fields with seconds first and seven with years last", () => {
  const six = calendar("1 2 3 4 5 *");
  const seven = calendar("1 2 3 4 5 * 2026-2028,2099");

  for (const { seconds, minutes, hours, months } of [six, seven]) {
    assertEquals([seconds, minutes, hours, months].map((bits) => bits.values()), [[1], [2], [3], [5]]);
  }
  assertEquals(six.years, null);
  assertEquals([1900, 2027, 2029, 2100].map((year) => seven.years?.next(year)), [2026, 2027, 2099, Infinity]);
  assertEquals([1900, 2027, 2050, 2100].map((year) => seven.years?.prev(year)), [
    -Infinity,
    2027,
    2028,
    2099,
  ]);
  assertEquals(calendar("0 0 0 1 1 * *").years, null);
  assertEquals(calendar("0 0 0 1 1 * 2090/4").years?.next(2095), 2098);
});

Deno.test("parse() expands the short names, in any case", () => {
  const cases: [string, string][] = [
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
    ["@Monthly", "0 0 1 * *"],
    [" @WEEKLY ", "0 0 * * 0"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@hourly", "0 * * * *"],
  ];
  for (const [name, expression] of cases) {
    assertEquals(calendar(name).fields, calendar(expression).fields, name);
  }
  assertEquals(parse("@EVERY 1h 30m".replace(" 3", "3")), { kind: "interval", seconds: 5400 });
  assertEquals(parse("\t@every\n 15m "), { kind: "interval", seconds: 900 });
});

Deno.test("parse() reads the days that depend on the month", () => {
  assertEquals(days("L", "*"), [31]);
  assertEquals(days("l-3", "*"), [28]);
  assertEquals(days("1,L,15", "*"), [1, 15, 31]);
  assertEquals(days("LW", "*"), [31]);
  assertEquals(days("15w", "*"), [16]);
  assertEquals(days("*", "FRIL"), [27]);
  assertEquals(days("*", "5l"), [27]);
  assertEquals(days("*", "fri#L"), [27]);
  assertEquals(days("*", "5#3"), [20]);
  assertEquals(days("*", "MON#1,7#5"), [2, 29]);
});

Deno.test("parse() lets H stand for a value that depends on the seed and the field alone", () => {
  for (const seed of ["a", "b", "daily-report", "ü"]) {
    const [minute = -1, ...rest] = values("minute", "H", seed);
    assertEquals([rest, values("minute", "h", seed)], [[], [minute]]);
    const [low = -1] = values("minute", "H(10-19)", seed);
    assert(low >= 10 && low <= 19);
    const steps = values("minute", "H/10", seed);
    assertEquals(steps, [0, 10, 20, 30, 40, 50].map((value) => value + (steps[0] ?? -1)));
    assert((steps[0] ?? -1) < 10);
    assertEquals(values("minute", "H(0-29)/10", seed), steps.slice(0, 3));
    assertEquals(values("minute", "H,H", seed), [minute]);
    assertEquals(values("minute", "H(0-29)/40", seed).length, 1);
    assert(values("month", "H(JAN-MAR)", seed).every((month) => month <= 3));
    const [day = 99, ...others] = days("H", "*");
    assert(day <= 28 && others.length === 0);
  }
  const used = new Set(Array.from({ length: 500 }, (_, i) => values("minute", "H", `job ${i}`)[0]));
  assertEquals(used.size, 60);
});

Deno.test("parse() tells fixed expressions from those that follow real time (rule 5)", () => {
  const wild = [
    "* * * * *",
    "*/5 3 * * *",
    "5 */2 * * *",
    "0 * * * *",
    "@hourly",
    "* 0 3 * * *",
    "*,5 3 * * *",
  ];
  const fixed = [
    "0,30 2 * * *",
    "0 0-23 * * *",
    "0-59 3 * * *",
    "0/5 3 * * *",
    "0 0 3 * * *",
    "5,*/7 3 * * *",
    "H H * * *",
  ];

  assertEquals(wild.filter((text) => !calendar(text, "x").isWild), []);
  assertEquals(fixed.filter((text) => calendar(text, "x").isWild), []);
});

Deno.test("parse() decides whether there is such a date (rule 2)", () => {
  const never = [
    "0 0 31 2 *",
    "0 0 30 2 *",
    "0 0 31 4,6,9,11 *",
    "0 0 31W 2,4 *",
    "0 0 L-30 2,4 *",
    "0 0 1-7 * +MON#2",
    "0 0 8 * +MON#1",
    "0 0 L-7 * +FRIL",
    "0 0 1 2 +MON#5",
    "0 0 1-28 2 +MON#5",
    "0 0 0 29 2 * 2021-2023",
    "0 0 0 29 2 * 2025,2026,2027,2029",
    "0 0 0 29 2 +MON 2024",
    "0 0 0 1 1 +MON 2026",
  ];
  const possible = [
    "0 0 29 2 *",
    "0 0 29 2 +MON#5",
    "0 0 31 2 MON",
    "0 0 31W * *",
    "0 0 L-30 * *",
    "0 0 L-27 2 *",
    "0 0 7 * +MON#1",
    "0 0 L-6 * +FRIL",
    "0 0 L,31 2 *",
    "0 0 0 29 2 * 2021-2024",
    "0 0 0 1 1 +THU 2026",
    "0 0 0 1 1 * 1970",
  ];

  assertEquals(never.filter((text) => calendar(text).isPossible), []);
  assertEquals(possible.filter((text) => !calendar(text).isPossible), []);
});
