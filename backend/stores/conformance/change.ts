import { assertEquals, assertRejects } from "@std/assert";
import { InvalidStatusError } from "../../lib/errors.ts";
import { cancel, type Job, type Outcome, retry, update } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import { makeJob, makeJobs, makeReport, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, idsOf, listAll, withoutLease } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: { n: 1 } };
const FAILED = {
  kind: "failed",
  error: { name: "Error", message: "no", attempt: 1, at: 0 },
  retryAt: null,
} as const;

/** Adds one job of each status, with the status as its id. */
async function addOfEachStatus(store: Store, now: number): Promise<void> {
  const ends: [string, Outcome | null][] = [
    ["running", null],
    ["retrying", { ...FAILED, retryAt: now + 1_000 }],
    ["completed", DONE],
    ["failed", FAILED],
    ["cancelled", { kind: "cancelled", reason: null }],
  ];
  for (const [id, outcome] of ends) {
    await addAll(store, [makeJob({ id, tags: [id] })], now);
    const job = await claimOne(store, now);
    if (outcome !== null) await store.settle([{ job, outcome }], now);
  }
  await addAll(store, [makeJob({ id: "pending" }), makeScheduled(1_000, { id: "scheduled" })], now);
}

/** What people do to jobs: cancel, retry, update. */
export const changeCases: Cases = {
  async "change() stores what the transition returns, found by id or seq"({ open, clock }) {
    const [first, second] = await open(2);
    const job = makeJob({ id: "a", data: { n: 1 }, tags: ["t"] });
    await addAll(first, [job], clock.now());

    for (const [id, priority] of [["a", 1], [job.seq, 2]] as const) {
      const expected = { ...job, priority, updatedAt: clock.now() };
      assertEquals(
        await second.change(id, (current) => update(current, { priority }, clock.now())),
        expected,
      );
      assertEquals(await first.get("a"), expected);
    }
  },

  async "change() answers null for an id nobody has, and calls no transition"({ open }) {
    const [store] = await open(1);
    const fail = (): Job => {
      throw new Error("called");
    };

    assertEquals(await store.change("a", fail), null);
    assertEquals(await store.change(makeJob().seq, fail), null);
  },

  async "change() throws what the transition throws, and changes nothing"({ open, clock }) {
    const [store] = await open(1);
    await addOfEachStatus(store, clock.now());
    for (const before of await listAll(store)) {
      const error = new Error(before.id);
      const refused = await assertRejects(() =>
        store.change(before.id, () => {
          throw error;
        })
      );

      assertEquals(refused, error);
      assertEquals(await store.get(before.id), before);
    }
  },

  async "change() of one job by many racing callers loses no change"({ open, clock }) {
    const stores = await open(3);
    await addAll(stores[0], [makeJob({ id: "a" }), makeScheduled(1_000, { id: "b" })], clock.now());

    await Promise.all(
      Array.from(
        { length: 24 },
        (_, i) =>
          stores[i % stores.length]!.change(
            i % 2 === 0 ? "a" : "b",
            (job) => update(job, { priority: job.priority + 1 }, clock.now()),
          ),
      ),
    );

    assertEquals([(await stores[0].get("a"))?.priority, (await stores[0].get("b"))?.priority], [12, 12]);
  },

  async "cancel: a waiting job ends at once and never runs"({ open, clock }) {
    const [first, second] = await open(2);
    await addOfEachStatus(first, clock.now());
    clock.advance(10);
    for (const id of ["pending", "scheduled", "retrying"]) {
      const before = await first.get(id);

      const cancelled = await second.change(id, (job) => cancel(job, clock.now()));

      assertEquals(cancelled, cancel(before!, clock.now()));
      assertEquals(await first.get(id), cancelled);
    }
    assertEquals(await first.promote(clock.now() + 5_000), { promoted: 0, nextDueAt: null });
    assertEquals(await claim(first, clock.now() + 5_000), []);
  },

  async "cancel: a running job shows it, and its process is told at each heartbeat until it settles"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    await addAll(first, ["a", "b"].map((id) => makeJob({ id })), clock.now());
    const [a] = await claim(first, clock.now());
    assertEquals(await first.heartbeat(makeReport(), clock.now()), { cancel: [], stop: false });
    clock.advance(10);

    const asked = await second.change("a", (job) => cancel(job, clock.now()));

    assertEquals(asked, { ...withoutLease(a!), cancelRequestedAt: clock.now(), updatedAt: clock.now() });
    assertEquals(await first.get("a"), asked);
    for (let beat = 0; beat < 2; beat++) {
      assertEquals((await first.heartbeat(makeReport(), clock.now())).cancel, [a!.seq]);
    }
    assertEquals((await second.heartbeat(makeReport(), clock.now())).cancel, []);
    await first.settle([{ job: a!, outcome: { kind: "cancelled", reason: null } }], clock.now());
    assertEquals((await first.heartbeat(makeReport(), clock.now())).cancel, []);
  },

  async "cancel: asking twice changes nothing more"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    await claimOne(store, clock.now());
    const asked = await store.change("a", (job) => cancel(job, clock.now()));
    clock.advance(10);

    assertEquals(await store.change("a", (job) => cancel(job, clock.now())), asked);
    assertEquals(await store.get("a"), asked);
  },

  async "cancel: many jobs of one process at once are all told to it"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, makeJobs(20), clock.now());
    const claimed = await claim(first, clock.now(), ["test"], 20);

    await Promise.all(
      claimed.map(({ id }, i) =>
        (i % 2 === 0 ? first : second).change(id, (job) => cancel(job, clock.now()))
      ),
    );

    const { cancel: told } = await first.heartbeat(makeReport(), clock.now());
    assertEquals(told.toSorted(), claimed.map(({ seq }) => seq).sort());
  },

  async "cancel, update: a finished job refuses and stays as it is"({ open, clock }) {
    const [store] = await open(1);
    await addOfEachStatus(store, clock.now());
    for (const id of ["completed", "failed", "cancelled"]) {
      const before = await store.get(id);
      await assertRejects(() => store.change(id, (job) => cancel(job, clock.now())), InvalidStatusError, id);
      await assertRejects(
        () => store.change(id, (job) => update(job, {}, clock.now())),
        InvalidStatusError,
        id,
      );
      assertEquals(await store.get(id), before);
    }
  },

  async "retry: a finished job waits again with all its attempts, and keeps its errors"({ open, clock }) {
    const [first, second] = await open(2);
    await addOfEachStatus(first, clock.now());
    clock.advance(60_000);
    for (const id of ["completed", "failed", "cancelled"]) {
      const before = await first.get(id);

      const retried = await second.change(id, (job) => retry(job, clock.now()));

      assertEquals(retried, retry(before!, clock.now()));
      assertEquals(await first.get(id), retried);
      assertEquals(await listAll(first, { status: ["completed", "failed", "cancelled"], tag: id }), []);
      assertEquals(await listAll(first, { tag: id }), [retried]);
    }
    const finishedBefore = { completed: clock.now(), failed: clock.now(), cancelled: clock.now() };
    assertEquals(await first.prune({ finishedBefore, keepFor: true, now: clock.now(), limit: 10 }), 0);
    const claimed = await claim(first, clock.now());
    assertEquals(idsOf(claimed), ["pending", "completed", "failed", "cancelled"]);
    assertEquals(claimed.map((job) => job.attempt), [1, 1, 1, 1]);
    assertEquals(claimed[2]?.errors.length, 1);
  },

  async "retry: what a former run left as progress is gone"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(store, clock.now());
    await store.progress(job, { percent: 100, note: null, at: clock.now() });
    await store.settle([{ job, outcome: DONE }], clock.now());

    await store.change("a", (current) => retry(current, clock.now()));

    assertEquals((await store.get("a"))?.progress, null);
    assertEquals((await claimOne(store, clock.now())).progress, null);
  },

  async "retry: a job that has not finished refuses and stays as it is"({ open, clock }) {
    const [store] = await open(1);
    await addOfEachStatus(store, clock.now());
    for (const id of ["pending", "scheduled", "running", "retrying"]) {
      const before = await store.get(id);
      await assertRejects(() => store.change(id, (job) => retry(job, clock.now())), InvalidStatusError, id);
      assertEquals(await store.get(id), before);
    }
  },

  async "update: another priority moves a pending job in the line"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, ["a", "b", "c", "d"].map((id) => makeJob({ id })), clock.now());
    assertEquals(idsOf(await claim(first, clock.now(), ["test"], 1)), ["a"]);

    await second.change("d", (job) => update(job, { priority: 5 }, clock.now()));
    await second.change("b", (job) => update(job, { priority: -5 }, clock.now()));

    assertEquals(idsOf(await claim(first, clock.now())), ["d", "c", "b"]);
  },

  async "update: another due time moves a job between pending and scheduled"({ open, clock }) {
    const [store, other] = await open(2);
    const now = clock.now();
    await addAll(store, [makeJob({ id: "a" }), makeScheduled(1_000, { id: "b" })], now);

    await other.change("a", (job) => update(job, { scheduledAt: now + 500 }, now));
    await other.change("b", (job) => update(job, { scheduledAt: now - 1 }, now));

    assertEquals(idsOf(await listAll(store, { status: ["scheduled"] })), ["a"]);
    assertEquals(idsOf(await claim(store, now)), ["b"]);
    assertEquals(await store.promote(now), { promoted: 0, nextDueAt: now + 500 });
    assertEquals(await store.promote(now + 500), { promoted: 1, nextDueAt: null });
    assertEquals(idsOf(await claim(store, now)), ["a"]);
  },

  async "update: another due time moves a scheduled or retrying job among those that are due"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const now = clock.now();
    await addOfEachStatus(store, now);

    await store.change("retrying", (job) => update(job, { scheduledAt: now + 5_000 }, now));
    await store.change("scheduled", (job) => update(job, { scheduledAt: now + 3_000 }, now));

    assertEquals((await store.get("retrying"))?.status, "retrying");
    assertEquals(await store.promote(now + 1_000), { promoted: 0, nextDueAt: now + 3_000 });
    assertEquals(await store.promote(now + 4_000), { promoted: 1, nextDueAt: now + 5_000 });
    await store.change("retrying", (job) => update(job, { scheduledAt: now }, now));
    assertEquals((await store.get("retrying"))?.status, "pending");
    assertEquals(await store.promote(now + 9_000), { promoted: 0, nextDueAt: null });
  },

  async "update: a running job refuses and stays as it is"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());

    for (const store of [first, second]) {
      await assertRejects(
        () => store.change("a", (current) => update(current, { priority: 1 }, clock.now())),
        InvalidStatusError,
        "running",
      );
    }
    assertEquals(await second.get("a"), withoutLease(job));
  },
};
