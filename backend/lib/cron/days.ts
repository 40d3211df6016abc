import { Bits, highestBit, lowestBit } from "./bits.ts";
import type { Item, ParsedField } from "./item.ts";

const SUNDAY = 0;
const SATURDAY = 6;
/** The 1st, 8th, 15th, 22nd and 29th. */
const WEEKLY = 1 << 1 | 1 << 8 | 1 << 15 | 1 << 22 | 1 << 29;

/**
 * The days of a month that fit the day of the month and the day of the week.
 *
 * If both restrict, either will do; one that begins with `*` or `?` does not restrict, and then, or with `+`, both
 * must fit. All of it depends only on the month's length and on the weekday it begins with, so there are 28 kinds of
 * month, each worked out when it is first asked for.
 */
export class DayRule {
  readonly #monthDays: ParsedField;
  readonly #weekdays: ParsedField;
  /** What the spans of each field name; of the 7 ways a week can lie, `weekdays` is the way from Sunday on. */
  readonly #numbers: number;
  readonly #week: number;
  readonly #isEither: boolean;
  /** Bit 0 tells that an entry has been worked out. */
  readonly #masks = new Int32Array(4 * 7);

  constructor(monthDays: ParsedField, weekdays: ParsedField) {
    this.#monthDays = monthDays;
    this.#weekdays = weekdays;
    this.#numbers = spanBits(monthDays.items).word;
    const week = spanBits(weekdays.items).word;
    this.#week = (week | week >>> 7) & 0x7f;
    this.#isEither = !monthDays.isStar && !weekdays.isStar && !weekdays.isPlus;
  }

  /** The days that fit in a month of `length` days whose first is a `weekday`: bit 1 for the 1st and so on. */
  mask(length: number, weekday: number): number {
    const index = (length - 28) * 7 + weekday;
    const known = this.#masks[index] ?? 0;
    if (known !== 0) return known & ~1;
    const month = { length, weekday, all: (-1 >>> (31 - length)) & ~1 };
    const byNumber = this.#maskByNumber(month);
    const byWeekday = this.#maskByWeekday(month);
    const mask = (this.#isEither ? byNumber | byWeekday : byNumber & byWeekday) & month.all;
    this.#masks[index] = mask | 1;
    return mask;
  }

  #maskByNumber(month: Month): number {
    let mask = this.#numbers;
    for (const item of this.#monthDays.items) {
      if (item.kind === "last" && item.before < month.length) mask |= 1 << (month.length - item.before);
      if (item.kind === "lastWeekday") mask |= 1 << nearestWeekday(month.length, month);
      if (item.kind === "nearestWeekday" && item.day <= month.length) {
        mask |= 1 << nearestWeekday(item.day, month);
      }
    }
    return mask;
  }

  #maskByWeekday(month: Month): number {
    let mask = 0;
    for (let week = this.#week; week !== 0; week &= week - 1) mask |= daysNamed(lowestBit(week), month);
    for (const item of this.#weekdays.items) {
      if (item.kind === "lastNamed") mask |= 1 << highestBit(daysNamed(item.weekday, month));
      if (item.kind === "nthNamed") mask |= daysNamed(item.weekday, month) & 0xfe << 7 * (item.nth - 1);
    }
    return mask;
  }
}

interface Month {
  length: number;
  /** Of its first day. */
  weekday: number;
  /** A bit for each of its days. */
  all: number;
}

/** The numbers that the spans among `items` name. */
export function spanBits(items: readonly Item[]): Bits {
  const bits = new Bits();
  for (const item of items) {
    if (item.kind === "span") bits.add(item.first, item.last, item.step);
  }
  return bits;
}

function daysNamed(weekday: number, month: Month): number {
  return (WEEKLY << (weekday - month.weekday + 7) % 7) & month.all;
}

/** The day from Monday to Friday that is nearest to `day` and in the same month. */
function nearestWeekday(day: number, month: Month): number {
  const weekday = (month.weekday + day - 1) % 7;
  if (weekday === SATURDAY) return day > 1 ? day - 1 : day + 2;
  if (weekday === SUNDAY) return day < month.length ? day + 1 : day - 2;
  return day;
}
