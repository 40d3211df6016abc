import type { FinalStatus } from "../job.ts";
import { changed, type ScheduleChange, type ScheduleVerb } from "./changes.ts";
import type { Declaration, ScheduleDefinition } from "./definition.ts";
import { isSame } from "./same.ts";
import type { Timing } from "./timing.ts";

/**
 * How a run ended: as its job did, or without one. `skipped`: a run before it had not ended. `missed`: no scheduler
 * ran. `refused`: its job could not be made. `removed`: its job was deleted before anybody saw how it ended.
 */
export type RunOutcome = FinalStatus | "skipped" | "missed" | "refused" | "removed";

/**
 * A run: when it was due; its outcome, null while its job was last seen unfinished; and of one that a person started,
 * what its job's id ends with.
 */
export type StoredRun = readonly [at: number, outcome: RunOutcome | null, tail?: string];

/** A schedule as it is stored. Times are epoch milliseconds. */
export interface ScheduleRecord {
  /** What is in force. */
  readonly definition: ScheduleDefinition;
  readonly enabled: boolean;
  /** What code said last; null: no code ever declared it. */
  readonly code: Declaration | null;
  /** False: the code that declared it is gone, and nothing fires. */
  readonly inCode: boolean;
  /** The last change by a person of what code says; null: as code says, or not from code. */
  readonly edited: { readonly at: number; readonly by: string | null } | null;
  /** From when on `@every` counts. */
  readonly createdAt: number;
  readonly createdBy: string | null;
  /** When somebody last changed what it is. */
  readonly updatedAt: number;
  /** The last tick that was judged, whatever became of it. */
  readonly lastTickAt: number | null;
  /** The next tick; null: none will come. */
  readonly nextTickAt: number | null;
  /** Ticks that added a job. */
  readonly runCount: number;
  /** The last 50, oldest first. */
  readonly runs: readonly StoredRun[];
  /** Ticks whose jobs are to be added as soon as they fit a commit, oldest first. */
  readonly backlog: readonly number[];
  /** Ticks that wait for the run before them to end, oldest first. */
  readonly queued: readonly number[];
  /** Why the job of the last tick was refused; null: it was not. */
  readonly problem: string | null;
  /** The last 20, oldest first. */
  readonly changes: readonly ScheduleChange[];
}

/** Reads the timing of a definition. @throws {InputRangeError} It cannot be read. */
export type TimingOf = (definition: ScheduleDefinition, createdAt: number) => Timing;

/** Who changes a schedule, when. */
export interface Change {
  at: number;
  by: string | null;
}

/** Runs kept with a schedule. */
const KEPT_RUNS = 50;

/** What decides when a schedule is due. */
const TIMES = ["expression", "timezone", "dst", "startAt", "endAt", "maxRuns"] as const;

/** Returns a new schedule as code declares it, or as a person makes it. Pure, as all below. */
export function create(
  declaration: Declaration,
  change: Change,
  options: { fromCode: boolean; timingOf: TimingOf },
): ScheduleRecord {
  const { definition, enabled } = declaration;
  const { fromCode, timingOf } = options;
  const record: ScheduleRecord = {
    definition,
    enabled,
    code: fromCode ? declaration : null,
    inCode: fromCode,
    edited: null,
    createdAt: change.at,
    createdBy: change.by,
    updatedAt: change.at,
    lastTickAt: null,
    nextTickAt: null,
    runCount: 0,
    runs: [],
    backlog: [],
    queued: [],
    problem: null,
    changes: [{ ...change, what: "created", before: null, after: null }],
  };
  return { ...record, nextTickAt: firstTick(record, change.at, timingOf) };
}

/**
 * Returns `record` after code has declared it. What a person changed stays; anything else follows the code. The very
 * record, if code says what it said before.
 */
export function declare(
  record: ScheduleRecord,
  declaration: Declaration,
  at: number,
  timingOf: TimingOf,
): ScheduleRecord {
  const { code } = record;
  if (code !== null && isSame(code, declaration)) {
    return record.inCode
      ? record
      : logged(record, { ...record, inCode: true }, "in code again", { at, by: null });
  }
  const known = { ...record, code: declaration, inCode: true };
  const enabled = code === null || code.enabled === declaration.enabled
    ? record.enabled
    : declaration.enabled;
  const isEdited = code === null || record.edited !== null;
  const definition = isEdited ? record.definition : declaration.definition;
  const author = record.edited ?? { at: record.createdAt, by: record.createdBy };
  const edited = isSame(definition, declaration.definition) ? null : author;
  const after = shaped({ ...known, edited }, { definition, enabled }, at, timingOf);
  return logged(record, after, "declared", { at, by: null });
}

