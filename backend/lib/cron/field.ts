/** What one place of an expression may hold. */
export interface Field {
  readonly name: "second" | "minute" | "hour" | "day of month" | "month" | "day of week" | "year";
  readonly min: number;
  /** What `*` and `a/n` go up to. */
  readonly max: number;
  /** The greatest number that may be written; 7 is a second way to write Sunday. */
  readonly top: number;
  /** Names of values, from `min` on. */
  readonly names: readonly string[];
  /** What `H` chooses among, at most: never a day that some months lack. Null where there is no `H`. */
  readonly hashed: readonly [min: number, max: number] | null;
  /** The values, in words for a message. */
  readonly values: string;
}

export const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
export const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

export const SECOND: Field = plain("second", 0, 59);
export const MINUTE: Field = plain("minute", 0, 59);
export const HOUR: Field = plain("hour", 0, 23);
export const DAY_OF_MONTH: Field = {
  ...plain("day of month", 1, 31),
  hashed: [1, 28],
  values: "1-31, L, L-3, LW, 15W, ?",
};
export const MONTH: Field = { ...plain("month", 1, 12), names: MONTHS, values: "1-12, JAN-DEC" };
export const DAY_OF_WEEK: Field = {
  ...plain("day of week", 0, 6),
  top: 7,
  names: WEEKDAYS,
  values: "0-7, SUN-SAT, FRIL, 5#3, FRI#L, +MON, ?",
};
export const YEAR: Field = { ...plain("year", 1970, 2099), hashed: null };

/** All that may stand in a field, in words for a message. */
export function formsOf(field: Field): string {
  const hash = field.hashed === null ? "" : ", H";
  return `${field.values}, *, a,b, a-b, */n, a-b/n, a/n${hash}`;
}

function plain(name: Field["name"], min: number, max: number): Field {
  return { name, min, max, top: max, names: [], hashed: [min, max], values: `${min}-${max}` };
}
