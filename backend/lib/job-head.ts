import type { ChangedJob } from "./job-change.ts";
import type { Redactor } from "./redact.ts";

/** What answers, events and webhooks all show of a job: times in ISO 8601, secrets masked. */
export interface JobHead
  extends Pick<ChangedJob, "id" | "type" | "queue" | "status" | "priority" | "attempt" | "maxAttempts"> {
  tags: string[];
  progress: { percent: number; note: string | null; at: string } | null;
  createdAt: string;
  scheduledAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** Returns what is shown of `job` everywhere. `iso` writes times, for callers that have written them before. */
export function headOf(job: ChangedJob, redactor: Redactor, iso = isoOf): JobHead {
  const { progress, startedAt, finishedAt } = job;
  return {
    id: job.id,
    type: job.type,
    queue: job.queue,
    status: job.status,
    priority: job.priority,
    tags: [...job.tags],
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    progress: progress && {
      percent: progress.percent,
      note: progress.note && redactor.text(progress.note),
      at: iso(progress.at),
    },
    createdAt: iso(job.createdAt),
    scheduledAt: iso(job.scheduledAt),
    startedAt: startedAt === null ? null : iso(startedAt),
    finishedAt: finishedAt === null ? null : iso(finishedAt),
  };
}

/** Epoch milliseconds as ISO 8601. */
export function isoOf(time: number): string {
  return new Date(time).toISOString();
}
