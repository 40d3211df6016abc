import type { JobRow } from "../lib/jobs.ts";

/** Makes a row of the list of jobs, pending since the beginning of 2026, with what is said of it. */
export function makeRow(changes: Partial<JobRow> = {}): JobRow {
  const madeAt = "2026-01-01T00:00:01.000Z";
  return {
    id: "a",
    type: "email:send",
    status: "pending",
    preview: "{}",
    queue: "default",
    priority: 0,
    attempt: 0,
    maxAttempts: 3,
    percent: null,
    progressAt: null,
    createdAt: madeAt,
    updatedAt: madeAt,
    scheduledAt: madeAt,
    startedAt: null,
    finishedAt: null,
    isStopping: false,
    workerId: null,
    error: null,
    ...changes,
  };
}
