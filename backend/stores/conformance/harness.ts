import { assertEquals } from "@std/assert";
import { soon } from "../../lib/clock.ts";
import { type Job, JOB_STATUSES, type RunningJob } from "../../lib/job.ts";
import { noCounts } from "../../lib/status-counts.ts";
import type { JobFilter, StatusCounts, Store, StoreChange, StoreStats } from "../../lib/store.ts";
import { FakeClock } from "../../testing/fake-clock.ts";

/** The processes of one data set: what a store's own test file makes for each case. */
export interface Lab {
  /** Opens the store as one more process. Without an id it takes a free one. */
  open(workerId?: string): Promise<Store>;
  /** As if the process of `store` had been killed: it is dead to others and does not know. */
  crash(store: Store): void | Promise<void>;
  /** How long after a crash others may still take the process for alive, milliseconds. 0: not at all. */
  leaseMs: number;
  /** Every store has been closed: removes the data. */
  dispose(): void | Promise<void>;
}

/** What a store's own test file gives the suite. */
export interface Fixture {
  /** An empty data set. All times the store takes from a clock it takes from `clock`. */
  create(clock: FakeClock): Lab | Promise<Lab>;
  /** Cases that this store cannot pass, by their names, and why. */
  skip?: readonly { reason: string; tests: readonly string[] }[];
}

/** What a case works with. */
export interface Context {
  clock: FakeClock;
  /** Opens `count` processes on the case's data. */
  open(count: 1): Promise<[Store]>;
  open(count: 2): Promise<[Store, Store]>;
  open(count: 3): Promise<[Store, Store, Store]>;
  /** Opens a process under an id of its own. */
  openAs(workerId: string): Promise<Store>;
  crash(store: Store): Promise<void>;
  /** Lets `store` rescue the jobs of every process that has crashed. Returns how many it gave back. */
  rescueBy(store: Store): Promise<number>;
}

/** Behaviours by name: each name is a rule, each function fails if the rule is broken. */
export type Cases = Record<string, (context: Context) => Promise<void>>;

/** Runs every case against the stores of `fixture`, each on data of its own. */
export function testCases(name: string, cases: Cases, fixture: Fixture): void {
  const reasons = new Map<string, string>();
  for (const { reason, tests } of fixture.skip ?? []) {
    for (const test of tests) {
      if (!(test in cases)) throw new TypeError(`Cannot skip "${test}": there is no such case`);
      reasons.set(test, reason);
    }
  }
  for (const [rule, run] of Object.entries(cases)) {
    const reason = reasons.get(rule);
    if (reason !== undefined) Deno.test.ignore(`${name}: ${rule} (skipped: ${reason})`, () => {});
    else Deno.test(`${name}: ${rule}`, () => runCase(run, fixture));
  }
}

async function runCase(run: Cases[string], fixture: Fixture): Promise<void> {
  const clock = new FakeClock();
  const lab = await fixture.create(clock);
  const opened: Store[] = [];
  const openAs = async (workerId?: string) => {
    const store = await lab.open(workerId);
    opened.push(store);
    return store;
  };
  try {
    await run({
      clock,
      open: (async (count: number) => {
        const stores: Store[] = [];
        while (stores.length < count) stores.push(await openAs());
        return stores;
      }) as Context["open"],
      openAs,
      crash: async (store) => await lab.crash(store),
      rescueBy: async (store) => {
        // Where a lease decides, its end is seen by who looked before it began and again after it ended.
        let rescued = await store.rescue(clock.now());
        if (lab.leaseMs > 0) {
          clock.advance(lab.leaseMs);
          rescued += await store.rescue(clock.now());
        }
        // The process may live on here, as a dead one does not, and be in the way of a first try with its writes.
        for (let idle = 0; idle < 2;) {
          const more = await store.rescue(clock.now());
          rescued += more;
          idle = more === 0 ? idle + 1 : 0;
        }
        return rescued;
      },
    });
    await assertConsistent(await openAs());
  } finally {
    for (const store of opened) await store.close();
    await lab.dispose();
  }
}

/** Every job that `filter` finds, page by page. Fails if a page repeats a job or pages go on for ever. */
export async function listAll(store: Store, filter: JobFilter = {}, limit = 200): Promise<Job[]> {
  const jobs = new Map<string, Job>();
  let cursor: string | undefined;
  for (let pages = 0; pages < 1_000; pages++) {
    const page = await store.list(filter, { cursor, limit });
    for (const job of page.jobs) {
      assertEquals(jobs.has(job.seq), false, `job "${job.id}" is on two pages`);
      jobs.set(job.seq, job);
    }
    if (page.nextCursor === null) return [...jobs.values()];
    cursor = page.nextCursor;
  }
  throw new Error("The list does not end");
}

/** The ids of `jobs`, in their order. */
export function idsOf(jobs: Iterable<{ id: string }>): string[] {
  return Array.from(jobs, ({ id }) => id);
}

/** `running` as everybody but its holder sees it. */
export function withoutLease(running: RunningJob): Job {
  const { lease: _, ...job } = running;
  return job;
}