/** Returns `record` as a person changed it. */
export function edit(
  record: ScheduleRecord,
  { definition, enabled }: Declaration,
  change: Change,
  timingOf: TimingOf,
): ScheduleRecord {
  const { code } = record;
  const isEdited = code !== null && !isSame(code.definition, definition);
  const edited = isEdited ? { at: change.at, by: change.by } : null;
  const after = shaped({ ...record, edited }, { definition, enabled }, change.at, timingOf);
  return logged(record, after, "updated", change);
}

/** Returns `record` as code says it, or the very record if no code ever declared it. Whether it is enabled stays. */
export function revert(record: ScheduleRecord, change: Change, timingOf: TimingOf): ScheduleRecord {
  const { code, enabled } = record;
  if (code === null || record.edited === null) return record;
  const after = shaped(
    { ...record, edited: null },
    { definition: code.definition, enabled },
    change.at,
    timingOf,
  );
  return logged(record, after, "reverted", change);
}

/** Returns `record` enabled, its next tick after now, or disabled; the very record if it is so already. */
export function setEnabled(
  record: ScheduleRecord,
  enabled: boolean,
  change: Change,
  timingOf: TimingOf,
): ScheduleRecord {
  if (record.enabled === enabled) return record;
  const { definition } = record;
  const after = enabled
    ? shaped(record, { definition, enabled }, change.at, timingOf)
    : { ...record, enabled, nextTickAt: null, backlog: [], queued: [] }; // also if its expression cannot be read
  return logged(record, after, enabled ? "enabled" : "disabled", change);
}

/** Returns `record` as it is once no running code declares it. It keeps its next tick for when code comes back. */
export function leaveCode(record: ScheduleRecord, at: number): ScheduleRecord {
  if (record.code === null || !record.inCode) return record;
  return logged(record, { ...record, inCode: false }, "not in code", { at, by: null });
}

/** Returns `record` with one more run. */
export function withRuns(record: ScheduleRecord, runs: readonly StoredRun[]): ScheduleRecord {
  return runs.length === 0 ? record : { ...record, runs: [...record.runs, ...runs].slice(-KEPT_RUNS) };
}

/** How many more ticks may add a job. */
export function roomOf({ definition, runCount, backlog, queued }: ScheduleRecord): number {
  const { maxRuns } = definition;
  return maxRuns === null ? Infinity : Math.max(0, maxRuns - runCount - backlog.length - queued.length);
}

/** Where a schedule is in its life, but for one that cannot be read. */
export function stateOf(record: ScheduleRecord): "active" | "disabled" | "ended" | "not in code" {
  if (record.code !== null && !record.inCode) return "not in code";
  if (!record.enabled) return "disabled";
  return record.nextTickAt === null ? "ended" : "active";
}

/** `record` with another definition; its next tick is after now if what it depends on has changed. */
function shaped(
  record: ScheduleRecord,
  { definition, enabled }: Declaration,
  now: number,
  timingOf: TimingOf,
): ScheduleRecord {
  const keepsTick = enabled === record.enabled &&
    TIMES.every((name) => definition[name] === record.definition[name]);
  const after = {
    ...record,
    definition,
    enabled,
    backlog: enabled ? record.backlog : [],
    queued: enabled && (definition.overlap === "queue" || definition.overlap === "skip") ? record.queued : [],
  };
  return keepsTick ? after : { ...after, nextTickAt: firstTick(after, now, timingOf) };
}

function firstTick(record: ScheduleRecord, now: number, timingOf: TimingOf): number | null {
  const timing = timingOf(record.definition, record.createdAt);
  return record.enabled && roomOf(record) > 0 ? timing.next(now) : null;
}

function logged(
  before: ScheduleRecord,
  after: ScheduleRecord,
  what: ScheduleVerb,
  change: Change,
): ScheduleRecord {
  return { ...after, updatedAt: change.at, changes: changed(before, after, what, change) };
}
