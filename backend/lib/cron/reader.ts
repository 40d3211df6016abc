import { CronSyntaxError, quote } from "./error.ts";
import { type Field, formsOf } from "./field.ts";

/** A refusal inside a field. */
export interface Refusal {
  /** Where the fault begins. @default where the item begins */
  at?: number;
  /** @default the whole item, or what follows `at` of it */
  found?: string;
  /** @default all forms of the field */
  allowed?: string;
  /** The item as it would work. */
  item?: string;
  /** The whole field as it would work. */
  whole?: string;
}

const ZERO = 48;
const NINE = 57;
const FOREIGN_DIGIT = /^(?=[^0-9])\p{Nd}/u;
const DASH = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;

/** Reads one field of an expression from left to right, each character once, and says where it went wrong. */
export class FieldReader {
  /** The next character, counted from the beginning of the expression. */
  at: number;
  /** Where the item begins and ends that is being read. */
  itemStart: number;
  itemEnd: number;

  constructor(
    readonly expression: string,
    readonly field: Field,
    readonly start: number,
    readonly end: number,
  ) {
    this.at = this.itemStart = this.itemEnd = start;
  }

  /** The field as it was written. */
  get text(): string {
    return this.expression.slice(this.start, this.end);
  }

  /** The item as it was written. */
  get item(): string {
    return this.expression.slice(this.itemStart, this.itemEnd);
  }

  /** True when the item has been read to its end. */
  get done(): boolean {
    return this.at >= this.itemEnd;
  }

  /** Goes on to the item that begins at `from`. */
  enter(from: number): void {
    const comma = this.expression.indexOf(",", from);
    this.itemStart = this.at = from;
    this.itemEnd = comma < 0 || comma > this.end ? this.end : comma;
  }

  /** Takes the next character if it is `char`, a letter in either case. */
  take(char: string): boolean {
    if (this.done) return false;
    const next = this.expression[this.at];
    if (next !== char && next?.toUpperCase() !== char) return false;
    this.at++;
    return true;
  }

  /** Takes the digits that follow; -1 if there is none. */
  takeNumber(): number {
    const from = this.at;
    let value = 0;
    for (; this.at < this.itemEnd; this.at++) {
      const code = this.expression.charCodeAt(this.at);
      if (code < ZERO || code > NINE) break;
      value = value * 10 + code - ZERO;
    }
    return this.at === from ? -1 : value;
  }

  /** Takes the letters from A to Z that follow, as capitals. */
  takeWord(): string {
    const from = this.at;
    while (this.at < this.itemEnd && isLetter(this.expression.charCodeAt(this.at))) this.at++;
    return this.expression.slice(from, this.at).toUpperCase();
  }

  /** True if the character at `index` of the expression is a letter from A to Z, and in the item. */
  hasLetterAt(index: number): boolean {
    return index < this.itemEnd && isLetter(this.expression.charCodeAt(index));
  }

  /** Refuses what is left of the item, unless nothing is. */
  expectEnd(item?: string): void {
    if (!this.done) this.refuseRest(item);
  }

  /** Refuses what follows, which fits no form of the field. */
  refuseRest(item?: string): never {
    const { at } = this;
    const rest = this.expression.slice(at, this.itemEnd);
    const char = String.fromCodePoint(this.expression.codePointAt(at) ?? 0);
    if (FOREIGN_DIGIT.test(char)) {
      this.refuse(`found ${quote(char)}, which is no digit from 0 to 9`, { at, found: char });
    }
    if (char.search(DASH) === 0) {
      const whole = this.text.replaceAll(DASH, "-");
      this.refuse(`found ${quote(char)}, which is no hyphen`, { at, found: char, whole });
    }
    if (at === this.itemStart) this.refuse(`found ${quote(rest)}`, { at, found: rest, item });
    const before = this.expression.slice(this.itemStart, at);
    this.refuse(`found ${quote(rest)} after ${quote(before)}`, { at, found: rest, item });
  }

  /** @throws {CronSyntaxError} Always. */
  refuse(problem: string, { at = this.itemStart, found, allowed, item, whole }: Refusal = {}): never {
    const { expression, field, start, end } = this;
    const replaced = item === undefined
      ? undefined
      : expression.slice(start, this.itemStart) + item + expression.slice(this.itemEnd, end);
    throw new CronSyntaxError({
      expression,
      field: field.name,
      column: at,
      found: found ?? expression.slice(at, this.itemEnd),
      problem,
      allowed: allowed ?? formsOf(field),
      suggestion: whole ?? replaced ?? null,
    });
  }
}

function isLetter(code: number): boolean {
  const small = code | 32;
  return small >= 97 && small <= 122;
}
