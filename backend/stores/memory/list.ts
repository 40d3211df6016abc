import { decodeCursor, encodeCursor, matches, SCAN_LIMIT } from "../../lib/filter.ts";
import { type Job, JOB_STATUSES } from "../../lib/job.ts";
import type { JobFilter, JobPage } from "../../lib/store.ts";
import type { MemoryData } from "./data.ts";
import {
  dueFirst,
  lastFinishedFirst,
  merge,
  type Order,
  type Place,
  type SortedJobs,
} from "./sorted-jobs.ts";

/** Where a page ended: the list it was in, and the place of the last job read there. */
interface Position {
  list: number;
  place: Place;
}

/** One page of the jobs that `filter` asks for, in the order of `Store.list`. */
export function listPage(
  data: MemoryData,
  filter: JobFilter,
  page: { cursor?: string; limit: number },
): JobPage {
  const from = page.cursor === undefined ? null : decodeCursor(filter, page.cursor) as Position;
  const jobs: Job[] = [];
  let scanned = 0;
  let last: Position | null = null;
  const lists = listsOf(data, filter);
  for (let list = from?.list ?? 0; list < lists.length; list++) {
    for (const job of lists[list]?.(from?.list === list ? from.place : null) ?? []) {
      if (last !== null && (jobs.length === page.limit || scanned === SCAN_LIMIT)) {
        return { jobs, nextCursor: encodeCursor(filter, last), scanned };
      }
      scanned++;
      last = { list, place: placeOf(job) };
      if (matches(job, filter)) jobs.push(job);
    }
  }
  return { jobs, nextCursor: null, scanned };
}

/** The lists to walk, one after the other; each gives its jobs behind a place. */
function listsOf(
  { byStatus, all }: MemoryData,
  filter: JobFilter,
): ((after: Place | null) => Iterable<Job>)[] {
  const { status, type, tag } = filter;
  if (status !== undefined) {
    return JOB_STATUSES.filter((each) => status.includes(each)).map((each) => (after) =>
      byStatus[each].after(after)
    );
  }
  if (type === undefined && tag === undefined) return [(after) => all.after(after)];
  const { running, pending, scheduled, retrying, completed, failed, cancelled } = byStatus;
  const merged = (order: Order, lists: SortedJobs[]) => (after: Place | null) =>
    merge(order, lists.map((list) => list.after(after)));
  return [
    (after) => running.after(after),
    (after) => pending.after(after),
    merged(dueFirst, [scheduled, retrying]),
    merged(lastFinishedFirst, [completed, failed, cancelled]),
  ];
}

function placeOf({ seq, priority, scheduledAt, startedAt, finishedAt }: Job): Place {
  return { seq, priority, scheduledAt, startedAt, finishedAt };
}
