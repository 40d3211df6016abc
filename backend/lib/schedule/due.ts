import type { ScheduleDefinition } from "./definition.ts";
import { roomOf, type ScheduleRecord, withRuns } from "./record.ts";
import type { Timing } from "./timing.ts";

/** When a schedule is looked at, and what is known then. Times are epoch milliseconds. */
export interface Look {
  now: number;
  /** A tick that fires from this time on is late at the most; one before it was missed. */
  since: number;
  /** A run of the schedule has not ended. */
  isRunning: boolean;
}

/** What has become of a schedule whose due ticks were judged. */
export interface Judged {
  record: ScheduleRecord;
  /** The runs that have not ended are to be cancelled first. */
  cancels: boolean;
}

/** Late ticks that fire in one go; no more can gather while a scheduler runs. */
const MOST_LATE = 100;
/** Ticks that may wait for a run to end, at the least. */
const MOST_QUEUED = 100;
/** Missed ticks shown among the runs. */
const SHOWN_MISSED = 5;

/**
 * Judges the ticks of `record` that fire by `look.now`, and moves it on to the next. Those that are to run are in its
 * `backlog` then, or `queued`. The very record, if none is due. Pure, as all here.
 *
 * One that was judged before comes again if the schedule was changed by a clock that was behind then: by somebody who
 * had read the time just before the tick fired, or after the clock was set back. Nothing more becomes of it.
 */
export function judge(record: ScheduleRecord, timing: Timing, look: Look): Judged {
  const { definition, nextTickAt } = record;
  if (nextTickAt === null) return { record, cancels: false };
  const due = timing.due(nextTickAt, look.now, Math.max(MOST_LATE, definition.missedLimit));
  if (due.ticks.length === 0) return { record, cancels: false };
  const isLate = (tick: number) => timing.fireAt(tick) >= look.since;
  const ticks = due.ticks.filter((tick) => !isJudged(record, tick));
  const { wanted, missed } = byPolicy(ticks, isLate, definition);
  const { run, wait, skipped } = byOverlap(wanted, record, look.isRunning);

  const room = roomOf(record);
  const backlog = [...record.backlog, ...run.slice(0, room)];
  const queued = [...record.queued, ...wait.slice(0, room)];
  const moved = withRuns({ ...record, backlog, queued, lastTickAt: due.ticks.at(-1) ?? null }, [
    ...missed.slice(-SHOWN_MISSED).map((tick) => [tick, "missed"] as const),
    ...skipped.map((tick) => [tick, "skipped"] as const),
  ]);
  return {
    record: { ...moved, nextTickAt: roomOf(moved) > 0 ? due.next : null },
    cancels: look.isRunning && definition.overlap === "cancel-previous" && run.length > 0,
  };
}

/** True if `record` remembers what became of that tick, or has still to run it. */
function isJudged({ runs, backlog, queued }: ScheduleRecord, tick: number): boolean {
  const isRun = runs.some(([at, , tail]) => at === tick && tail === undefined);
  return isRun || backlog.includes(tick) || queued.includes(tick);
}

/** Lets the first queued tick run, if no run before it is left. The very record, if none may. */
export function release(record: ScheduleRecord, isRunning: boolean): ScheduleRecord {
  const [first, ...queued] = record.queued;
  if (first === undefined || isRunning || record.backlog.length > 0) return record;
  return { ...record, backlog: [first], queued };
}

/** Takes the first `count` ticks whose jobs are to be added. The record returned has their runs, and is the very one without any. */
export function take(
  record: ScheduleRecord,
  count: number,
): { ticks: readonly number[]; record: ScheduleRecord } {
  const ticks = record.backlog.slice(0, count);
  if (ticks.length === 0) return { ticks, record };
  const taken = { ...record, backlog: record.backlog.slice(count), runCount: record.runCount + ticks.length };
  return { ticks, record: withRuns(taken, ticks.map((tick) => [tick, null])) };
}

/** Which of the ticks are to run: all that are late, and of the missed ones what the policy says. */
function byPolicy(
  ticks: readonly number[],
  isLate: (tick: number) => boolean,
  { missed: policy, missedLimit }: ScheduleDefinition,
): { wanted: number[]; missed: number[] } {
  const firstLate = ticks.findIndex(isLate);
  const missed = firstLate < 0 ? [...ticks] : ticks.slice(0, firstLate);
  const late = firstLate < 0 ? [] : ticks.slice(firstLate);
  const kept = policy === "all" ? missedLimit : policy === "once" && late.length === 0 ? 1 : 0;
  const caughtUp = missed.splice(Math.max(0, missed.length - kept));
  return { wanted: [...caughtUp, ...late], missed };
}

function byOverlap(
  wanted: readonly number[],
  { definition, queued }: ScheduleRecord,
  isRunning: boolean,
): { run: readonly number[]; wait: readonly number[]; skipped: readonly number[] } {
  const room = Math.max(0, Math.max(MOST_QUEUED, definition.missedLimit) - queued.length);
  const oneByOne = { run: [], wait: wanted.slice(0, room), skipped: wanted.slice(room) };
  switch (definition.overlap) {
    case "allow":
      return { run: wanted, wait: [], skipped: [] };
    case "skip":
      // Of several at once each runs, but no two of them together.
      return isRunning || queued.length > 0 ? { run: [], wait: [], skipped: wanted } : oneByOne;
    case "queue":
      return oneByOne;
    case "cancel-previous":
      return { run: wanted.slice(-1), wait: [], skipped: wanted.slice(0, -1) };
  }
}
