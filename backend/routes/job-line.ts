import type { Job } from "../lib/job.ts";
import type { PageOptions } from "../lib/queries.ts";
import type { Queue } from "../lib/queue.ts";
import type { WorkerInfo } from "../lib/store.ts";

/** Pending jobs that are looked at, at the most. */
const MOST = 2_000;

/** Jobs read at once. */
const PAGE = 200;

/**
 * How many jobs of its queue will be claimed before the pending `job`: those that stand before it and that a worker
 * handles. Reads at most 2,000.
 *
 * @returns null if it does not stand in line any more.
 */
export async function placeInLine(
  queue: Pick<Queue, "list">,
  job: Job,
  workers: readonly WorkerInfo[],
): Promise<{ jobs: number; isMore: boolean } | null> {
  const handled = new Set(
    workers.flatMap(({ alive, status, types }) => alive && status === "running" ? types : []),
  );
  if (!handled.has(job.type)) return null;
  let jobs = 0;
  let read = 0;
  let cursor: string | null = null;
  do {
    const from: PageOptions = cursor === null ? {} : { cursor };
    const page = await queue.list({ status: ["pending"], queue: job.queue }, { limit: PAGE, ...from });
    for (const { seq, type } of page.jobs) {
      if (seq === job.seq) return { jobs, isMore: false };
      if (handled.has(type)) jobs++;
    }
    read += page.scanned;
    cursor = page.nextCursor;
  } while (cursor !== null && read < MOST);
  return cursor === null ? null : { jobs, isMore: true };
}
