import type { CalendarPattern } from "./parse.ts";
import { capitalize, join, ordinal, stepOf, unitOf } from "./words.ts";

/** So many times of a day are told one by one. */
const MOST_TIMES = 6;

/** The values of a field. */
interface Shape {
  values: readonly number[];
  first: number;
  last: number;
  /** From any value to the next, over the end of the range too; 1 for all values, 0 if it differs or there is just one. */
  every: number;
}

/** What happens within an hour. */
interface Detail {
  /** `every 5 minutes`, or `at minute 30`. */
  text: string;
  /** It begins with `every`. */
  isOften: boolean;
}

/**
 * Says at what times of a day: `At 02:30`, `Every 5 minutes from 09:00 to 17:55`. It goes by the values and not by the way
 * they are written: `0,30` and `0/30` are one thing to a reader.
 */
export function timeWords(pattern: CalendarPattern): string {
  const hour = shapeOf(pattern.hours.values(), 24);
  const minute = shapeOf(pattern.minutes.values(), 60);
  const second = shapeOf(pattern.seconds.values(), 60);
  const { text, isOften } = detailOf(minute, second);
  const isFullHour = minute.last === 0 && second.last === 0;
  if (hour.every === 1 || (hour.every > 1 && hour.first === 0 && hour.values.length > 2)) {
    if (isOften) return capitalize(text) + (hour.every === 1 ? "" : ` of every ${ordinal(hour.every)} hour`);
    return `${capitalize(everyWords("hour", hour.every))}${isFullHour ? "" : ` ${text}`}`;
  }
  const count = hour.values.length * minute.values.length * second.values.length;
  const isSeries = isOften && count / hour.values.length > 2;
  if (count <= MOST_TIMES && !isSeries) return `At ${join(timesOf(hour, minute, second))}`;
  const isRange = hour.values.length === 1 || stepOf(hour.values) === 1;
  const begin = clock(hour.first, minute.first, second.first, second);
  const range = `from ${begin} to ${clock(hour.last, minute.last, second.last, second)}`;
  if (isRange && isOften) return `${capitalize(text)} ${range}`;
  if (isRange && hour.values.length > 1) {
    const isOnce = minute.values.length * second.values.length === 1;
    return isOnce ? `Every hour ${range}` : `Every hour ${text}, ${range}`;
  }
  return `${capitalize(text)} of ${unitOf("hour", hour.values)}`;
}

function detailOf(minute: Shape, second: Shape): Detail {
  const isSteady = minute.every > 0 && minute.first === 0;
  if (second.last === 0) {
    if (isSteady) return { text: everyWords("minute", minute.every), isOften: true };
    return { text: `at ${unitOf("minute", minute.values)}`, isOften: false };
  }
  if (second.every > 0 && second.first === 0) {
    const often = everyWords("second", second.every);
    if (minute.every === 1) return { text: often, isOften: true };
    const which = isSteady ? `every ${ordinal(minute.every)} minute` : unitOf("minute", minute.values);
    return { text: `${often} of ${which}`, isOften: true };
  }
  const at = `at ${unitOf("second", second.values)}`;
  if (isSteady) return { text: `${everyWords("minute", minute.every)} ${at}`, isOften: true };
  return { text: `${at} of ${unitOf("minute", minute.values)}`, isOften: false };
}

function shapeOf(values: readonly number[], size: number): Shape {
  const first = values[0] ?? NaN;
  const last = values.at(-1) ?? NaN;
  const step = stepOf(values);
  return { values, first, last, every: step > 0 && first + size - last === step ? step : 0 };
}

/** `every minute`, `every 5 minutes`. */
function everyWords(unit: string, every: number): string {
  return every === 1 ? `every ${unit}` : `every ${every} ${unit}s`;
}

function timesOf(hour: Shape, minute: Shape, second: Shape): string[] {
  return hour.values.flatMap((h) =>
    minute.values.flatMap((m) => second.values.map((s) => clock(h, m, s, second)))
  );
}

/** `02:30`, with seconds if the expression has any but 0. */
function clock(hour: number, minute: number, second: number, { last }: Shape): string {
  return [hour, minute, ...(last === 0 ? [] : [second])].map((part) => String(part).padStart(2, "0")).join(
    ":",
  );
}
