import { isInputError } from "../errors.ts";
import type { StoredRecord } from "../store.ts";
import { checkBoolean, checkDefinition, type Declaration } from "./definition.ts";
import type { ScheduleRecord } from "./record.ts";

/** A schedule as it was read from the store. */
export interface StoredSchedule {
  readonly name: string;
  /** What a write has to expect. */
  readonly version: string;
  readonly record: ScheduleRecord;
  /** Why it cannot be used; null: it can, if its expression can be read. */
  readonly flaw: string | null;
}

/** A record as it lies in the store. */
export interface SignedRecord extends ScheduleRecord {
  /** Another for each write. */
  readonly writtenBy: string;
}

/** What stands for all that cannot be read: without a next tick, nothing fires. */
const EMPTY: ScheduleRecord = {
  definition: checkDefinition({ expression: "", job: null }),
  enabled: false,
  code: null,
  inCode: false,
  edited: null,
  createdAt: 0,
  createdBy: null,
  updatedAt: 0,
  lastTickAt: null,
  nextTickAt: null,
  runCount: 0,
  runs: [],
  backlog: [],
  queued: [],
  problem: null,
  changes: [],
};

const LISTS = ["runs", "backlog", "queued", "changes"] as const;
const MOMENTS = ["createdAt", "updatedAt"] as const;
const TIMES = ["lastTickAt", "nextTickAt"] as const;

/** Reads a record. Never throws: what is wrong with it is its `flaw`, and the rest is as far as it can be told. */
export function readStored({ key: name, value, version }: StoredRecord): StoredSchedule {
  const given = isObject(value) ? value : {};
  try {
    return { name, version, record: readRecord(given), flaw: null };
  } catch (error) {
    if (!isInputError(error) && !(error instanceof TypeError)) throw error;
    const { expression } = isObject(given.definition) ? given.definition : {};
    const definition = {
      ...EMPTY.definition,
      expression: typeof expression === "string" ? expression : "",
    };
    return { name, version, record: { ...EMPTY, definition }, flaw: error.message };
  }
}

function readRecord(value: Record<string, unknown>): ScheduleRecord {
  const { writtenBy: _, ...record } = { ...EMPTY, ...value } as SignedRecord;
  for (const name of LISTS) expect(Array.isArray(record[name]), name);
  expect(Number.isFinite(record.runCount), "runCount");
  for (const name of MOMENTS) expect(isTime(record[name]), name);
  for (const name of TIMES) expect(record[name] === null || isTime(record[name]), name);
  for (const name of ["backlog", "queued"] as const) expect(record[name].every(isTime), name);
  expect(record.runs.every((run) => Array.isArray(run) && isTime(run[0])), "runs");
  expect(record.changes.every((change) => isObject(change) && isTime(change.at)), "changes");
  expect(record.edited === null || (isObject(record.edited) && isTime(record.edited.at)), "edited");
  return {
    ...record,
    enabled: checkBoolean(value.enabled, "enabled"),
    definition: checkDefinition(objectOf(value.definition, "definition")),
    code: record.code === null ? null : readDeclaration(record.code),
  };
}

function readDeclaration(value: unknown): Declaration {
  const { definition, enabled } = objectOf(value, "code");
  return {
    definition: checkDefinition(objectOf(definition, "code.definition")),
    enabled: checkBoolean(enabled, "code.enabled"),
  };
}

function objectOf(value: unknown, path: string): Record<string, unknown> {
  expect(isObject(value), path);
  return value as Record<string, unknown>;
}

/** True if a date can be made of it: whoever shows the schedule will. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expect(holds: boolean, field: string): void {
  if (!holds) throw new TypeError(`Cannot read the stored schedule: ${field} is not what it was written as`);
}
