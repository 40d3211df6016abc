import type { JobStatus } from "../components/Status.tsx";
import type { LogLine, WholeJob } from "./job.ts";
import { isFinal } from "./job-status.ts";

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
