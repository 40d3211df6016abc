import { z } from "zod";
import { FINAL_STATUSES } from "../../lib/job.ts";

/** Longer paths no system takes. */
const MAX_PATH = 4_096;

/** A hundred years: files may be older than this program. */
const MAX_FILE_DAYS = 36_500;

/** Ten years: the longest that a queue keeps jobs, other than for ever. */
const MAX_JOB_DAYS = 3_650;

const dryRun = z.boolean("must be true or false").default(false);

function days(most: number) {
  const message = `must be a number of days from 0 to ${most}`;
  return z.number(message).min(0, message).max(most, message);
}

/** What a `cleanup:old-files` job deletes. */
export const oldFilesSchema = z.strictObject({
  /** Absolute, or from where the process was started. */
  directory: z.string("must be a string")
    .min(1, "must not be empty")
    .max(MAX_PATH, `must have at most ${MAX_PATH} characters`)
    .refine((path) => !path.includes("\0"), "must have no NUL character"),
  /** Days since a file last changed; parts of a day are fine, 0: all files. */
  olderThanDays: days(MAX_FILE_DAYS),
  /** Deletes nothing, and lists in the job's log what would go. */
  dryRun,
});

/** What a `cleanup:job-logs` job deletes. */
export const jobLogsSchema = z.strictObject({
  /** Days since a job finished. */
  olderThanDays: days(MAX_JOB_DAYS),
  dryRun,
});

/** What a `cleanup:old-jobs` job deletes. */
export const oldJobsSchema = z.strictObject({
  /** Days since a job finished; without it, what the queue's retention says. */
  olderThanDays: days(MAX_JOB_DAYS).optional(),
  /** Only jobs of this status. */
  status: z.enum(FINAL_STATUSES, `must be one of ${FINAL_STATUSES.join(", ")}`).optional(),
  dryRun,
});

/** What `cleanup:temp-files` and `cleanup:expired-sessions` jobs are told: the rest is configuration. */
export const plainSchema = z.strictObject({ dryRun });

/** The data of a `cleanup:old-files` job as a caller writes it. */
export type OldFilesData = z.input<typeof oldFilesSchema>;

/** The data of a `cleanup:job-logs` job as a caller writes it. */
export type JobLogsData = z.input<typeof jobLogsSchema>;

/** The data of a `cleanup:old-jobs` job as a caller writes it. */
export type OldJobsData = z.input<typeof oldJobsSchema>;
