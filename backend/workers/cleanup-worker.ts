import { type Clock, systemClock } from "../lib/clock.ts";
import type { JobContext } from "../lib/context.ts";
import { defineJob, type JobDefinition } from "../lib/define-job.ts";
import type { AddOptions } from "../lib/options.ts";
import type { Queue } from "../lib/queue.ts";
import { queue as readyQueue } from "../jobs.ts";
import {
  allowedDirectory,
  DirectoryRefusedError,
  type FileAccess,
  isRefusedByDeno,
} from "./cleanup/allowed-directory.ts";
import {
  type JobLogsData,
  jobLogsSchema,
  type OldFilesData,
  oldFilesSchema,
  type OldJobsData,
  oldJobsSchema,
  plainSchema,
} from "./cleanup/data.ts";
import { deleteOldFiles, noFiles, type OldFilesResult } from "./cleanup/old-files.ts";
import { checkCleanupSettings, type CleanupSettings } from "./cleanup/settings.ts";

export type { CleanupSettings, JobLogsData, OldFilesData, OldFilesResult, OldJobsData };

const DAY = 86_400_000;

/** The kind of the records that `cleanup:expired-sessions` looks at. */
const SESSIONS = "session";

/** What the cleanups of a store need of its queue. */
export type CleanupQueue = Pick<Queue, "prune" | "pruneLogs" | "deleteExpired">;

/** How the cleanups of files reach them. */
export interface CleanupAccess {
  /** Tells how old files are. @default systemClock */
  clock?: Pick<Clock, "now">;
  /** @default Deno */
  files?: FileAccess;
}

/** How many were deleted; in a dry run, how many would have been. */
export interface CleanupResult {
  deleted: number;
  dryRun: boolean;
}

/**
 * Registers the family `cleanup` on `queue`. Each type takes `dryRun`, with which it deletes nothing.
 *
 * - `cleanup:old-files { directory, olderThanDays }`: files in an allowed directory, see `CleanupSettings`.
 * - `cleanup:temp-files {}`: the same in the directory for temporary files; nothing if there is none.
 * - `cleanup:job-logs { olderThanDays }`: the logs of jobs that finished so long ago. The jobs stay.
 * - `cleanup:old-jobs { olderThanDays?, status? }`: jobs that finished so long ago, but no job before its own
 *   `keepFor` has passed. Without an age, those that the retention would delete anyway.
 * - `cleanup:expired-sessions {}`: sessions whose time is over.
 *
 * @throws {InputTypeError | InputRangeError} A setting is wrong; nothing was registered.
 */
export function registerCleanups(queue: Queue, settings: CleanupSettings = {}, access?: CleanupAccess): void {
  const { oldFiles, tempFiles } = defineFileCleanups(settings, access);
  const { jobLogs, oldJobs, expiredSessions } = defineStoreCleanups(queue, settings);
  queue.process(oldFiles).process(tempFiles).process(jobLogs).process(oldJobs).process(expiredSessions);
}

/** Defines the types that delete files. */
function defineFileCleanups(
  settings: CleanupSettings,
  { clock = systemClock, files = Deno }: CleanupAccess = {},
) {
  const { directories, tempDirectory, tempMaxAge } = checkCleanupSettings(settings, "settings");

  /** Deletes files; whatever forbids it at all fails the job at once. */
  async function sweep(
    job: JobContext<{ dryRun: boolean }>,
    { directory, allowed, age }: { directory: string; allowed: readonly string[]; age: number },
  ): Promise<OldFilesResult | null> {
    try {
      const real = await allowedDirectory(directory, allowed, files);
      if (real === null) return null;
      const changedBefore = clock.now() - age;
      return await deleteOldFiles({ directory: real, changedBefore, dryRun: job.data.dryRun }, job, files);
    } catch (error) {
      if (error instanceof DirectoryRefusedError) job.fail(error);
      if (!isRefusedByDeno(error)) throw error;
      const reason = "this process was started without --allow-read and --allow-write for it";
      return job.fail(new DirectoryRefusedError(directory, reason, { cause: error }));
    }
  }

  return {
    oldFiles: defineJob({
      type: "cleanup:old-files",
      schema: oldFilesSchema,
      async run(job) {
        const { directory, olderThanDays } = job.data;
        const result = await sweep(job, { directory, allowed: directories, age: olderThanDays * DAY });
        return result ?? job.fail(new DirectoryRefusedError(directory, "there is no such directory"));
      },
    }),
    tempFiles: defineJob({
      type: "cleanup:temp-files",
      schema: plainSchema,
      async run(job) {
        if (tempDirectory === null) {
          job.log.info("Nothing to do: TEMP_DIRECTORY names no directory");
          return noFiles(job.data.dryRun);
        }
        const place = { directory: tempDirectory, allowed: [tempDirectory], age: tempMaxAge };
        const result = await sweep(job, place);
        if (result === null) job.log.info("Nothing to do: there is no such directory", { tempDirectory });
        return result ?? noFiles(job.data.dryRun);
      },
    }),
  };
}

