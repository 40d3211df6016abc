import { assertEquals, assertRejects } from "@std/assert";
import { InvalidStatusError } from "../../lib/errors.ts";
import type { Job, Outcome } from "../../lib/job.ts";
import { FINAL_STATUSES, type FinalStatus, isFinal, retry } from "../../lib/job.ts";
import type { LogLine, Store } from "../../lib/store.ts";
import { makeJob, makeJobs, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, idsOf, listAll } from "./harness.ts";

/** Adds a job that ends as `status` at `now`. */
async function addFinished(
  store: Store,
  status: FinalStatus,
  now: number,
  overrides: Partial<Job>,
): Promise<void> {
  const error = { name: "Error", message: "no", attempt: 1, at: now };
  const outcomes: Record<FinalStatus, Outcome> = {
    completed: { kind: "completed", result: null },
    failed: { kind: "failed", error, retryAt: null },
    cancelled: { kind: "cancelled", reason: null },
  };
  await addAll(store, [makeJob({ ...overrides, createdAt: now })], now);
  await store.settle([{ job: await claimOne(store, now), outcome: outcomes[status] }], now);
}

const LINE: LogLine = { attempt: 1, at: 0, level: "info", message: "hello" };

/** Fails if anything of `job` can still be found, or stands in the way of a job like it. */
async function assertGone(store: Store, job: Job, now: number): Promise<void> {
  for (const id of [job.id, job.seq]) {
    assertEquals(await store.get(id), null);
    assertEquals(await store.logs(id, { limit: 10 }), null);
    assertEquals(await store.remove(id), false);
    assertEquals(await store.change(id, (current) => current), null);
  }
  assertEquals(await listAll(store, { tag: job.tags[0]! }), []);
  assertEquals(await listAll(store, { type: job.type }), []);
  assertEquals((await store.stats(now)).oldestPendingAt, null);
  await store.appendLogs(job.seq, [LINE]); // a handler's last words, too late
  await store.promote(now + 60_000);
  assertEquals(await claim(store, now + 60_000), []);

  const again = makeJob({ id: job.id, tags: job.tags, unique: job.unique, data: "again" });
  assertEquals(await store.insert([{ job: again, onConflict: "reject" }], now), [{
    id: job.id,
    outcome: "added",
  }]);
  assertEquals(await store.get(job.id), again);
  assertEquals(await store.logs(job.id, { limit: 10 }), { lines: [], nextCursor: null });
  assertEquals(await store.remove(job.id), true);
}

