import { assertEquals } from "@std/assert";
import { dateOf, DAY, daysInMonth, daysToMonth, EARLIEST, isLeap, LATEST, weekdayOf } from "./calendar.ts";

/** Days all over what a `Date` can hold, with those around the turns of centuries. */
function* days(): Generator<number> {
  const last = LATEST / DAY;
  for (let day = -last; day <= last; day += 99_991) yield day;
  for (const year of [-400, 0, 1600, 1900, 1970, 2000, 2100, 2400, 9999]) {
    const first = new Date(0).setUTCFullYear(year, 1, 20) / DAY;
    for (let day = first; day < first + 20; day++) yield day;
  }
}

Deno.test("The calendar is that of Date, over all of its range", () => {
  for (const day of days()) {
    const date = new Date(day * DAY);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];

    assertEquals(dateOf(day), { year, month, day: date.getUTCDate() });
    assertEquals(daysToMonth(year, month), day - date.getUTCDate() + 1);
    assertEquals(weekdayOf(day), date.getUTCDay());
    assertEquals(daysInMonth(year, month), new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate());
  }
  assertEquals(dateOf(EARLIEST / DAY), { year: -271_821, month: 4, day: 20 });
});

Deno.test("isLeap() knows the centuries", () => {
  assertEquals([1900, 2000, 2024, 2026, 2100, 2400].filter(isLeap), [2000, 2024, 2400]);
});