/** Defines the types that delete what `queue` stores. */
function defineStoreCleanups(queue: CleanupQueue, settings: CleanupSettings) {
  const { retention } = checkCleanupSettings(settings, "settings");
  return {
    jobLogs: defineJob({
      type: "cleanup:job-logs",
      schema: jobLogsSchema,
      async run({ data: { olderThanDays, dryRun }, signal }): Promise<{ jobs: number; dryRun: boolean }> {
        return { jobs: await queue.pruneLogs({ olderThan: olderThanDays * DAY, dryRun, signal }), dryRun };
      },
    }),
    oldJobs: defineJob({
      type: "cleanup:old-jobs",
      schema: oldJobsSchema,
      async run(job): Promise<CleanupResult> {
        const { olderThanDays, status, dryRun } = job.data;
        const olderThan = (olderThanDays === undefined ? retention : olderThanDays * DAY) ??
          job.fail("Cannot tell which jobs are old: give olderThanDays, or register with the retention");
        const only = status === undefined ? {} : { status };
        const deleted = await queue.prune({ olderThan, keepFor: true, dryRun, signal: job.signal, ...only });
        return { deleted, dryRun };
      },
    }),
    expiredSessions: defineJob({
      type: "cleanup:expired-sessions",
      schema: plainSchema,
      async run({ data: { dryRun }, signal }): Promise<CleanupResult> {
        return { deleted: await queue.deleteExpired(SESSIONS, { dryRun, signal }), dryRun };
      },
    }),
  };
}

/** To add jobs by; where they run, `registerCleanups` says what they may do. */
const { oldFiles } = defineFileCleanups({});
const { jobLogs, oldJobs } = defineStoreCleanups(readyQueue, {});

/** How a cleanup is added. */
export interface EnqueueCleanupOptions extends AddOptions {
  /** What `createJobs()` returned, or `{ queue }`. @default the ready-made queue */
  jobs?: { readonly queue: Pick<Queue, "add"> };
}

/**
 * Deletes files in `data.directory` that have not changed for so many days. Whether that directory is allowed is
 * looked up where the job runs.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names (`data.directory`); nothing was stored.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "../jobs.ts";
 * import { enqueueFileCleanup, registerCleanups } from "./cleanup-worker.ts";
 *
 * const directory = await Deno.makeTempDir();
 * const jobs = createJobs({ store: "memory:" }); // without it: the ready-made queue
 * registerCleanups(jobs.queue, { directories: [directory] });
 * await jobs.start();
 * const id = await enqueueFileCleanup({ directory, olderThanDays: 30 }, { jobs });
 * assertEquals(await jobs.queue.wait(id), { deleted: 0, bytes: 0, kept: 0, failed: 0, dryRun: false });
 * await jobs.stop();
 * await Deno.remove(directory);
 * ```
 */
export function enqueueFileCleanup(data: OldFilesData, options?: EnqueueCleanupOptions): Promise<string> {
  return enqueue(oldFiles, data, options);
}

/**
 * Deletes the logs of jobs that finished so many days ago; the jobs stay.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names; nothing was stored.
 */
export function enqueueLogCleanup(data: JobLogsData, options?: EnqueueCleanupOptions): Promise<string> {
  return enqueue(jobLogs, data, options);
}

/**
 * Deletes jobs that finished so many days ago, but none before its own `keepFor` has passed.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names; nothing was stored.
 */
export function enqueueJobCleanup(data: OldJobsData, options?: EnqueueCleanupOptions): Promise<string> {
  return enqueue(oldJobs, data, options);
}

async function enqueue<Input, Data, Result>(
  definition: JobDefinition<Input, Data, Result>,
  data: NoInfer<Input>,
  options: EnqueueCleanupOptions = {},
): Promise<string> {
  const { jobs = { queue: readyQueue }, ...addOptions } = options;
  return await jobs.queue.add(definition, data, addOptions);
}