/** Deleting jobs: remove and prune. */
export const deleteCases: Cases = {
  async "remove() deletes a waiting or finished job and leaves nothing of it behind"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    const traits = { id: "a", tags: ["t"], unique: { key: "k", until: now + 90_000 } };
    const makers: ((store: Store) => Promise<void>)[] = [
      (store) => addAll(store, [makeJob(traits)], now),
      (store) => addAll(store, [makeScheduled(1_000, traits)], now),
      async (store) => {
        await addAll(store, [makeJob(traits)], now);
        const error = { name: "Error", message: "no", attempt: 1, at: now };
        const outcome: Outcome = { kind: "failed", error, retryAt: now + 1_000 };
        await store.settle([{ job: await claimOne(store, now), outcome }], now);
      },
      ...FINAL_STATUSES.map((status) => (store: Store) => addFinished(store, status, now, traits)),
    ];
    for (const make of makers) {
      await make(first);
      const job = await first.get("a");
      await first.appendLogs(job!.seq, [LINE]);

      assertEquals(await second.remove("a"), true);

      await assertGone(first, job!, now);
    }
  },

  async "remove() finds a job by its seq"({ open, clock }) {
    const [store] = await open(1);
    const job = makeJob({ id: "a" });
    await addAll(store, [job], clock.now());

    assertEquals(await store.remove(job.seq), true);
    assertEquals(await store.get("a"), null);
  },

  async "remove() refuses a running job, which stays"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());

    for (const store of [first, second]) {
      await assertRejects(
        () => store.remove("a"),
        InvalidStatusError,
        'Cannot remove job "a": it is running',
      );
    }
    const outcome: Outcome = { kind: "completed", result: null };
    assertEquals((await first.settle([{ job, outcome }], clock.now())).includes("lost"), false);
  },

  async "remove() of one job by many racing callers succeeds once"({ open, clock }) {
    const stores = await open(3);
    await addAll(stores[0], [makeJob({ id: "a" })], clock.now());

    const removed = await Promise.all(stores.map((store) => store.remove("a")));

    assertEquals(removed.filter(Boolean), [true]);
  },

  async "remove() keeps a job that is not meant, as it is now"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    await addFinished(first, "failed", now, { id: "a" });
    const read = await first.get("a");
    const retried = await first.change("a", (job) => retry(job, now + 1));
    const seen: unknown[] = [];
    const isMeant = (job: Job) => {
      seen.push(job);
      return job.finishedAt === read!.finishedAt;
    };

    assertEquals(await second.remove("a", isMeant), false);
    assertEquals(await second.remove("none", isMeant), false);

    assertEquals(seen, [retried]);
    assertEquals(await first.get("a"), retried);
    assertEquals(await second.remove("a", ({ status }) => status === "pending"), true);
    assertEquals(await first.get("a"), null);
  },

  async "remove() of finished jobs racing with retry: a job goes or waits again, never both"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    const now = clock.now();
    const jobs = makeJobs(40);
    await addAll(first, jobs, now);
    const outcome: Outcome = { kind: "completed", result: null };
    const claimed = await claim(first, now, ["test"], 40);
    await first.settle(claimed.map((job) => ({ job, outcome })), now);

    const [removed, retried] = await Promise.all([
      Promise.all(jobs.map(({ id }) => first.remove(id, ({ status }) => isFinal(status)))),
      Promise.all(jobs.map(({ id }) => second.change(id, (job) => retry(job, now)))),
    ]);

    assertEquals(removed, retried.map((job) => job === null));
    const waiting = idsOf(retried.filter((job) => job !== null));
    assertEquals(idsOf(await claim(first, now, ["test"], 40)).sort(), waiting.sort());
  },

  async "prune() deletes finished jobs by status and time"({ open, clock }) {
    const [store] = await open(1);
    const start = clock.now();
    for (const status of FINAL_STATUSES) {
      for (const age of [0, 1, 2]) await addFinished(store, status, start + age, { id: `${status}-${age}` });
    }
    await addAll(store, [makeJob({ id: "pending" })], start);
    await addAll(store, [makeScheduled(1, { id: "scheduled" })], start);
    const finishedBefore = { completed: start + 1, failed: start + 2 };

    assertEquals(await store.prune({ finishedBefore, keepFor: true, now: start + 100, limit: 100 }), 3);

    assertEquals(idsOf(await listAll(store)).sort(), [
      "cancelled-0",
      "cancelled-1",
      "cancelled-2",
      "completed-1",
      "completed-2",
      "failed-2",
      "pending",
      "scheduled",
    ]);
    assertEquals(await store.prune({ finishedBefore, keepFor: true, now: start + 100, limit: 100 }), 0);
  },

  async "prune() keeps a job for as long as the job itself says, if asked to"({ open, clock }) {
    const [store] = await open(1);
    const now = clock.now();
    await addFinished(store, "completed", now, { id: "short", keepFor: 0 });
    await addFinished(store, "completed", now, { id: "long", keepFor: 10_000 });
    await addFinished(store, "completed", now, { id: "usual" });
    const prune = async (keepFor: boolean, at: number, before: number) => {
      await store.prune({ finishedBefore: { completed: before }, keepFor, now: at, limit: 10 });
      return idsOf(await listAll(store)).sort();
    };

    assertEquals(await prune(true, now, now), ["long", "usual"]);
    assertEquals(await prune(true, now + 9_999, now + 5_000), ["long"]);
    assertEquals(await prune(true, now + 10_000, now), []);
    await addFinished(store, "completed", now, { id: "short", keepFor: 0 });
    await addFinished(store, "completed", now, { id: "long", keepFor: 10_000 });
    assertEquals(await prune(false, now + 1, now), ["long", "short"]);
    assertEquals(await prune(false, now + 1, now + 1), []);
  },

  async "prune() only counts in a dry run, up to its limit"({ open, clock }) {
    const [store] = await open(1);
    const now = clock.now();
    for (let n = 0; n < 5; n++) await addFinished(store, "completed", now, { id: `${n}` });
    await addFinished(store, "failed", now, { id: "short", keepFor: 0 });
    await addFinished(store, "completed", now, { id: "long", keepFor: 10_000 });
    const before = await listAll(store);
    const prune = (dryRun: boolean, keepFor: boolean, limit: number) =>
      store.prune({ finishedBefore: { completed: now + 1 }, keepFor, now, limit, dryRun });

    assertEquals(await prune(true, true, 100), 6);
    assertEquals(await prune(true, false, 100), 6);
    assertEquals(await prune(true, true, 4), 4);
    assertEquals(await listAll(store), before);
    assertEquals(await prune(false, true, 100), 6);
    assertEquals(idsOf(await listAll(store)), ["long"]);
  },

  async "prune() leaves nothing of a job behind"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    for (const status of FINAL_STATUSES) {
      await addFinished(first, status, now, {
        id: "a",
        tags: ["t"],
        unique: { key: "k", until: now + 90_000 },
      });
      const job = await first.get("a");
      await first.appendLogs(job!.seq, [LINE]);

      const finishedBefore = { [status]: now + 1 };
      assertEquals(await second.prune({ finishedBefore, keepFor: true, now, limit: 10 }), 1);

      await assertGone(first, job!, now);
    }
  },

  async "prune() deletes no more than its limit, the oldest first, and goes on when called again"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const start = clock.now();
    const jobs = makeJobs(130);
    await addAll(store, jobs, start);
    const claimed = await claim(store, start, ["test"], 130);
    const outcome: Outcome = { kind: "completed", result: "x".repeat(1_000) };
    for (let n = 0; n < 130; n += 10) {
      clock.advance(1);
      await store.settle(claimed.slice(n, n + 10).map((job) => ({ job, outcome })), clock.now());
    }
    const now = clock.now();
    const request = { finishedBefore: { completed: now + 1 }, keepFor: true, now, limit: 50 };

    assertEquals([await store.prune(request), await store.prune(request)], [50, 50]);
    assertEquals(idsOf(await listAll(store)), idsOf(jobs.slice(100)).reverse());
    assertEquals((await store.stats(now)).completed, 30);
    assertEquals([await store.prune(request), await store.prune(request)], [30, 0]);
  },

  async "prune() by many racing callers deletes and counts each job once"({ open, clock }) {
    const stores = await open(3);
    const now = clock.now();
    await addAll(stores[0], makeJobs(60), now);
    const outcome: Outcome = { kind: "completed", result: null };
    const claimed = await claim(stores[0], now, ["test"], 60);
    await stores[0].settle(claimed.map((job) => ({ job, outcome })), now);
    const request = { finishedBefore: { completed: now + 1 }, keepFor: true, now, limit: 100 };

    const counts = await Promise.all(stores.map((store) => store.prune(request)));
    counts.push(await stores[0].prune(request));

    assertEquals(counts.reduce((sum, n) => sum + n, 0), 60);
    assertEquals((await stores[0].stats(now)).completed, 0);
  },

  async "prune() racing with retry: a job goes or waits again, never both"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    const jobs = makeJobs(20);
    await addAll(first, jobs, now);
    const outcome: Outcome = { kind: "completed", result: null };
    const claimed = await claim(first, now, ["test"], 20);
    await first.settle(claimed.map((job) => ({ job, outcome })), now);

    const [, ...retried] = await Promise.all([
      first.prune({ finishedBefore: { completed: now + 1 }, keepFor: true, now, limit: 100 }),
      ...jobs.map(({ id }) => second.change(id, (job) => retry(job, now))),
    ]);

    const waiting = idsOf(retried.filter((job) => job !== null));
    const rest = idsOf(await listAll(first, { status: ["completed"] }));
    assertEquals(rest.filter((id) => waiting.includes(id)), []);
    assertEquals(idsOf(await claim(first, now, ["test"], 20)).sort(), waiting.sort());
  },
};
