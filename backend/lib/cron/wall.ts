import { type Bits, highestBit, lowestBit } from "./bits.ts";
import { dateOf, DAY, daysInMonth, daysToMonth, FIRST_YEAR, LAST_YEAR, weekdayOf } from "./calendar.ts";
import type { DayRule } from "./days.ts";
import type { CalendarPattern } from "./parse.ts";
import type { Years } from "./years.ts";

const DECEMBER = 12;
const LAST_SECOND = 86_399;

/**
 * The times that an expression names on a clock on the wall that is never changed.
 *
 * Times are milliseconds since 1970-01-01 00:00 on that clock, whole seconds. A search takes a step for each month that
 * the expression names, none for days, hours, minutes and seconds, and none at all where there is no such date.
 */
export class WallTimes {
  readonly #seconds: Bits;
  readonly #minutes: Bits;
  readonly #hours: Bits;
  readonly #days: DayRule;
  readonly #months: Bits;
  readonly #years: Years | null;
  readonly #isPossible: boolean;
  /** Milliseconds of a day to its first and to its last time. */
  readonly #first: number;
  readonly #last: number;

  constructor({ seconds, minutes, hours, days, months, years, isPossible }: CalendarPattern) {
    this.#seconds = seconds;
    this.#minutes = minutes;
    this.#hours = hours;
    this.#days = days;
    this.#months = months;
    this.#years = years;
    this.#isPossible = isPossible;
    this.#first = this.#timeFrom(0) * 1000;
    this.#last = this.#timeUpTo(LAST_SECOND) * 1000;
  }

  /** The first time that is `from` or later; `Infinity` if there is none. */
  next(from: number): number {
    if (!this.#isPossible) return Infinity;
    const today = Math.floor(from / DAY);
    const { year, month, day } = dateOf(today);
    if (this.#years !== null && this.#years.next(year) !== year) {
      return this.#nextDay(this.#years.next(year), 0, 0);
    }
    const mask = this.#mask(year, month, today - day + 1) & (-1 << day);
    if (mask === 0 || lowestBit(mask) !== day) return this.#nextDay(year, month, mask);
    const time = this.#timeFrom((from - today * DAY) / 1000);
    return time < 0 ? this.#nextDay(year, month, mask & (mask - 1)) : today * DAY + time * 1000;
  }

  /** The last time that is `upTo` or earlier; `-Infinity` if there is none. */
  prev(upTo: number): number {
    if (!this.#isPossible) return -Infinity;
    const today = Math.floor(upTo / DAY);
    const { year, month, day } = dateOf(today);
    if (this.#years !== null && this.#years.prev(year) !== year) {
      return this.#prevDay(this.#years.prev(year), DECEMBER + 1, 0);
    }
    const mask = this.#mask(year, month, today - day + 1) & (-1 >>> (31 - day));
    if (mask === 0 || highestBit(mask) !== day) return this.#prevDay(year, month, mask);
    const time = this.#timeUpTo((upTo - today * DAY) / 1000);
    return time < 0 ? this.#prevDay(year, month, mask ^ (1 << day)) : today * DAY + time * 1000;
  }

  /** The first time on one of the days of `mask`, or else in the months after it. */
  #nextDay(year: number, month: number, mask: number): number {
    while (mask === 0) {
      month = this.#months.next(month + 1);
      if (month < 0) {
        year = this.#years === null ? year + 1 : this.#years.next(year + 1);
        month = this.#months.next(1);
      }
      if (year > LAST_YEAR + 1) return Infinity;
      mask = this.#mask(year, month, daysToMonth(year, month));
    }
    return (daysToMonth(year, month) + lowestBit(mask) - 1) * DAY + this.#first;
  }

  /** The last time on one of the days of `mask`, or else in the months before it. */
  #prevDay(year: number, month: number, mask: number): number {
    while (mask === 0) {
      month = this.#months.prev(month - 1);
      if (month < 0) {
        year = this.#years === null ? year - 1 : this.#years.prev(year - 1);
        month = this.#months.prev(DECEMBER);
      }
      if (year < FIRST_YEAR - 1) return -Infinity;
      mask = this.#mask(year, month, daysToMonth(year, month));
    }
    return (daysToMonth(year, month) + highestBit(mask) - 1) * DAY + this.#last;
  }

  /** The days of a month that it names, one bit each. `firstDay` is the month's first, counted from 1970. */
  #mask(year: number, month: number, firstDay: number): number {
    return this.#months.has(month) ? this.#days.mask(daysInMonth(year, month), weekdayOf(firstDay)) : 0;
  }

  /** The first second of a day that is `from` or later; -1 if there is none. */
  #timeFrom(from: number): number {
    const hour = from / 3600 | 0;
    const minute = (from / 60 | 0) % 60;
    if (this.#hours.has(hour)) {
      if (this.#minutes.has(minute)) {
        const second = this.#seconds.next(from % 60);
        if (second >= 0) return hour * 3600 + minute * 60 + second;
      }
      const later = this.#minutes.next(minute + 1);
      if (later >= 0) return hour * 3600 + later * 60 + this.#seconds.next(0);
    }
    const later = this.#hours.next(hour + 1);
    return later < 0 ? -1 : later * 3600 + this.#minutes.next(0) * 60 + this.#seconds.next(0);
  }

  /** The last second of a day that is `upTo` or earlier; -1 if there is none. */
  #timeUpTo(upTo: number): number {
    const hour = upTo / 3600 | 0;
    const minute = (upTo / 60 | 0) % 60;
    if (this.#hours.has(hour)) {
      if (this.#minutes.has(minute)) {
        const second = this.#seconds.prev(upTo % 60);
        if (second >= 0) return hour * 3600 + minute * 60 + second;
      }
      const earlier = this.#minutes.prev(minute - 1);
      if (earlier >= 0) return hour * 3600 + earlier * 60 + this.#seconds.prev(59);
    }
    const earlier = this.#hours.prev(hour - 1);
    return earlier < 0 ? -1 : earlier * 3600 + this.#minutes.prev(59) * 60 + this.#seconds.prev(59);
  }
}
