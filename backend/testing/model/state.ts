import { type Job, JOB_STATUSES } from "../../lib/job.ts";
import type { Store, StoreStats } from "../../lib/store.ts";
import { listAll, withoutEmpty } from "../../stores/conformance/harness.ts";

/** What can be seen of the jobs in a store. Of two stores at the same point, deeply equal. */
export interface State {
  stats: StoreStats;
  jobs: Job[];
  /** Ids, in the order of each list. */
  lists: Record<string, string[]>;
}

/** Data of this length and more may be left out of lists. */
const LARGE = 10_000;

/** What everybody sees of the jobs in `store`. */
export async function stateOf(store: Store): Promise<State> {
  const lists: Record<string, string[]> = {};
  for (const status of JOB_STATUSES) {
    lists[status] = (await listAll(store, { status: [status] })).map(({ id }) => id);
  }
  const jobs = (await listAll(store)).map((job) => ({
    ...job,
    data: small(job.data),
    result: small(job.result),
  }));
  return { stats: withoutEmpty(await store.stats(0)), jobs, lists };
}

function small(value: unknown): unknown {
  return typeof value === "string" && value.length >= LARGE ? null : value;
}

/** `stateOf` and what takes longer: every job whole, with its logs; records; queues. */
export async function wholeStateOf(store: Store, kinds: readonly string[]): Promise<unknown> {
  const state = await stateOf(store);
  const jobs: unknown[] = [];
  for (const { id } of state.jobs) {
    const { lines = [] } = await store.logs(id, { limit: 200 }) ?? {};
    // Where the clock was set back, "oldest first" may mean the time or the order of writing.
    jobs.push([await store.get(id), lines.map((line) => JSON.stringify(line)).sort()]);
  }
  const records: unknown[] = [];
  for (const kind of kinds) {
    for (const { key, value } of await store.records(kind)) records.push([kind, key, value]);
  }
  return { ...state, jobs, records, queues: await store.queues() };
}
