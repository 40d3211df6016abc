import type { Field } from "./field.ts";

/** `first`, `first + step`… up to `last`: every form of numbers and names comes down to this. */
export interface Span {
  kind: "span";
  first: number;
  /** In a day of week up to 7, so that a range may end on Sunday. */
  last: number;
  step: number;
  /** How it was written: `*`, `5`, `1-5`, `5/2` (to the end), `H`. */
  form: "star" | "value" | "range" | "open" | "hash";
}

/** One part of a list. Those that are no span depend on the month. */
export type Item =
  | Span
  /** `L`, `L-3`: so many days before the last of the month. */
  | { kind: "last"; before: number }
  /** `LW`: the last day of the month that is no Saturday or Sunday. */
  | { kind: "lastWeekday" }
  /** `15W`: the day nearest to it in the same month that is no Saturday or Sunday. */
  | { kind: "nearestWeekday"; day: number }
  /** `FRIL`, `FRI#L`: the last of the month. */
  | { kind: "lastNamed"; weekday: number }
  /** `5#3`: the third of the month. */
  | { kind: "nthNamed"; weekday: number; nth: number };

/** What stands in one field of an expression. */
export interface ParsedField {
  field: Field;
  /** As it was written. */
  text: string;
  items: Item[];
  /** It begins with `*` or `?`: a day field like this does not restrict, and a time field follows real time. */
  isStar: boolean;
  /** It begins with `+`: the day of the month must match too. */
  isPlus: boolean;
}

/** The names of a field where it has some, else the number. A day of week of 7 is Sunday. */
export function nameOf(field: Field, value: number): string {
  return field.names[(value - field.min) % Math.max(1, field.names.length)] ?? String(value);
}
