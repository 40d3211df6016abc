import { isFinal, type Job } from "../job.ts";
import { nameId } from "../ids.ts";
import type { ScheduleRecord, StoredRun } from "./record.ts";

/** What the ids and marks of schedules' jobs begin with. */
export const LABEL = "schedule:";

/** What every job of schedule `name` is marked with; also the type of those that its handler runs. */
export function labelOf(name: string): string {
  return `${LABEL}${name}`;
}

/**
 * The id of the job of schedule `name` that is due at `at`: the same wherever and whenever it is made, so that no tick
 * adds two. One that a person starts has a `tail`, which sets it apart from every tick.
 */
export function jobIdOf(name: string, at: number, tail?: string): string {
  const subject = /^[A-Za-z0-9_.:@-]+$/.test(name) ? name : nameId(name);
  const id = `${labelOf(subject)}@${new Date(at).toISOString()}`;
  return tail === undefined ? id : `${id}-${tail}`;
}

/** The ids of the jobs whose end is not known yet, in the order they were added. */
export function openJobs(name: string, { runs }: ScheduleRecord): string[] {
  return runs.flatMap(([at, outcome, tail]) => outcome === null ? [jobIdOf(name, at, tail)] : []);
}

/**
 * Returns `record` with the outcomes of the runs whose jobs have ended. A job that is not among `jobs` was not looked
 * at; one that is null there is gone. Pure.
 */
export function withOutcomes(
  name: string,
  record: ScheduleRecord,
  jobs: ReadonlyMap<string, Pick<Job, "status"> | null>,
): ScheduleRecord {
  let isSame = true;
  const runs = record.runs.map((run): StoredRun => {
    const [at, known, tail] = run;
    const job = known === null ? jobs.get(jobIdOf(name, at, tail)) : undefined;
    if (job === undefined || (job !== null && !isFinal(job.status))) return run;
    isSame = false;
    const outcome = job === null ? "removed" : job.status as Extract<StoredRun[1], Job["status"]>;
    return tail === undefined ? [at, outcome] : [at, outcome, tail];
  });
  return isSame ? record : { ...record, runs };
}
