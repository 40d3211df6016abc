import { quote } from "./error.ts";
import { DAY_OF_WEEK, type Field, YEAR } from "./field.ts";
import { nameOf, type Span } from "./item.ts";
import type { FieldReader } from "./reader.ts";

/** A value as it was read, not yet held against what the field allows. */
export interface Value {
  value: number;
  isName: boolean;
}

/** Takes a number, or a name of three letters in any case. */
export function takeValue(reader: FieldReader): Value {
  const { field, at } = reader;
  const number = reader.takeNumber();
  if (number >= 0) return { value: number, isName: false };
  if (!reader.hasLetterAt(at)) reader.refuseRest();
  const word = reader.takeWord();
  const index = field.names.indexOf(word.slice(0, 3));
  const isLast = field === DAY_OF_WEEK && word.length === 4 && word[3] === "L";
  if (index >= 0 && (word.length === 3 || isLast)) {
    reader.at = at + 3;
    return { value: field.min + index, isName: true };
  }
  const head = reader.expression.slice(reader.itemStart, at);
  const tail = reader.expression.slice(reader.at, reader.itemEnd);
  const fixed = index >= 0 ? word.slice(0, 3) : word === "WL" ? "LW" : undefined;
  reader.refuse(`found ${quote(reader.expression.slice(at, reader.at))}`, {
    at,
    found: reader.expression.slice(at, reader.at),
    item: fixed === undefined ? undefined : head + fixed + tail,
  });
}

/** Returns `value` if the field may hold it. */
export function checkValue(reader: FieldReader, value: number): number {
  const { field } = reader;
  if (value >= field.min && value <= field.top) return value;
  reader.refuse(`${value} is out of range`, {
    found: String(value),
    allowed: field.values,
    item: value === field.max + 1 && wraps(field) && reader.done ? String(field.min) : undefined,
  });
}

/**
 * Reads what follows `a-`.
 *
 * @param close Where the range is closed by a bracket, which takes the place of a step.
 */
export function parseRange(reader: FieldReader, first: Value, close?: number): Span {
  const { field } = reader;
  const end = close ?? reader.itemEnd;
  if (reader.at >= end) {
    const item = `${reader.item.slice(0, reader.at - reader.itemStart)}${
      first.isName ? nameOf(field, field.max) : field.max
    }`;
    reader.refuse(`the range ${quote(reader.item)} has no end`, {
      item: first.value <= field.max ? item + reader.item.slice(end - reader.itemStart) : undefined,
    });
  }
  const second = takeValue(reader);
  const from = checkValue(reader, first.value);
  const isSunday = field === DAY_OF_WEEK && second.value === 0 && second.isName && from > 0;
  const to = isSunday ? 7 : second.value;
  const textEnd = reader.at;
  const step = close === undefined && reader.take("/") ? parseStep(reader) : 1;
  if (close === undefined || reader.at !== close) reader.expectEnd();
  if (to < field.min || to > field.top) refuseEnd(reader, first, to);
  if (from > to) refuseBackwards(reader, first, { ...second, value: to }, { step, textEnd });
  return { kind: "span", first: from, last: to, step, form: "range" };
}

/** Reads what follows a slash. */
export function parseStep(reader: FieldReader): number {
  const { at } = reader;
  const before = reader.expression.slice(reader.itemStart, at - 1);
  const step = reader.takeNumber();
  if (step < 0 && reader.done) {
    reader.refuse(`${quote(reader.item)} has no step`, { at: at - 1, found: "/", item: `${before}/2` });
  }
  if (step < 0) {
    const digits = reader.item.slice(at - reader.itemStart).match(/^-([1-9]\d*)$/)?.[1];
    reader.refuseRest(digits === undefined ? undefined : `${before}/${digits}`);
  }
  if (step === 0) {
    reader.refuse("a step of 0 never gets on", {
      at,
      found: "0",
      allowed: "steps from 1",
      item: before + reader.expression.slice(reader.at, reader.itemEnd),
    });
  }
  reader.expectEnd();
  return step;
}

function refuseEnd(reader: FieldReader, first: Value, to: number): never {
  const { field } = reader;
  const isNext = to === field.max + 1 && wraps(field) && first.value <= field.max;
  reader.refuse(`${to} is out of range`, {
    found: String(to),
    allowed: field.values,
    item: isNext ? reader.item.replace(`-${to}`, `-${field.max}`) : undefined,
  });
}

interface Backwards {
  step: number;
  /** Where the range ends and the step begins. */
  textEnd: number;
}

/** Refuses `22-2`, with the two ranges that say it. */
function refuseBackwards(
  reader: FieldReader,
  first: Value,
  second: Value,
  { step, textEnd }: Backwards,
): never {
  const { field, item, itemStart } = reader;
  const isName = first.isName && second.isName;
  const show = (value: number) => isName ? nameOf(field, value) : String(value);
  const range = (from: number, to: number) => from === to ? show(from) : `${show(from)}-${show(to)}`;
  const isHash = item[1] === "(";
  const found = reader.expression.slice(isHash ? itemStart + 2 : itemStart, textEnd);
  let fixed: string | undefined = `${range(first.value, field.max)},${range(field.min, second.value)}`;
  if (isHash) fixed = undefined;
  else if (field === YEAR) fixed = `${second.value}-${first.value}${step === 1 ? "" : `/${step}`}`;
  else if (first.value > field.max) fixed = range(field.min, second.value);
  else if (field === DAY_OF_WEEK && second.value === 0) {
    fixed = first.isName ? `${nameOf(field, first.value)}-SUN` : `${first.value}-7`;
  } else if (step > 1) fixed = steps(field, first.value, second.value, step).map(show).join(",");
  reader.refuse(`range ${found} runs backwards`, { found, item: fixed });
}

/** The values of a range that goes over the end of the field. */
function steps(field: Field, first: number, last: number, step: number): number[] {
  const size = field.max - field.min + 1;
  const values: number[] = [];
  for (let value = first; value <= last + size; value += step) {
    values.push(value > field.max ? value - size : value);
  }
  return values;
}

/** A minute of 60 is one of 0, written by somebody who counts from 1; a month of 13 is a slip. */
function wraps(field: Field): boolean {
  return field.min === 0 && field !== DAY_OF_WEEK;
}
