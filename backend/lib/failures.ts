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
  /** Epoch milliseconds of the first one. */
  firstAt: number;
  /** The last one. */
  last: { readonly jobId: string; readonly error: JobError };
}

/** Entries that are read at the most: the newest, which are what somebody who looks for a fault wants to see. */
export const MAX_SCANNED = 2_000;

/** Entries of jobs that will be tried again which are read at the most, so that they leave room for those that will not. */
const MAX_RETRYING = 1_000;

/** Jobs read at once. */
const PAGE = 200;

/**
 * Reads the jobs that wait for another attempt and those that have failed, the newest first, up to `MAX_SCANNED`
 * entries, and gives them to `take` page by page. A store may read more for a page that it finds nothing on.
 *
 * @param list As `Queue.list`.
 * @param type Only this type and its family; undefined: all.
 * @returns How many entries were read, and whether those were all there are.
 */
export async function readFailed(
  list: (filter: JobFilter, page: PageOptions) => Promise<JobPage>,
  type: string | undefined,
  take: (jobs: readonly Job[]) => void,
): Promise<{ scanned: number; complete: boolean }> {
  const read = async (status: "failed" | "retrying", most: number) => {
    const filter: JobFilter = { status: [status], ...(type === undefined ? {} : { type }) };
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

/** Groups every error that jobs remember. */
export class FailureGroups {
  readonly #groups = new Map<string, FailureGroup>();

  /** Adds the errors of `jobs`, each of which is new. */
  readonly add = (jobs: readonly Job[]): void => {
    for (const job of jobs) {
      const groups = new Set<FailureGroup>();
      for (const error of job.errors) {
        const group = this.#groupOf(job, error);
        groups.add(group);
        group.count++;
        group.firstAt = Math.min(group.firstAt, error.at);
        if (error.at > group.last.error.at) group.last = { jobId: job.id, error };
      }
      for (const group of groups) group.jobs++;
    }
  };

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
      { type, name, pattern, count: 0, jobs: 0, firstAt: at, last: { jobId: id, error } };
    this.#groups.set(key, group);
    return group;
  }
}
