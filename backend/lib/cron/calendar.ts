/** Milliseconds of a day on the clock. */
export const DAY = 86_400_000;

/** The first and last moment that a `Date` can hold. */
export const EARLIEST = -8.64e15;
export const LATEST = 8.64e15;

/** The years in which those lie. */
export const FIRST_YEAR = -271_821;
export const LAST_YEAR = 275_760;

/** A year, its month from 1 and its day from 1. */
export interface CalendarDay {
  year: number;
  month: number;
  day: number;
}

/**
 * The date of a day counted from 1 January 1970, by the Gregorian calendar without end in both directions, as `Date`
 * does it. Whole-number arithmetic on years that begin in March, so that the leap day comes last.
 */
export function dateOf(days: number): CalendarDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra =
    ((dayOfEra - (dayOfEra / 1460 | 0) + (dayOfEra / 36_524 | 0) - (dayOfEra / 146_096 | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra / 4 | 0) - (yearOfEra / 100 | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - ((153 * shiftedMonth + 2) / 5 | 0) + 1,
  };
}

/** The days from 1 January 1970 to the first day of a month. */
export function daysToMonth(year: number, month: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 | 0;
  const dayOfEra = yearOfEra * 365 + (yearOfEra / 4 | 0) - (yearOfEra / 100 | 0) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day of the week, Sunday being 0, of a day counted from 1 January 1970. */
export function weekdayOf(days: number): number {
  return ((days + 4) % 7 + 7) % 7;
}
