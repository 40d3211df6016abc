/** Expressions, part by part. */
const PARTS = ["second", "minute", "hour", "day", "month", "weekday", "year"] as const;

/** The parts of an expression by name: none of `@daily` and its like, nor of what has too few or too many. */
export function partsOf(expression: string): [name: string, part: string][] {
  const parts = expression.trim().split(/\s+/);
  if (parts.length < 5 || parts.length > 7) return [];
  const first = parts.length === 5 ? 1 : 0;
  return parts.map((part, i) => [PARTS[first + i] ?? "", part]);
}

/** `expression` with what was suggested in place of the part that is at `column`. */
export function mended(expression: string, field: string, column: number, suggestion: string): string {
  if (field === "expression") return suggestion;
  const before = /\S*$/.exec(expression.slice(0, column))?.[0].length ?? 0;
  const after = /^\S*/.exec(expression.slice(column))?.[0].length ?? 0;
  return expression.slice(0, column - before) + suggestion + expression.slice(column + after);
}