/** Adds `jobs`; fails unless each is stored as new. */
export async function addAll(store: Store, jobs: readonly Job[], now: number): Promise<void> {
  const inserted = await store.insert(jobs.map((job) => ({ job })), now);
  assertEquals(inserted, jobs.map(({ id }) => ({ id, outcome: "added" })));
}

/** Claims up to `limit` jobs of `types`. */
export function claim(
  store: Store,
  now: number,
  types: readonly string[] = ["test"],
  limit = 10,
): Promise<RunningJob[]> {
  return store.claim({ types: new Map(types.map((type) => [type, limit])), queues: null, limit, now });
}

/** Claims jobs until none comes, also when time passes: a store may look only so often at what others added. */
export async function claimAll(
  store: Store,
  clock: FakeClock,
  types?: readonly string[],
): Promise<RunningJob[]> {
  const claimed: RunningJob[] = [];
  for (let misses = 0; misses < 2;) {
    const jobs = await claim(store, clock.now(), types);
    claimed.push(...jobs);
    if (jobs.length > 0) continue;
    clock.advance(1_000);
    misses++;
  }
  return claimed;
}

/** Claims the one job there is to claim. */
export async function claimOne(store: Store, now: number, type = "test"): Promise<RunningJob> {
  const [job, ...others] = await claim(store, now, [type]);
  assertEquals(others, []);
  if (job === undefined) throw new Error(`There is no job of type "${type}" to claim`);
  return job;
}

/**
 * The first change of `kind` that `store` tells of from now on. Time passes until it does, for stores that look
 * from time to time.
 */
export async function told<K extends StoreChange["kind"]>(
  store: Store,
  kind: K,
  clock: FakeClock,
  cause: () => Promise<unknown>,
): Promise<Extract<StoreChange, { kind: K }>> {
  let found: Extract<StoreChange, { kind: K }> | undefined;
  const stop = store.watch((change) => {
    if (change.kind === kind) found ??= change as Extract<StoreChange, { kind: K }>;
  });
  await cause();
  for (let turn = 0; found === undefined && turn < 300_000; turn++) {
    await new Promise<void>(soon);
    if (turn < 100) clock.advance(10);
  }
  stop();
  if (found === undefined) throw new Error(`Nothing told of "${kind}" within a second`);
  return found;
}

/** Fails unless counts, lists and single reads of a store that is at rest say the same. */
export async function assertConsistent(store: Store): Promise<void> {
  const jobs = await listAll(store);
  const listed = countsOf(jobs);
  assertEquals(withoutEmpty(await store.stats(0)), listed, "stats() and list() do not agree");
  for (const status of JOB_STATUSES) {
    const wanted = idsOf(jobs.filter((job) => job.status === status)).sort();
    assertEquals(
      idsOf(await listAll(store, { status: [status] })).sort(),
      wanted,
      `list() of ${status} jobs`,
    );
  }
  for (const job of jobs.slice(0, 50)) {
    const read = await store.get(job.seq);
    assertEquals(read === null ? null : asListed(read, job), job, "get() and list() do not agree");
    assertEquals((await store.get(job.id))?.seq, job.seq);
  }
  const names = (await store.queues()).map(({ name }) => name);
  for (const { queue } of jobs) assertEquals(names.includes(queue), true, `queues() lacks "${queue}"`);
}

/** `job` as a page may show it: large data and results may be left out there. */
function asListed(job: Job, listed: Job): Job {
  const isLarge = (value: unknown) => JSON.stringify(value ?? null).length > 10_000;
  return {
    ...job,
    data: listed.data === null && isLarge(job.data) ? null : job.data,
    result: listed.result === null && isLarge(job.result) ? null : job.result,
  };
}

/** The counts of `jobs`. */
export function countsOf(jobs: readonly Job[]): StoreStats {
  const byQueue = new Map<string, StatusCounts>();
  const byType = new Map<string, StatusCounts>();
  const oldest = new Map<string, number>();
  const all = noCounts();
  for (const { status, queue, type, scheduledAt } of jobs) {
    all[status]++;
    for (const [group, name] of [[byQueue, queue], [byType, type]] as const) {
      const counts = group.get(name) ?? noCounts();
      counts[status]++;
      group.set(name, counts);
    }
    if (status === "pending") oldest.set(queue, Math.min(oldest.get(queue) ?? Infinity, scheduledAt));
  }
  return {
    ...all,
    byQueue: Object.fromEntries(byQueue),
    byType: Object.fromEntries(byType),
    oldestPendingAt: oldest.size === 0 ? null : Math.min(...oldest.values()),
    oldestPendingByQueue: Object.fromEntries(oldest),
  };
}

/** `stats` without the queues and types that have no jobs any more, which a store may name or not. */
export function withoutEmpty(stats: StoreStats): StoreStats {
  const used = (group: Record<string, StatusCounts>) =>
    Object.fromEntries(
      Object.entries(group).filter(([, counts]) => JOB_STATUSES.some((status) => counts[status] !== 0)),
    );
  return { ...stats, byQueue: used(stats.byQueue), byType: used(stats.byType) };
}
