import type { Random } from "./crash/random.ts";

const MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A field as it is written, and what it means. */
interface Drawn {
  text: string;
  isStar: boolean;
  has(value: number): boolean;
}

interface DrawnDays {
  text: string;
  isStar: boolean;
  has(date: Date): boolean;
}

/** A cron expression that is known without reading it. */
export interface DrawnCron {
  text: string;
  /** Its minute or hour begins with `*`. */
  isWild: boolean;
  /**
   * Tells whether it names a time.
   *
   * @param shown What clocks show, as if it were UTC.
   */
  has(shown: Date): boolean;
}

function drawField(random: Random, [min, max]: readonly [number, number], starred: number): Drawn {
  if (random.chance(starred)) {
    const step = random.chance(0.5) ? 1 : random.pick([2, 3, 5, 7, 15, 20]);
    const text = step === 1 ? "*" : `*/${step}`;
    return { text, isStar: true, has: (value) => (value - min) % step === 0 };
  }
  const items = Array.from({ length: random.between(1, 3) }, (): Drawn => {
    const first = random.between(min, max);
    const last = random.between(first, max);
    const step = random.between(1, 6);
    switch (random.between(0, 3)) {
      case 0:
        return { text: `${first}-${last}`, isStar: false, has: (value) => value >= first && value <= last };
      case 1:
        return {
          text: `${first}-${last}/${step}`,
          isStar: false,
          has: (value) => value >= first && value <= last && (value - first) % step === 0,
        };
      case 2:
        return {
          text: `${first}/${step}`,
          isStar: false,
          has: (value) => value >= first && (value - first) % step === 0,
        };
      default:
        return { text: String(first), isStar: false, has: (value) => value === first };
    }
  });
  return {
    text: items.map(({ text }) => text).join(","),
    isStar: false,
    has: (value) => items.some((item) => item.has(value)),
  };
}

function isWorkday(date: Date): boolean {
  return date.getUTCDay() % 6 !== 0;
}

function inMonth(date: Date, day: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day));
}

function daysIn(date: Date): Date[] {
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return Array.from({ length: last }, (_, i) => inMonth(date, i + 1));
}

function drawDaysOfMonth(random: Random): DrawnDays {
  const day = random.between(1, 31);
  const before = random.between(1, 30);
  switch (random.between(0, 7)) {
    case 0:
      return { text: "L", isStar: false, has: (date) => date.getUTCDate() === daysIn(date).length };
    case 1:
      return {
        text: `L-${before}`,
        isStar: false,
        has: (date) => date.getUTCDate() === daysIn(date).length - before,
      };
    case 2: {
      const has = (date: Date) => daysIn(date).findLast(isWorkday)?.getUTCDate() === date.getUTCDate();
      return { text: "LW", isStar: false, has };
    }
    case 3: {
      const has = (date: Date) => {
        const all = daysIn(date);
        if (day > all.length) return false;
        const near = [0, -1, 1, -2, 2].map((distance) => all[day - 1 + distance])
          .find((one) => one !== undefined && isWorkday(one));
        return near?.getUTCDate() === date.getUTCDate();
      };
      return { text: `${day}W`, isStar: false, has };
    }
    default: {
      const drawn = drawField(random, [1, 31], 0.7);
      return { ...drawn, has: (date) => drawn.has(date.getUTCDate()) };
    }
  }
}

function drawDaysOfWeek(random: Random): DrawnDays {
  const weekday = random.between(0, 6);
  const nth = random.between(1, 5);
  const same = (date: Date) => daysIn(date).filter((one) => one.getUTCDay() === weekday);
  const isAt = (date: Date, index: number) =>
    same(date).at(index)?.getTime() === inMonth(date, date.getUTCDate()).getTime();
  switch (random.between(0, 5)) {
    case 0:
      return { text: `${DAY_NAMES[weekday]}L`, isStar: false, has: (date) => isAt(date, -1) };
    case 1:
      return { text: `${weekday || 7}#${nth}`, isStar: false, has: (date) => isAt(date, nth - 1) };
    case 2:
      return {
        text: `${DAY_NAMES[weekday]}-SUN`.replace(/^SUN-/, "0-"),
        isStar: false,
        has: weekday === 0
          ? (date) => date.getUTCDay() === 0
          : (date) => date.getUTCDay() === 0 || date.getUTCDay() >= weekday,
      };
    default: {
      const drawn = drawField(random, [0, 6], 0.7);
      return { ...drawn, has: (date) => drawn.has(date.getUTCDay()) };
    }
  }
}

/** Draws five fields of any form, names and the forms that depend on the month included. */
export function drawCron(random: Random): DrawnCron {
  const minute = drawField(random, [0, 59], 0.3);
  const hour = drawField(random, [0, 23], 0.3);
  const dayOfMonth = drawDaysOfMonth(random);
  const month = drawField(random, [1, 12], 0.8);
  const dayOfWeek = drawDaysOfWeek(random);
  const isPlus = random.chance(0.1);
  const monthText = month.text.replace(/^(\d+)$/, (text) => MONTH_NAMES[Number(text) - 1]!);
  return {
    text: [minute.text, hour.text, dayOfMonth.text, monthText, (isPlus ? "+" : "") + dayOfWeek.text].join(
      " ",
    ),
    isWild: minute.isStar || hour.isStar,
    has(shown) {
      if (!minute.has(shown.getUTCMinutes()) || !hour.has(shown.getUTCHours())) return false;
      if (!month.has(shown.getUTCMonth() + 1)) return false;
      const [first, second] = [dayOfMonth.has(shown), dayOfWeek.has(shown)];
      return dayOfMonth.isStar || dayOfWeek.isStar || isPlus ? first && second : first || second;
    },
  };
}
