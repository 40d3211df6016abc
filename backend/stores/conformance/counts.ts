import { assertEquals } from "@std/assert";
import { BUCKET_BOUNDS, emptyPoint, type Histogram, type HistoryPoint } from "../../lib/history.ts";
import { cancel, type Outcome, retry, update } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import { makeJob, makeJobs, makeScheduled } from "../../testing/factories.ts";
import { addAll, assertConsistent, type Cases, claim, claimOne, countsOf, withoutEmpty } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: null };

/** A histogram that counts `times`, as long as a full one. */
function histogramOf(...times: number[]): Histogram {
  const counts = new Array(BUCKET_BOUNDS.length + 1).fill(0);
  for (const ms of times) counts[BUCKET_BOUNDS.findIndex((bound) => ms <= bound)]++;
  return counts;
}

/** The points of a range, histograms at full length. */
async function historyOf(
  store: Store,
  range: { from: number; to: number; type?: string },
): Promise<HistoryPoint[]> {
  const full = (counts: Histogram) => BUCKET_BOUNDS.concat(0).map((_, i) => counts[i] ?? 0);
  const points = await store.history(range);
  return points.map((point) => ({ ...point, runTime: full(point.runTime), waitTime: full(point.waitTime) }));
}

/** Counts: stats, history, queues. */
export const countCases: Cases = {
  async "stats() of an empty store are all zero"({ open, clock }) {
    const [store] = await open(1);

    assertEquals(await store.stats(clock.now()), countsOf([]));
  },

  async "stats() are exact after every move a job can make"({ open, clock, crash, rescueBy }) {
    const [first, second, third] = await open(3);
    const now = clock.now();
    const error = { name: "Error", message: "no", attempt: 1, at: now };
    const steps: (() => Promise<unknown>)[] = [
      () =>
        addAll(first, [...makeJobs(6), ...makeJobs(2, { type: "b", queue: "q" }), makeScheduled(10)], now),
      () => first.insert([{ job: makeJob({ id: "u", unique: { key: "k", until: null } }) }], now),
      () =>
        second.insert([{
          job: makeScheduled(5, { type: "c", queue: "r", unique: { key: "k", until: null } }),
          onConflict: "replace",
        }], now),
      () => second.promote(now + 10),
      () => second.change("u", (job) => update(job, { priority: 1 }, now)),
      () => second.change("u", (job) => update(job, { scheduledAt: now + 50 }, now)),
      () => second.change("u", (job) => cancel(job, now)),
      () => first.change("u", (job) => retry(job, now)),
      () => first.remove("u"),
      async () => {
        const outcomes: Outcome[] = [
          DONE,
          { kind: "failed", error, retryAt: now + 10 },
          { kind: "failed", error, retryAt: null },
          { kind: "cancelled", reason: null },
          { kind: "snoozed", until: now + 10 },
          { kind: "released" },
        ];
        const claimed = await claim(second, now, ["test"], 6);
        await second.settle(claimed.map((job, i) => ({ job, outcome: outcomes[i]! })), now);
      },
      () => claim(third, now, ["test", "b"], 2),
      async () => {
        await crash(third);
        await rescueBy(first);
      },
      () => second.promote(clock.now() + 10),
      async () => {
        const claimed = await claim(first, clock.now(), ["b"], 1);
        await second.change(claimed[0]!.id, (job) => cancel(job, clock.now()));
        await first.settle([{ job: claimed[0]!, outcome: DONE }], clock.now());
      },
      async () => await addAll(first, [makeJob({ expiresAt: clock.now() })], clock.now()),
      () => second.expire(clock.now()),
      () =>
        second.prune({
          finishedBefore: { completed: Infinity, failed: Infinity },
          keepFor: true,
          now,
          limit: 10,
        }),
    ];
    for (const [i, step] of steps.entries()) {
      await step();
      for (const store of [first, second]) {
        await assertConsistent(store).catch((error) => {
          throw new Error(`After step ${i}`, { cause: error });
        });
      }
    }
  },

  async "stats() count by queue and by type, whatever their names"({ open, clock }) {
    const [store, other] = await open(2);
    const jobs = ["a:b", "constructor", "__proto__", "größe", "a b\u0000c"].flatMap((name) => [
      makeJob({ type: name, queue: "q" }),
      makeJob({ type: "t", queue: name }),
    ]);

    await addAll(store, jobs, clock.now());

    const stats = withoutEmpty(await other.stats(clock.now()));
    assertEquals(stats, countsOf(jobs));
    assertEquals(Object.keys(stats.byType).length, 6);
  },

  async "stats() tell the due time of the pending job that waits longest, in all and by queue"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const now = clock.now();
    await addAll(store, [
      makeJob({ id: "late", queue: "a", scheduledAt: now + 5, priority: 9 }),
      makeJob({ id: "early", queue: "a", scheduledAt: now - 5_000, priority: -9 }),
      makeJob({ queue: "b", scheduledAt: now - 1 }),
      makeScheduled(1, { queue: "c" }),
    ], now);

    const stats = await store.stats(now);
    assertEquals(stats.oldestPendingAt, now - 5_000);
    assertEquals(stats.oldestPendingByQueue, { a: now - 5_000, b: now - 1 });
    await store.remove("early");
    assertEquals((await store.stats(now)).oldestPendingAt, now - 1);
    assertEquals((await store.stats(now)).oldestPendingByQueue, { a: now + 5, b: now - 1 });
  },

  async "stats() are exact after many racing moves"({ open, clock }) {
    const stores = await open(3);
    const jobs = Array.from(
      { length: 90 },
      (_, i) => makeJob({ type: `type-${i % 4}`, queue: `queue-${i % 3}` }),
    );
    const types = ["type-0", "type-1", "type-2", "type-3"];

    await Promise.all(jobs.map((job, i) => stores[i % 3]!.insert([{ job }], clock.now())));
    await Promise.all(stores.map(async (store, i) => {
      for (let round = 0; round < 4; round++) {
        const claimed = await claim(store, clock.now(), types, 5);
        const outcome: Outcome = i === 0 ? DONE : { kind: "released" };
        await store.settle(claimed.map((job) => ({ job, outcome })), clock.now());
        await store.change(
          jobs[i * 30 + round]!.id,
          (job) => job.status === "pending" ? cancel(job, clock.now()) : job,
        );
        await store.remove(jobs[i * 30 + 10 + round]!.id).catch(() => {});
      }
    }));

    for (const store of stores) await assertConsistent(store);
  },

  async "stats() go on where they were when a process comes back"({ open, openAs, clock }) {
    const former = await openAs("mail-1");
    await addAll(former, [makeJob(), makeJob()], clock.now());
    await former.settle([{ job: (await claim(former, clock.now()))[0]!, outcome: DONE }], clock.now());
    await former.close();

    const [other] = await open(1);
    const again = await openAs("mail-1");
    await addAll(again, [makeJob()], clock.now());

    const { pending, completed, running } = await other.stats(clock.now());
    assertEquals([pending, completed, running], [2, 1, 0]);
  },

  async "history() counts per minute and type what was added and how attempts ended"({ open, clock }) {
    const [store, other] = await open(2);
    const from = clock.now() - clock.now() % 60_000;
    const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    clock.advance(from + 30_000 - clock.now());
    await addAll(store, makeJobs(6, { createdAt: clock.now() }), clock.now());
    await addAll(store, [makeJob({ type: "other", createdAt: clock.now() })], clock.now());
    clock.advance(1_000);
    const claimed = await claim(store, clock.now(), ["test"], 6);
    clock.advance(60_000);
    const outcomes: Outcome[] = [
      DONE,
      { kind: "failed", error, retryAt: clock.now() + 1 },
      { kind: "failed", error, retryAt: null },
      { kind: "cancelled", reason: null },
      { kind: "snoozed", until: clock.now() + 1 },
      { kind: "released" },
    ];
    await store.settle(claimed.map((job, i) => ({ job, outcome: outcomes[i]! })), clock.now());
    await store.close(); // it has written all it counted

    const range = { from, to: from + 3_600_000 };
    const nothing = { runTime: histogramOf(), waitTime: histogramOf() };
    const added = { ...emptyPoint(from, "test"), ...nothing, added: 6 };
    const ended = {
      ...emptyPoint(from + 60_000, "test"),
      completed: 1,
      retried: 1,
      failed: 1,
      cancelled: 1,
      ended: { default: 3 },
      runTime: histogramOf(60_000, 60_000, 60_000, 60_000),
      waitTime: histogramOf(1_000, 1_000, 1_000, 1_000),
    };
    const points = await historyOf(other, range);
    assertEquals(points, [{ ...emptyPoint(from, "other"), ...nothing, added: 1 }, added, ended]);
    assertEquals(await historyOf(other, { ...range, type: "test" }), [added, ended]);
    assertEquals(await historyOf(other, { from: from + 60_000, to: from + 60_001, type: "test" }), [ended]);
    assertEquals(await historyOf(other, { from, to: from + 60_000, type: "test" }), [added]);
    assertEquals(await historyOf(other, { from: from + 1, to: from + 60_000 }), []);
    assertEquals(await historyOf(other, { ...range, type: "unknown" }), []);
  },

  async "history() goes on where it was when the clock steps back over a minute and a process comes back"(
    { openAs, clock },
  ) {
    const at = clock.now(); // the first millisecond of a minute
    const first = await openAs("a");
    await addAll(first, [makeJob({ type: "x" })], clock.now());
    await first.history({ from: at, to: at + 120_000 });
    clock.advance(60_000);
    await addAll(first, [makeJob({ type: "x" })], clock.now());
    await first.history({ from: at, to: at + 120_000 });
    await first.close();
    const second = await openAs("a");
    clock.advance(-60_000);
    await addAll(second, [makeJob({ type: "x" })], clock.now());

    const history = await second.history({ from: at, to: at + 120_000 });

    assertEquals(history.map((point) => [point.at, point.added]), [[at, 2], [at + 60_000, 1]]);
  },

  async "history() of a type has its family in it"({ open, clock }) {
    const [store, reader] = await open(2);
    await addAll(store, ["email", "email:send", "emails", "e"].map((type) => makeJob({ type })), clock.now());
    await store.close();

    const points = await reader.history({ from: 0, to: clock.now() + 1, type: "email" });
    assertEquals(points.map(({ type }) => type), ["email", "email:send"]);
  },

  async "history() adds up what several processes did"({ open, clock }) {
    const [first, second, reader] = await open(3);
    const at = clock.now() - clock.now() % 60_000;
    for (const store of [first, second]) {
      await addAll(store, [makeJob()], clock.now());
      await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());
      await store.close();
    }

    const [point, ...others] = await reader.history({ from: at, to: at + 60_000 });
    assertEquals([point?.added, point?.completed, others], [2, 2, []]);
  },

  async "history() counts waiting jobs that were cancelled or expired, and no job that was not stored"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const at = clock.now() - clock.now() % 60_000;
    const unique = { key: "k", until: null };
    await addAll(store, [makeJob({ id: "a", unique }), makeJob({ expiresAt: clock.now() })], clock.now());
    await store.insert(
      [{ job: makeJob({ unique }) }, { job: makeJob({ unique }), onConflict: "replace" }],
      clock.now(),
    );
    await store.change("a", (job) => cancel(job, clock.now()));
    await store.expire(clock.now());
    await store.change("a", (job) => job); // as it was: nothing happened
    await store.close();

    const [reader] = await open(1);
    const [point] = await historyOf(reader, { from: at, to: at + 60_000 });
    assertEquals(point, {
      ...emptyPoint(at, "test"),
      runTime: histogramOf(),
      waitTime: histogramOf(),
      added: 2,
      cancelled: 2,
      ended: { default: 2 },
    });
  },

  async "queues() names every queue that ever had a job or was paused"({ open, clock }) {
    const [first, second] = await open(2);
    assertEquals(await first.queues(), []);
    await addAll(
      first,
      ["b", "a", "ö", "b"].map((queue) => makeJob({ id: undefined, queue })).map((job) => ({
        ...job,
        id: job.seq,
      })),
      clock.now(),
    );
    await second.setPaused("never used", true);
    await second.setPaused("a", true);

    const queues = [
      { name: "a", paused: true },
      { name: "b", paused: false },
      { name: "never used", paused: true },
      { name: "ö", paused: false },
    ];
    for (const store of [first, second]) assertEquals(await store.queues(), queues);
    for (const job of await claim(second, clock.now())) {
      await second.settle([{ job, outcome: DONE }], clock.now());
      await second.remove(job.id);
    }
    await first.setPaused("a", false);
    await first.setPaused("never used", false);
    await first.setPaused("never there", false);
    assertEquals(await second.queues(), queues.map(({ name }) => ({ name, paused: false })));
  },

  async "queues() names the queue a replaced job was moved to"({ open, clock }) {
    const [store] = await open(1);
    const unique = { key: "k", until: null };
    await addAll(store, [makeJob({ queue: "old", unique })], clock.now());
    await store.insert([{ job: makeJob({ queue: "new", unique }), onConflict: "replace" }], clock.now());

    assertEquals((await store.queues()).map(({ name }) => name), ["new", "old"]);
  },
};
