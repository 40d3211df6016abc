import { spanBits } from "./days.ts";
import { DAY_OF_MONTH, type Field, YEAR } from "./field.ts";
import { nameOf, type ParsedField, type Span } from "./item.ts";
import type { CalendarPattern, Fields } from "./parse.ts";

/** What the author of an expression may not have meant, in sentences; empty for most expressions. */
export function warningsOf({ fields, isPossible }: CalendarPattern): string[] {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek, year } = fields;
  const warnings = isPossible ? [] : ["It never runs: there is no such date in any year that it names"];
  for (const field of [second, minute, hour, dayOfMonth, month, dayOfWeek, year]) {
    if (field !== null) warnings.push(...stepWarnings(field));
  }
  const days = dayWarning(fields);
  return days === null ? warnings : [...warnings, days];
}

/** Steps that leave the range at once, and steps that do not divide it. */
function stepWarnings({ field, items, text }: ParsedField): string[] {
  const warnings: string[] = [];
  for (const item of items) {
    if (item.kind !== "span" || item.step === 1) continue;
    if (item.first + item.step > item.last) {
      const only = nameOf(field, item.first);
      warnings.push(`The ${field.name} ${text} has a step wider than its range: it means ${only} alone`);
    } else if (items.length === 1 && isUneven(item, field)) {
      warnings.push(`The steps of the ${field.name} ${text} are uneven: ${roundOf(item, field)}`);
    }
  }
  return warnings;
}

/** True if the way from the last value around to the first is no step. Years do not come around. */
function isUneven(span: Span, field: Field): boolean {
  const isWhole = span.last >= field.max && (span.form !== "range" || span.first === field.min);
  if (field === YEAR || !isWhole) return false;
  return field === DAY_OF_MONTH || lastOf(span) + span.step !== span.first + field.max - field.min + 1;
}

/** The values as they come: `0, 45, then 0 again`. */
function roundOf(span: Span, field: Field): string {
  const { first, step } = span;
  const last = lastOf(span);
  const values = last === first + step
    ? [first, last]
    : last === first + 2 * step
    ? [first, first + step, last]
    : [first, first + step, null, last];
  const names = values.map((value) => value === null ? "…" : nameOf(field, value));
  return `${names.join(", ")}, then ${names[0]} again`;
}

function lastOf({ first, last, step }: Span): number {
  return first + Math.floor((last - first) / step) * step;
}

/** Day fields that cron joins by "and" as one begins with `*`, while most other programs join them by "or". */
function dayWarning({ dayOfMonth, dayOfWeek }: Fields): string | null {
  if (dayOfWeek.isPlus || isWhole(dayOfMonth) || isWhole(dayOfWeek)) return null;
  const star = [dayOfMonth, dayOfWeek].find(({ isStar }) => isStar);
  if (star === undefined) return null;
  const plain = star.text.replace(/^[*?]/, `${star.field.min}-${star.field.max}`);
  return `The ${star.field.name} ${star.text} begins with "*", so a day must fit both day fields, where many other ` +
    `programs take either: write +${dayOfWeek.text} as the day of week for both, or ${plain} for either`;
}

/** True if it names every day. */
function isWhole({ field, items }: ParsedField): boolean {
  const bits = spanBits(items);
  if (field.top === 7 && bits.has(7)) bits.add(0);
  for (let value = field.min; value <= field.max; value++) {
    if (!bits.has(value)) return false;
  }
  return true;
}
