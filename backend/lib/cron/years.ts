import type { Bits } from "./bits.ts";
import { daysInMonth, daysToMonth, isLeap, weekdayOf } from "./calendar.ts";
import type { DayRule } from "./days.ts";
import { YEAR } from "./field.ts";
import type { Item } from "./item.ts";

/** The years of a seventh field. */
export class Years {
  readonly #has = new Uint8Array(YEAR.max - YEAR.min + 1);

  constructor(items: readonly Item[]) {
    for (const item of items) {
      if (item.kind !== "span") continue;
      for (let year = item.first; year <= item.last; year += item.step) this.#has[year - YEAR.min] = 1;
    }
  }

  /** The first year that is `from` or later; `Infinity` if there is none. */
  next(from: number): number {
    const index = this.#has.indexOf(1, Math.max(0, from - YEAR.min));
    return index < 0 ? Infinity : index + YEAR.min;
  }

  /** The last year that is `from` or earlier; `-Infinity` if there is none. */
  prev(from: number): number {
    const index = from < YEAR.min ? -1 : this.#has.lastIndexOf(1, from - YEAR.min);
    return index < 0 ? -Infinity : index + YEAR.min;
  }
}

/** Years among which each of the 14 kinds is, a kind being the weekday of its first day and whether it is a leap year. */
const ALL_KINDS = { from: 2000, to: 2027 };

/**
 * Tells whether there is any such date, without a search: what days a year has depends on its kind alone.
 *
 * @param years Null for all years.
 */
export function hasDate(days: DayRule, months: Bits, years: Years | null): boolean {
  let tried = 0;
  const from = years === null ? ALL_KINDS.from : years.next(YEAR.min);
  const to = years === null ? ALL_KINDS.to : YEAR.max;
  for (let year = from; year <= to; year = years === null ? year + 1 : years.next(year + 1)) {
    const kind = 1 << weekdayOf(daysToMonth(year, 1)) * 2 + (isLeap(year) ? 1 : 0);
    if ((tried & kind) !== 0) continue;
    tried |= kind;
    for (let month = months.next(1); month > 0; month = months.next(month + 1)) {
      if (days.mask(daysInMonth(year, month), weekdayOf(daysToMonth(year, month))) !== 0) return true;
    }
  }
  return false;
}
