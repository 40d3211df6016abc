import type { InferResponseType } from "hono/client";
import type { JobStatus } from "../components/Status.tsx";
import { type Api, ApiError } from "./api.ts";
import type { Level } from "./job-log.ts";

/** A job as its page shows it: what is long in its data and result is cut. */
export type WholeJob = InferResponseType<Api["jobs"][":id"]["$get"], 200>;
export type LogLine = InferResponseType<Api["jobs"][":id"]["logs"]["$get"], 200>["data"][number];

/** How long half, 95 and 99 of a hundred jobs took; null: none ran. */
export type Percentiles = { p50: number; p95: number; p99: number } | null;

/** Failures of one cause. */
export interface SameFailures {
  /** How many jobs they hit. */
  jobs: number;
  firstAt: string;
}

/** What the page of a job keeps fresh. */
export interface JobData {
  /** null: there is none, or none any more. */
  job: WholeJob | null;
  /** Failures of the same cause; null: it has not failed, or nobody has looked that far. */
  same: SameFailures | null;
  /** When it was read, epoch milliseconds. */
  now: number;
}

/** What the page of a job knows of its address. */
export interface JobView {
  id: string;
  search: string;
  /** Paths of the jobs beside it in its list, behind where the dashboard is mounted; null at its ends. */
  previous: string | null;
  next: string | null;
  /** Its place in the list, counted from 1; null: it is not on that page of the list any more. */
  place: number | null;
  /** The least level of lines that are shown. */
  level: Level;
  /** Where the log begins; "": at its beginning. */
  after: string;
  /** Attempts that are folded out; null: nobody has chosen. */
  open: readonly string[] | null;
}

/** Reads a job. What `known` tells of the same state of it is not asked again. */
export async function loadJob(api: Api, id: string, now: number, known?: JobData): Promise<JobData> {
  const job = await orNull(api.jobs[":id"].$get({ param: { id }, query: { brief: "true", ahead: "true" } }));
  const isKnown = job?.updatedAt === known?.job?.updatedAt && job?.status === known?.job?.status;
  return { job, same: isKnown && known !== undefined ? known.same : await loadSame(api, job), now };
}

