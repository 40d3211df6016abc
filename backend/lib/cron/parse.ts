import { Bits } from "./bits.ts";
import { DayRule, spanBits } from "./days.ts";
import { CronSyntaxError, quote, type SyntaxFault } from "./error.ts";
import { parseEvery } from "./every.ts";
import { DAY_OF_MONTH, DAY_OF_WEEK, type Field, HOUR, MINUTE, MONTH, SECOND, YEAR } from "./field.ts";
import type { ParsedField } from "./item.ts";
import { expandMacro } from "./macros.ts";
import { parseField } from "./parse-field.ts";
import { FieldReader } from "./reader.ts";
import { hasDate, Years } from "./years.ts";

/** What stands in each field; null where the expression has no such field. */
export interface Fields {
  second: ParsedField | null;
  minute: ParsedField;
  hour: ParsedField;
  dayOfMonth: ParsedField;
  month: ParsedField;
  dayOfWeek: ParsedField;
  year: ParsedField | null;
}

/** An expression that names times of the calendar. */
export interface CalendarPattern {
  kind: "calendar";
  fields: Fields;
  seconds: Bits;
  minutes: Bits;
  hours: Bits;
  days: DayRule;
  months: Bits;
  /** Null for all years. */
  years: Years | null;
  /** Its second, minute or hour begins with `*`: it follows real time when clocks change. */
  isWild: boolean;
  /** There is such a date in some year. */
  isPossible: boolean;
}

/** An expression that names a distance: `@every 15m`. */
export interface IntervalPattern {
  kind: "interval";
  seconds: number;
}

export type Pattern = CalendarPattern | IntervalPattern;

const LONGEST = 256;
const ON_THE_MINUTE = new Bits();
ON_THE_MINUTE.add(0);

/**
 * Reads an expression, in time that grows with its length and no more.
 *
 * @param seed What `H` chooses by.
 * @throws {CronSyntaxError} It cannot be read.
 */
export function parse(expression: string, seed?: string): Pattern {
  if (expression.length > LONGEST) {
    refuse(expression, LONGEST, {
      found: expression.slice(LONGEST, LONGEST + 20),
      problem: `found ${expression.length} characters`,
      allowed: `at most ${LONGEST}`,
    });
  }
  const words = split(expression);
  const [first, second] = words;
  if (first === undefined || expression[first.start] !== "@") return parseCalendar(expression, words, seed);
  const name = expression.slice(first.start, first.end).toLowerCase();
  if (name === "@every") {
    return { kind: "interval", seconds: parseEvery(expression, second?.start ?? first.end) };
  }
  const expanded = expandMacro(expression, name, first.start);
  if (second !== undefined) {
    const found = expression.slice(second.start).trimEnd();
    refuse(expression, second.start, {
      found,
      problem: `found ${quote(found)} after ${name}`,
      allowed: `${name} alone`,
      suggestion: name,
    });
  }
  return parseCalendar(expanded, split(expanded));
}

function parseCalendar(expression: string, words: readonly Word[], seed?: string): CalendarPattern {
  if (words.length < 5 || words.length > 7) refuseCount(expression, words);
  let index = 0;
  const read = (field: Field): ParsedField => {
    const { start, end } = words[index++] ?? { start: expression.length, end: expression.length };
    return parseField(new FieldReader(expression, field, start, end), seed);
  };
  const fields: Fields = { // read in this order, so that the first fault is the one to be told
    second: words.length > 5 ? read(SECOND) : null,
    minute: read(MINUTE),
    hour: read(HOUR),
    dayOfMonth: read(DAY_OF_MONTH),
    month: read(MONTH),
    dayOfWeek: read(DAY_OF_WEEK),
    year: words.length > 6 ? read(YEAR) : null,
  };
  const { second, minute, hour, dayOfMonth, month, dayOfWeek, year } = fields;
  const days = new DayRule(dayOfMonth, dayOfWeek);
  const months = spanBits(month.items);
  const years = year === null || isEvery(year) ? null : new Years(year.items);
  return {
    kind: "calendar",
    fields,
    seconds: second === null ? ON_THE_MINUTE : spanBits(second.items),
    minutes: spanBits(minute.items),
    hours: spanBits(hour.items),
    days,
    months,
    years,
    isWild: minute.isStar || hour.isStar || second?.isStar === true,
    isPossible: hasDate(days, months, years),
  };
}

/** True if `*` itself is among the items. */
function isEvery(field: ParsedField): boolean {
  return field.items.some((item) => item.kind === "span" && item.form === "star" && item.step === 1);
}

interface Word {
  start: number;
  end: number;
}

/** Where the words of `text` begin and end. */
function split(text: string): Word[] {
  const words: Word[] = [];
  let start = -1;
  for (let i = 0; i <= text.length; i++) {
    const isEnd = i === text.length || isSpace(text.charCodeAt(i));
    if (!isEnd && start < 0) start = i;
    if (isEnd && start >= 0) {
      words.push({ start, end: i });
      start = -1;
    }
  }
  return words;
}

function isSpace(code: number): boolean {
  if (code <= 32) return code === 32 || (code >= 9 && code <= 13);
  return code > 127 && /\s/.test(String.fromCharCode(code));
}

function refuseCount(expression: string, words: readonly Word[]): never {
  const extra = words[7];
  const texts = words.map(({ start, end }) => expression.slice(start, end));
  const isEmpty = words.length === 0;
  refuse(expression, extra?.start ?? expression.length, {
    found: extra === undefined ? "" : expression.slice(extra.start, extra.end),
    problem: isEmpty ? "found no field" : `found ${words.length} field${words.length === 1 ? "" : "s"}`,
    allowed: "5 fields (minute hour day-of-month month day-of-week), 6 (seconds first) or 7 (year last)",
    suggestion: isEmpty || words.length > 7
      ? null
      : readable([...texts, "*", "*", "*", "*"].slice(0, 5).join(" ")),
  });
}

/** `expression`, if it can be read, but for what depends on a seed. */
function readable(expression: string): string | null {
  try {
    parseCalendar(expression, split(expression), "");
    return expression;
  } catch {
    return null;
  }
}

type Refusal = Pick<SyntaxFault, "found" | "problem" | "allowed"> & Partial<Pick<SyntaxFault, "suggestion">>;

function refuse(expression: string, at: number, fault: Refusal): never {
  throw new CronSyntaxError({ expression, field: "expression", column: at, suggestion: null, ...fault });
}
