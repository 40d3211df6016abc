import { BULK_STATUSES, type BulkData, type BulkQueue } from "./data.ts";
import { typeMatches } from "../filter.ts";
import type { Job, JobStatus } from "../job.ts";
import type { JobFilter, JobPage, StatusCounts, StoreStats } from "../store.ts";

/** Jobs read at once: few, since whoever adds a job meanwhile waits behind it. */
const PAGE = 50;

/** The family of bulk jobs: a filter that does not name it does not mean them. */
const FAMILY = "bulk";

/**
 * Which jobs an action is for, as of one time: those that finished after it (to be retried or removed) or were added
 * after it (to be cancelled) are others. So what the action itself changes is never met again, however often the
 * selection is walked.
 */
export class BulkSelection {
  readonly filter: JobFilter;
  /** Those that the filter names, else all that the action is for. */
  readonly statuses: readonly JobStatus[];
  readonly #data: BulkData;
  readonly #asOf: number;

  /** @param asOf Epoch milliseconds. */
  constructor(data: BulkData, asOf: number) {
    const { action, filter = {} } = data;
    const bound = action === "cancel" ? "createdBefore" : "finishedBefore";
    this.#data = data;
    this.#asOf = asOf;
    this.statuses = filter.status ?? BULK_STATUSES[action];
    this.filter = {
      ...filter,
      status: this.statuses,
      [bound]: Math.min(filter[bound] ?? Infinity, asOf + 1),
    };
  }

  /** True if the action is for `job` as it is now. */
  has(job: Job): boolean {
    const { action, ids, filter } = this.#data;
    if (!BULK_STATUSES[action].includes(job.status)) return false;
    if (ids === undefined && typeMatches(job.type, FAMILY) && !typeMatches(filter?.type ?? "", FAMILY)) {
      return false;
    }
    if (action === "cancel") return job.createdAt <= this.#asOf && job.cancelRequestedAt === null;
    return job.finishedAt !== null && job.finishedAt <= this.#asOf;
  }

  /** The pages of the filter, each read when the one before has been dealt with. */
  async *pages(queue: Pick<BulkQueue, "list">): AsyncGenerator<JobPage> {
    let cursor: string | null = null;
    do {
      const page: JobPage = await queue.list(this.filter, {
        limit: PAGE,
        ...(cursor === null ? {} : { cursor }),
      });
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** At least as many as the filter can match, as the counts tell. */
  most(stats: StoreStats): number {
    const { status = [], type, queue } = this.filter;
    const sum = (counts: StatusCounts | undefined) =>
      status.reduce((total: number, one: JobStatus) => total + (counts?.[one] ?? 0), 0);
    const ofType = Object.entries(stats.byType).filter(([name]) => typeMatches(name, type ?? ""));
    return Math.min(
      sum(stats),
      type === undefined ? Infinity : ofType.reduce((total, [, counts]) => total + sum(counts), 0),
      queue === undefined
        ? Infinity
        : sum(Object.hasOwn(stats.byQueue, queue) ? stats.byQueue[queue] : undefined),
    );
  }
}

/** What a bulk action would change. */
export interface BulkCount {
  matched: number;
  /** How many jobs were looked at. */
  scanned: number;
  /** False: there are more than were looked at. */
  complete: boolean;
}

/** Counts what a bulk action that began at `now` would change. Looks at not much more than `most` jobs. */
export async function countBulk(
  queue: Pick<BulkQueue, "get" | "list">,
  data: BulkData,
  { now, most }: { now: number; most: number },
): Promise<BulkCount> {
  const selection = new BulkSelection(data, now);
  const count: BulkCount = { matched: 0, scanned: 0, complete: true };
  if (data.ids !== undefined) {
    for (const id of data.ids) {
      const job = await queue.get(id);
      count.scanned++;
      if (job !== null && selection.has(job)) count.matched++;
    }
    return count;
  }
  for await (const page of selection.pages(queue)) {
    count.scanned += page.scanned;
    count.matched += page.jobs.filter((job) => selection.has(job)).length;
    count.complete = page.nextCursor === null;
    if (count.scanned >= most) break;
  }
  return count;
}
