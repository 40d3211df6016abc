import { spanBits } from "./days.ts";
import type { Item, ParsedField } from "./item.ts";
import type { CalendarPattern } from "./parse.ts";
import { join, joinValues, ordinal, unitOf } from "./words.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"];
const ALL_MONTH_DAYS = 31;
const ALL_WEEKDAYS = 7;

/** Says on what days: `on day 1 of the month or on Friday`, `Monday to Friday`; empty for every day. */
export function dayWords({ fields: { dayOfMonth, dayOfWeek } }: CalendarPattern): string {
  const numbers = spanBits(dayOfMonth.items).values();
  const weekdays = weekdaysOf(dayOfWeek);
  const isEveryNumber = numbers.length === ALL_MONTH_DAYS;
  const isEveryWeekday = weekdays.length === ALL_WEEKDAYS;
  const isEither = !dayOfMonth.isStar && !dayOfWeek.isStar && !dayOfWeek.isPlus;
  if (isEither && (isEveryNumber || isEveryWeekday)) return "";
  const byNumber = isEveryNumber ? "" : monthDayWords(numbers, dayOfMonth.items);
  const byWeekday = isEveryWeekday ? "" : weekdayWords(weekdays, dayOfWeek.items);
  if (byNumber === "" || byWeekday === "") return byNumber + byWeekday;
  return isEither ? `${byNumber} or ${byWeekday}` : `${byNumber}, only ${byWeekday}`;
}

/** Says in what months: `in January to March`; empty for all. */
export function monthWords({ months }: CalendarPattern): string {
  const values = months.values();
  if (values.length === MONTHS.length) return "";
  return `in ${joinValues(values, (month) => MONTHS[month - 1] ?? "")}`;
}

/** Says in what years: `in 2026 to 2028`; empty for all. */
export function yearWords({ years }: CalendarPattern): string {
  if (years === null) return "";
  const values: number[] = [];
  for (let year = years.next(0); year < Infinity; year = years.next(year + 1)) values.push(year);
  return `in ${joinValues(values)}`;
}

function monthDayWords(numbers: readonly number[], items: readonly Item[]): string {
  const parts = numbers.length === 0 ? [] : [unitOf("day", numbers)];
  for (const item of items) {
    if (item.kind === "last") {
      parts.push(item.before === 0 ? "the last day" : `the ${ordinal(item.before)} day before the last`);
    }
    if (item.kind === "lastWeekday") parts.push("the last weekday");
    if (item.kind === "nearestWeekday") parts.push(`the weekday nearest to day ${item.day}`);
  }
  return `on ${join(parts)} of the month`;
}

function weekdayWords(weekdays: readonly number[], items: readonly Item[]): string {
  const mondayFirst = weekdays.map((day) => (day + 6) % 7).sort((a, b) => a - b);
  const nameOf = (day: number) => WEEKDAYS[(day + 1) % 7] ?? "";
  const isRun = mondayFirst.length > 2 &&
    (mondayFirst.at(-1) ?? 0) - (mondayFirst[0] ?? 0) === mondayFirst.length - 1;
  const parts = mondayFirst.length === 0 ? [] : [joinValues(mondayFirst, nameOf)];
  for (const item of items) {
    if (item.kind === "lastNamed") parts.push(`the last ${WEEKDAYS[item.weekday]} of the month`);
    if (item.kind === "nthNamed") {
      parts.push(`the ${ORDINALS[item.nth]} ${WEEKDAYS[item.weekday]} of the month`);
    }
  }
  return `${isRun ? "" : "on "}${join(parts)}`;
}

function weekdaysOf({ items }: ParsedField): number[] {
  const values = spanBits(items).values();
  return [...new Set(values.map((day) => day % 7))].sort((a, b) => a - b);
}
