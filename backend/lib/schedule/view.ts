import type { Job, JobStatus } from "../job.ts";
import type { ScheduleChange } from "./changes.ts";
import type { Declaration, ScheduleDefinition } from "./definition.ts";
import { type RunOutcome, stateOf, type StoredRun } from "./record.ts";
import { jobIdOf, labelOf } from "./runs.ts";
import type { StoredSchedule } from "./stored.ts";
import type { Timing } from "./timing.ts";

/**
 * Where a schedule is in its life. `ended`: no tick will come, as `endAt` or `maxRuns` is reached or the expression
 * has no more times. `broken`: what is stored cannot be read. `not in code`: no running code declares it any more.
 * Only an active one fires.
 */
export type ScheduleState = "active" | "disabled" | "ended" | "broken" | "not in code";

/** One run of a schedule. */
export interface ScheduleRun {
  /** When it was due; when it was asked for, if a person started it. Epoch milliseconds. */
  dueAt: number;
  /** The status of its job, or why it has none. */
  outcome: JobStatus | RunOutcome;
  /** null: it has none. The job may be gone by now. */
  jobId: string | null;
  /** True: a person started it. */
  triggered: boolean;
}

/** A schedule as people see it. Times are epoch milliseconds. */
export interface Schedule extends ScheduleDefinition {
  readonly name: string;
  /** The type of the jobs that its ticks add. */
  readonly type: string;
  /** The expression in words; empty if it cannot be read. */
  readonly description: string;
  readonly enabled: boolean;
  readonly state: ScheduleState;
  /** Why it is broken; null: it is not. */
  readonly broken: string | null;
  /** What may not be as it was meant: of the expression, and the reason why the last tick's job was refused. */
  readonly warnings: readonly string[];
  /** When the next tick is due; null: none will come. */
  readonly nextTickAt: number | null;
  /** When the last tick was due, whatever became of it; null: there was none. */
  readonly lastTickAt: number | null;
  /** Ticks that added a job. */
  readonly runCount: number;
  /** How the last run ended, or where it is; null: there was none, but for ticks that added no job. */
  readonly lastOutcome: ScheduleRun["outcome"] | null;
  /** The last 50, newest first. */
  readonly runs: readonly ScheduleRun[];
  /** When those ticks were due that wait for a run to end. */
  readonly queued: readonly number[];
  /** The last 20, newest first. */
  readonly changes: readonly ScheduleChange[];
  /** The last change by a person of what code says; null: it is as code says, or not from code. */
  readonly edited: { readonly at: number; readonly by: string | null } | null;
  /** What code says; null: no code ever declared it. */
  readonly code: Declaration | null;
  readonly createdAt: number;
  readonly createdBy: string | null;
  readonly updatedAt: number;
}

/** What of a stored schedule is shown. */
export type ShownSchedule = Omit<StoredSchedule, "version">;

/** Shows a schedule. `timing`: as its expression says, or why that cannot be read. `jobs`: those of its open runs. */
export function toSchedule(
  { name, record, flaw }: ShownSchedule,
  timing: Timing | { message: string },
  jobs: ReadonlyMap<string, Job | null>,
): Schedule {
  const { definition, problem, runs, queued, code, edited, createdAt, createdBy, updatedAt } = record;
  const broken = flaw ?? ("message" in timing ? timing.message : null);
  const shown = runs.map((run) => toRun(name, run, jobs)).reverse();
  return {
    name,
    ...definition,
    type: definition.job?.type ?? labelOf(name),
    description: "message" in timing ? "" : timing.description,
    enabled: record.enabled,
    state: broken === null ? stateOf(record) : "broken",
    broken,
    warnings: [
      ...("message" in timing ? [] : timing.warnings),
      ...(problem === null ? [] : [`The job of the last tick was refused: ${problem}`]),
    ],
    nextTickAt: broken === null ? record.nextTickAt : null,
    lastTickAt: record.lastTickAt,
    runCount: record.runCount,
    lastOutcome: shown.find(({ jobId }) => jobId !== null)?.outcome ?? null,
    runs: shown,
    queued,
    changes: [...record.changes].reverse(),
    edited,
    code,
    createdAt,
    createdBy,
    updatedAt,
  };
}

function toRun(
  name: string,
  [at, known, tail]: StoredRun,
  jobs: ReadonlyMap<string, Job | null>,
): ScheduleRun {
  const hasJob = known !== "skipped" && known !== "missed" && known !== "refused";
  const jobId = hasJob ? jobIdOf(name, at, tail) : null;
  const outcome = known ?? jobs.get(jobId ?? "")?.status ?? "removed";
  return { dueAt: at, outcome, jobId, triggered: tail !== undefined };
}
