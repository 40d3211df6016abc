/** Joins parts as English does: `a`, `a and b`, `a, b and c`. */
export function join(parts: readonly string[], word = "and"): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} ${word} ${last}`;
}

/**
 * Joins values, smallest first, without naming each: `9 to 17`, `1, 3, 5 … 31`, `0, 15 to 20 and 45`.
 *
 * @param show How a value is written.
 */
export function joinValues(values: readonly number[], show: (value: number) => string = String): string {
  const [first = NaN, second = NaN, third = NaN] = values;
  const step = stepOf(values);
  if (step > 1 && values.length > 4) {
    return `${[first, second, third].map(show).join(", ")} … ${show(values.at(-1) ?? NaN)}`;
  }
  const parts: string[] = [];
  for (let i = 0; i < values.length;) {
    let end = i + 1;
    while (end < values.length && values[end] === (values[end - 1] ?? NaN) + 1) end++;
    const run = values.slice(i, end).map(show);
    parts.push(...(run.length > 2 ? [`${run[0]} to ${run.at(-1)}`] : run));
    i = end;
  }
  return join(parts);
}

/** The distance between one value and the next if it is always the same; 0 if it is not, or there is one value. */
export function stepOf(values: readonly number[]): number {
  const [first = NaN, second = NaN] = values;
  const step = second - first;
  return values.length > 1 && values.every((value, i) => value === first + i * step) ? step : 0;
}

/** `5` with its unit: `minute 5`, or `minutes 5 and 10` for several. */
export function unitOf(unit: string, values: readonly number[]): string {
  return `${unit}${values.length === 1 ? "" : "s"} ${joinValues(values)}`;
}

/** `1st`, `2nd`, `3rd`, `4th`… up to 60. */
export function ordinal(value: number): string {
  const last = value % 10;
  const isTeen = value > 10 && value < 14;
  return `${value}${isTeen ? "th" : last === 1 ? "st" : last === 2 ? "nd" : last === 3 ? "rd" : "th"}`;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
