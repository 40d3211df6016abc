import { patternOf } from "./fingerprint.ts";
import type { Job, JobError } from "./job.ts";
import type { PageOptions } from "./queries.ts";
import type { JobFilter, JobPage } from "./store.ts";

/** Failures of one cause, as far as anybody can tell: those of one type, with one error name and one pattern. */
export interface FailureGroup {
  readonly type: string;
  readonly name: string;
  /** What their messages have in common. */
  readonly pattern: string;
  /** Attempts that failed so, as far as their jobs remember them. */
  count: number;
  /** The jobs of those attempts. */
  jobs: number;
  /** Those of them that have failed for good, with this as their last error. */
  failed: number;
  /** Epoch milliseconds of the first one. */
  firstAt: number;
  /** Attempts by bucket of the time that is looked at, oldest first. */
  readonly series: number[];
  /** Attempts by the process that ran them, as far as it is known. */
  readonly workers: Map<string, number>;
  /** The last one. */
  last: { readonly jobId: string; readonly error: JobError };
}

/**
 * Entries that are read at the most: the newest, which are what somebody who looks for a fault wants to see. Each costs a
 * read: a page must not wait for more.
 */
const MAX_SCANNED = 500;

/** Entries of jobs that will be tried again which are read at the most, so that they leave room for those that will not. */
const MAX_RETRYING = 250;

/** Jobs read at once. */
const PAGE = 200;

/** Which failures are looked at. */
export interface FailureQuery {
  /** Only this type and its family. */
  type?: string;
  /** Only what failed from then on, epoch milliseconds. */
  since?: number;
}

/** The buckets that failures are counted in: of equal width, the first one begins at `from`. Milliseconds. */
export interface FailureBuckets {
  from: number;
  step: number;
  count: number;
}

/**
 * Reads the jobs that wait for another attempt and those that have failed, the newest first, up to `MAX_SCANNED`
 * entries, and gives them to `take` page by page. A store may read more for a page that it finds nothing on.
 *
 * @param list As `Queue.list`.
 * @returns How many entries were read, and whether those were all there are.
 */
export async function readFailed(
  list: (filter: JobFilter, page: PageOptions) => Promise<JobPage>,
  { type, since }: FailureQuery,
  take: (jobs: readonly Job[]) => void,
): Promise<{ scanned: number; complete: boolean }> {
  const read = async (status: "failed" | "retrying", most: number) => {
    const filter: JobFilter = {
      status: [status],
      ...(type === undefined ? {} : { type }),
      // A job that waits for another attempt has not finished.
      ...(since === undefined || status === "retrying" ? {} : { finishedAfter: since }),
    };
    let scanned = 0;
    let cursor: string | null = null;
    do {
      const from: { cursor?: string } = cursor === null ? {} : { cursor };
      const page: JobPage = await list(filter, { limit: Math.min(PAGE, most - scanned), ...from });
      take(page.jobs);
      scanned += page.scanned;
      cursor = page.nextCursor;
    } while (cursor !== null && scanned < most);
    return { scanned, complete: cursor === null };
  };
  const retrying = await read("retrying", MAX_RETRYING);
  const failed = await read("failed", Math.max(PAGE, MAX_SCANNED - retrying.scanned));
  return {
    scanned: retrying.scanned + failed.scanned,
    complete: retrying.complete && failed.complete,
  };
}

/** Groups every error that jobs remember, or those within some buckets. */
export class FailureGroups {
  readonly #groups = new Map<string, FailureGroup>();
  readonly #buckets: FailureBuckets | null;

  constructor(buckets: FailureBuckets | null = null) {
    this.#buckets = buckets;
  }

  /** Adds the errors of `jobs`, each of which is new. */
  readonly add = (jobs: readonly Job[]): void => {
    for (const job of jobs) {
      const groups = new Set<FailureGroup>();
      for (const error of job.errors) {
        if (this.#buckets !== null && error.at < this.#buckets.from) continue;
        const group = this.#groupOf(job, error);
        groups.add(group);
        this.#count(group, error);
        if (job.status === "failed" && error === job.errors.at(-1)) group.failed++;
        group.firstAt = Math.min(group.firstAt, error.at);
        if (error.at > group.last.error.at) group.last = { jobId: job.id, error };
      }
      for (const group of groups) group.jobs++;
    }
  };

  #count(group: FailureGroup, { at, workerId }: JobError): void {
    group.count++;
    if (workerId !== undefined) group.workers.set(workerId, (group.workers.get(workerId) ?? 0) + 1);
    if (this.#buckets === null) return;
    const { from, step, count } = this.#buckets;
    const bucket = Math.min(count - 1, Math.floor((at - from) / step)); // a clock that stepped back knows later times
    group.series[bucket] = (group.series[bucket] ?? 0) + 1;
  }

  /** The groups, those with the most failures first. */
  sorted(): FailureGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || b.last.error.at - a.last.error.at);
  }

  #groupOf(job: Job, error: JobError): FailureGroup {
    const { id, type } = job;
    const { name, message, at } = error;
    const pattern = patternOf(message);
    const key = JSON.stringify([type, name, pattern]);
    const group = this.#groups.get(key) ??
      {
        type,
        name,
        pattern,
        count: 0,
        jobs: 0,
        failed: 0,
        firstAt: at,
        series: new Array<number>(this.#buckets?.count ?? 0).fill(0),
        workers: new Map<string, number>(),
        last: { jobId: id, error },
      };
    this.#groups.set(key, group);
    return group;
  }
}
