import { assert, assertEquals } from "@std/assert";
import { parse } from "./parse.ts";

/** The days by the rule, for a month by year and number. */
function daysOf(fields: string, year: number, month: number): number[] {
  const [dayOfMonth, dayOfWeek] = fields.split(" ");
  const pattern = parse(`0 0 ${dayOfMonth} * ${dayOfWeek}`);
  assert(pattern.kind === "calendar");
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const mask = pattern.days.mask(length, first);
  assertEquals(pattern.days.mask(length, first), mask);
  return Array.from({ length: 32 }, (_, day) => day).filter((day) => (mask >>> day & 1) === 1);
}

/** What the days of a month must be by a condition on each. */
function expected(
  year: number,
  month: number,
  fits: (day: number, weekday: number, last: number) => boolean,
): number[] {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length: last }, (_, i) => i + 1)
    .filter((day) => fits(day, new Date(Date.UTC(year, month - 1, day)).getUTCDay(), last));
}

const isWorkday = (weekday: number) => weekday > 0 && weekday < 6;

/** The day from Monday to Friday nearest to `day`, found by looking around it. */
function nearest(year: number, month: number, day: number): number[] {
  for (const distance of [0, -1, 1, -2, 2]) {
    if (
      expected(year, month, (other, weekday) => other === day + distance && isWorkday(weekday)).length > 0
    ) {
      return [day + distance];
    }
  }
  return [];
}

Deno.test("DayRule has each form right in every month of 28 years", () => {
  for (let year = 2001; year <= 2028; year++) {
    for (let month = 1; month <= 12; month++) {
      const check = (fields: string, days: number[]) =>
        assertEquals(daysOf(fields, year, month), days, `${fields} in ${year}-${month}`);
      const by = (fits: Parameters<typeof expected>[2]) => expected(year, month, fits);

      check("L *", by((day, _, last) => day === last));
      check("L-3 *", by((day, _, last) => day === last - 3));
      check("L-30 *", by((day, _, last) => day === last - 30));
      check("LW *", by((_, weekday) => isWorkday(weekday)).slice(-1));
      for (const day of [1, 2, 15, 28, 29, 30, 31]) {
        check(`${day}W *`, by((one) => one === day).length === 0 ? [] : nearest(year, month, day));
      }
      check("* FRIL", by((_, weekday) => weekday === 5).slice(-1));
      check("* 0#L", by((_, weekday) => weekday === 0).slice(-1));
      for (const nth of [1, 2, 3, 4, 5]) {
        check(
          `* 3#${nth}`,
          by((_, weekday) => weekday === 3).slice(nth - 1, nth),
        );
      }
      check("* 1-5", by((_, weekday) => isWorkday(weekday)));
    }
  }
});

Deno.test("Both day fields restricted: either matches (rule 1)", () => {
  const either = expected(2026, 3, (day, weekday) => day === 13 || weekday === 5);

  for (const fields of ["13 FRI", "13 5", "13,13 5#1,5#2,5#3,5#4,FRIL"]) {
    assertEquals(daysOf(fields, 2026, 3), either, fields);
  }
  for (const fields of ["13 0-6", "13 SUN-SAT", "1-31 FRI", "1/1 FRI", "5,*/1 FRI"]) {
    assertEquals(daysOf(fields, 2026, 3).length, 31, fields);
  }
});

Deno.test("A day field that begins with a star does not restrict: both must match (rule 1)", () => {
  assertEquals(daysOf("* FRI", 2026, 3), daysOf("? FRI", 2026, 3));
  assertEquals(daysOf("* FRI", 2026, 3), expected(2026, 3, (_, weekday) => weekday === 5));
  assertEquals(daysOf("13 *", 2026, 3), [13]);
  assertEquals(daysOf("13 ?", 2026, 3), [13]);
  assertEquals(daysOf("? ?", 2026, 3).length, 31);
  assertEquals(
    daysOf("*/2 MON", 2026, 3),
    expected(2026, 3, (day, weekday) => day % 2 === 1 && weekday === 1),
  );
  assertEquals(
    daysOf("13-19 */2", 2026, 3),
    expected(2026, 3, (day, weekday) => day >= 13 && day <= 19 && weekday % 2 === 0),
  );
  assertEquals(
    daysOf("*/2,4 MON", 2026, 3),
    expected(2026, 3, (day, weekday) => (day % 2 === 1 || day === 4) && weekday === 1),
  );
});

Deno.test("A plus before the day of week asks for both", () => {
  assertEquals(daysOf("13 +FRI", 2026, 3), [13]);
  assertEquals(daysOf("13 +MON", 2026, 3), []);
  assertEquals(daysOf("1-7 +MON,TUE", 2026, 3), [2, 3]);
  assertEquals(daysOf("LW +TUE", 2026, 3), [31]);
  assertEquals(daysOf("25-31 +FRIL", 2026, 3), [27]);
});
