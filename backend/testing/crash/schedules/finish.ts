import { createJobs } from "../../../jobs.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { JobStatus } from "../../../lib/job.ts";
import type { ShownSchedule, TickJob } from "./judge.ts";
import type { PlannedSchedule } from "./plan.ts";

/** Handlers at the same time. */
const CONCURRENCY = 50;
/** The most jobs listed at once. */
const PAGE = 200;
/** Milliseconds between two looks at what is left. */
const INTERVAL = 50;
/** Milliseconds without any change after which the jobs that are left count as stuck. */
const STUCK_AFTER = 30_000;

const UNFINISHED: JobStatus[] = ["pending", "scheduled", "running", "retrying"];

/** What a run left in its store. */
export interface Remains {
  shown: Map<string, ShownSchedule>;
  jobs: TickJob[];
}

/** Runs what the processes of a run have left undone, fires nothing more, and reads all there is. */
export async function finish(
  url: string,
  schedules: readonly PlannedSchedule[],
  clock: Clock,
): Promise<Remains> {
  const { queue, scheduler } = createJobs({
    store: url,
    concurrency: CONCURRENCY,
    pollInterval: 200,
    heartbeatInterval: 1_000,
  });
  for (const { name } of schedules) queue.process(`schedule:${name}`, () => null);
  await queue.start();
  try {
    let last = "";
    let changedAt = clock.monotonic();
    while (clock.monotonic() - changedAt < STUCK_AFTER) {
      const page = await queue.list({ status: UNFINISHED }, { limit: PAGE });
      if (page.jobs.length === 0) break;
      const state = JSON.stringify(page.jobs.map(({ id, status }) => [id, status]));
      if (state !== last) changedAt = clock.monotonic();
      last = state;
      await clock.sleep(INTERVAL);
    }
    const shown = new Map((await scheduler.list()).map((schedule) => [schedule.name, schedule]));
    const jobs: TickJob[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = await queue.list({}, { limit: PAGE, ...(cursor === "" ? {} : { cursor }) });
      for (const { id, type, data, status, createdAt, deaths } of page.jobs) {
        jobs.push({ id, type, data, status, createdAt, deaths });
      }
      cursor = page.nextCursor;
    }
    return { shown, jobs };
  } finally {
    await queue.stop();
  }
}
