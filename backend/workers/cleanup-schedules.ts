import type { CleanupSettings } from "./cleanup/settings.ts";

/** What the cleanups need of a scheduler. */
export interface CleanupScheduler {
  schedule(name: string, expression: string, job: { type: string; data: unknown }): unknown;
}

/**
 * Schedules the cleanups that need no decision: old jobs daily at 3, temporary files hourly if there is a directory for
 * them, expired sessions every six hours. They do not begin all at the same minute.
 *
 * The jobs are those of `registerCleanups`: some process on the same store must run the family `cleanup`.
 */
export function scheduleCleanups(
  scheduler: CleanupScheduler,
  { tempDirectory = null }: Pick<CleanupSettings, "tempDirectory"> = {},
): void {
  const schedule = (type: string, expression: string) =>
    scheduler.schedule(type, expression, { type, data: {} });

  schedule("cleanup:old-jobs", "0 3 * * *");
  if (tempDirectory !== null) schedule("cleanup:temp-files", "15 * * * *");
  schedule("cleanup:expired-sessions", "30 */6 * * *");
}