async function orNull(answer: Promise<{ json(): Promise<WholeJob> }>): Promise<WholeJob | null> {
  try {
    return await (await answer).json();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function loadSame(api: Api, job: WholeJob | null): Promise<SameFailures | null> {
  if (job?.status !== "failed" || job.fingerprint === null) return null;
  const { data } = await (await api.errors.$get({ query: { type: job.type, limit: "200" } })).json();
  const group = data.find(({ fingerprint }) => fingerprint === job.fingerprint);
  return group === undefined ? null : { jobs: group.jobs, firstAt: group.firstAt };
}

/** How long jobs of `type` waited and ran in the last hour. */
export async function loadTimes(api: Api, type: string): Promise<{ wait: Percentiles; run: Percentiles }> {
  const { lastHour: { byType } } = await (await api.jobs.stats.$get({ query: {} })).json();
  return (Object.hasOwn(byType, type) ? byType[type] : undefined) ?? { wait: null, run: null };
}

export function isFinal(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** A part of the life of a job in which it stayed in one state. */
export interface Stretch {
  status: JobStatus;
  label: string;
  isRun: boolean;
  /** Epoch milliseconds. */
  from: number;
  to: number;
}

/** The life of a job until `now`, as far as it remembers it itself. */
export function stretchesOf(job: WholeJob, now: number): Stretch[] {
  const stretches: Stretch[] = [];
  let at = Date.parse(job.createdAt);
  let attempt = 0; // of the last run that is told
  const due = Date.parse(job.scheduledAt);
  const add = (stretch: Omit<Stretch, "from">) => {
    if (stretch.to > at || stretch.isRun) stretches.push({ ...stretch, from: Math.min(at, stretch.to) });
    at = Math.max(at, stretch.to);
  };
  /** What led to attempt `next`; null: the job was due. */
  const reasonTo = (next: number): Pick<Stretch, "status" | "label"> | null => {
    if (next <= attempt) return { status: "pending", label: "Until it was retried" };
    if (attempt > 0) return { status: "retrying", label: "Retrying" };
    return next > 1 ? { status: "retrying", label: "Attempts before" } : null;
  };
  const waitFor = (next: number, to: number) => {
    add({ ...reasonTo(next) ?? { status: "pending", label: "Pending" }, isRun: false, to });
  };
  /** The job knows when it was due the last time. */
  const waitForLast = (next: number, to: number) => {
    if (attempt === 0 && next > 1) return waitFor(next, to);
    const reason = reasonTo(next) ?? { status: "scheduled", label: "Scheduled" };
    if (due > at) add({ ...reason, isRun: false, to: Math.min(due, to) });
    add({ status: "pending", label: "Pending", isRun: false, to });
  };

  const last = job.errors.at(-1);
  for (const error of job.errors) {
    if (error.startedAt === undefined) continue; // not of a run
    const isLast = error === last;
    const started = Date.parse(error.startedAt);
    if (isLast && job.status === "failed") waitForLast(error.attempt, started);
    else waitFor(error.attempt, started);
    add({ status: "failed", label: `Attempt ${error.attempt}`, isRun: true, to: Date.parse(error.at) });
    attempt = error.attempt;
  }
  const started = job.startedAt === null ? -Infinity : Date.parse(job.startedAt);
  const finished = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  const isRunOpen = job.status === "running" || isFinal(job.status);
  if (isRunOpen && started >= at && job.startedAt !== last?.startedAt) {
    waitForLast(job.attempt, started);
    const label = `Attempt ${job.attempt}`;
    add({ status: job.status, label, isRun: true, to: finished });
  } else if (job.status !== "running" && job.status !== "failed") {
    waitForLast(job.attempt + 1, finished);
  }
  return stretches;
}

/** One run of a job. */
export interface Run {
  key: string;
  attempt: number;
  status: JobStatus;
  /** Epoch milliseconds; null: nobody knows. */
  startedAt: number | null;
  endedAt: number | null;
  workerId: string | null;
  error: WholeJob["errors"][number] | null;
}

/** The runs that a job remembers, the last one first. */
export function runsOf(job: WholeJob): Run[] {
  const runs = job.errors.map((error, i): Run => {
    // Between two attempts somebody else may have cancelled it.
    const isEnd = i === job.errors.length - 1 &&
      (job.status === "failed" || (job.status === "cancelled" && error.startedAt === undefined));
    const startedAt = error.startedAt ?? (isEnd ? job.startedAt : null);
    return {
      key: `${i}-${error.attempt}`,
      attempt: error.attempt,
      status: isEnd ? job.status : "retrying",
      startedAt: startedAt === null ? null : Date.parse(startedAt),
      endedAt: Date.parse(error.at),
      workerId: error.workerId ?? null,
      error,
    };
  });
  const last = job.errors.at(-1);
  const isOpen = job.status === "running" || job.status === "completed" || job.status === "cancelled";
  const isTold = job.startedAt === null || last?.startedAt === job.startedAt ||
    (last !== undefined && last.startedAt === undefined && job.status === "cancelled");
  if (isOpen && job.attempt > 0 && !isTold) {
    runs.push({
      key: `${job.errors.length}-${job.attempt}`,
      attempt: job.attempt,
      status: job.status,
      startedAt: Date.parse(job.startedAt ?? job.createdAt),
      endedAt: job.finishedAt === null ? null : Date.parse(job.finishedAt),
      workerId: job.workerId,
      error: null,
    });
  }
  return runs.reverse();
}

/** The lines that `run` has written. Attempts are counted anew when a job is retried: times tell which is meant. */
export function linesOf(run: Run, lines: readonly LogLine[]): LogLine[] {
  return lines.filter(({ attempt, at }) => {
    if (attempt !== run.attempt) return false;
    const time = Date.parse(at);
    return time >= (run.startedAt ?? -Infinity) && time <= (run.endedAt ?? Infinity);
  });
}
