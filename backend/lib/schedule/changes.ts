import { utf8Length } from "../json.ts";
import type { ScheduleDefinition } from "./definition.ts";
import { isSame } from "./same.ts";

/** What was done to a schedule. */
export type ScheduleVerb =
  | "created"
  | "declared"
  | "updated"
  | "reverted"
  | "enabled"
  | "disabled"
  | "not in code"
  | "in code again";

/** One change of a schedule, and who made it. */
export interface ScheduleChange {
  /** Epoch milliseconds. */
  readonly at: number;
  /** null: code, or nobody said. */
  readonly by: string | null;
  readonly what: ScheduleVerb;
  /** The fields that changed, as they were; long values are cut. null: none did. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** The same fields, as they became. */
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** What of a schedule people change. */
interface Shape {
  readonly definition: ScheduleDefinition;
  readonly enabled: boolean;
  readonly changes: readonly ScheduleChange[];
}

/** Changes kept with a schedule, and the most bytes of JSON they may take. */
const KEPT = 20;
const KEPT_BYTES = 8_000;
/** The most characters of JSON that a changed value is shown with. */
const SHOWN = 300;

/** Returns the changes of `before` and the one that made it `after`; the oldest go when they become too many. */
export function changed(
  before: Shape,
  after: Shape,
  what: ScheduleVerb,
  { at, by }: { at: number; by: string | null },
): ScheduleChange[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(after)];
  const names = Object.keys(fresh).filter((name) => !isSame(old[name], fresh[name]));
  const picked = (fields: Record<string, unknown>) =>
    names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, shown(fields[name])]));
  const changes = [...before.changes, { at, by, what, before: picked(old), after: picked(fresh) }].slice(
    -KEPT,
  );
  while (changes.length > 1 && utf8Length(JSON.stringify(changes)) > KEPT_BYTES) changes.shift();
  return changes;
}

function fieldsOf({ definition, enabled }: Shape): Record<string, unknown> {
  return { ...definition, enabled };
}

function shown(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : value;
}
