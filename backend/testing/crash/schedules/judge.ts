import type { Job } from "../../../lib/job.ts";
import type { Schedule } from "../../../lib/schedule/view.ts";
import { lastToFire, type Life, mustFire, wasMissed } from "./lives.ts";
import { type PlannedSchedule, SECOND } from "./plan.ts";
import { judgeRecord } from "./record.ts";
import { timeOf } from "./time.ts";

/** A job, as far as the judge looks. */
export type TickJob = Pick<Job, "id" | "type" | "data" | "status" | "createdAt" | "deaths">;

/** A schedule as people see it, as far as the judge looks. */
export type ShownSchedule = Pick<
  Schedule,
  "createdAt" | "state" | "lastTickAt" | "nextTickAt" | "runCount" | "runs" | "changes"
>;

/** Something that must not happen, and did. */
export interface Finding {
  kind: "doubled" | "gone" | "made up" | "stray" | "not run" | "miscounted" | "misremembered";
  /** A tick, or a schedule. */
  subject: string;
  why: string;
}

/** One schedule with all evidence about it. */
export interface ScheduleCase extends PlannedSchedule {
  /** Undefined: the store does not have it. */
  shown: ShownSchedule | undefined;
  /** All of its type. */
  jobs: readonly TickJob[];
  lives: readonly Life[];
}

/** What became of one schedule. */
export interface ScheduleAccount {
  /** Seconds from its first tick to its last. */
  ticks: number;
  /** Of these, the ones that have no job, as its policy says. */
  missed: number;
  /** Of each tick of a running scheduler, how many milliseconds later its job was made. */
  late: number[];
  findings: Finding[];
}

export type Add = (kind: Finding["kind"], subject: string, why: string) => void;

/** Judges one schedule: has each second one job, or none where it may, and does it know what it did? */
export function judgeSchedule(given: ScheduleCase): ScheduleAccount {
  const { name, shown, jobs, lives } = given;
  const account: ScheduleAccount = { ticks: 0, missed: 0, late: [], findings: [] };
  const add: Add = (kind, subject, why) => account.findings.push({ kind, subject, why });
  if (shown === undefined) {
    add("gone", name, "was declared and is not in the store");
    return account;
  }
  const ticks = judgeJobs(name, shown.createdAt, jobs, add);
  judgeTicks(given, shown.createdAt, ticks, account, add);
  judgeRecord({ name, shown, ticks, lives }, add);
  for (const [tick, { createdAt }] of ticks) if (mustFire(tick, lives)) account.late.push(createdAt - tick);
  return account;
}

/** Every job must be of a tick of its own, and have run. @returns The jobs by their ticks. */
function judgeJobs(
  name: string,
  createdAt: number,
  jobs: readonly TickJob[],
  add: Add,
): Map<number, TickJob> {
  const ticks = new Map<number, TickJob>();
  for (const job of jobs) {
    const tick = tickOf(name, job);
    if (tick === null || tick % SECOND !== 0 || tick <= createdAt || tick > job.createdAt) {
      add("stray", job.id, `is of no tick; it was added ${timeOf(job.createdAt)}`);
    } else if (ticks.has(tick)) {
      add("doubled", job.id, `is of the same tick as ${ticks.get(tick)?.id}`);
    } else ticks.set(tick, job);
    if (job.status !== "completed") add("not run", job.id, `is ${job.status}`);
  }
  return ticks;
}

/** When a job was due by its data; null if its id says otherwise. */
function tickOf(name: string, { id, data }: TickJob): number | null {
  const { schedule, dueAt } = data as Record<string, unknown>;
  if (schedule !== name || typeof dueAt !== "string" || id !== `schedule:${name}@${dueAt}`) return null;
  return Date.parse(dueAt);
}

/** Each second from the first to the last must have its job, unless it was missed and the policy lets it go. */
function judgeTicks(
  { name, missed, lives }: ScheduleCase,
  createdAt: number,
  ticks: ReadonlyMap<number, TickJob>,
  account: ScheduleAccount,
  add: Add,
): void {
  const first = (Math.floor(createdAt / SECOND) + 1) * SECOND;
  const last = Math.max(lastToFire(lives), ...ticks.keys());
  let madeUp = 0;
  for (let tick = first; tick <= last; tick += SECOND) {
    const subject = `${name} at ${timeOf(tick)}`;
    account.ticks++;
    madeUp = wasMissed(tick, lives) ? madeUp : 0;
    if (!ticks.has(tick)) {
      if (missed === "all") add("gone", subject, "has no job");
      else if (mustFire(tick, lives)) add("gone", subject, "has no job, though a scheduler ran");
      else account.missed++;
    } else if (wasMissed(tick, lives)) {
      madeUp++;
      const most = { all: Infinity, once: 1, skip: 0 }[missed];
      if (madeUp > most) add("made up", subject, `has a job, though no scheduler ran and it has "${missed}"`);
    }
  }
}
