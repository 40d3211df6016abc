import { assertEquals, assertRejects } from "@std/assert";
import { UniqueConflictError } from "../../lib/errors.ts";
import { cancel, type Job, type Outcome, retry } from "../../lib/job.ts";
import type { Insert, Inserted, Store } from "../../lib/store.ts";
import { makeJob, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, listAll } from "./harness.ts";

export const DONE: Outcome = { kind: "completed", result: null };
const unique = { key: "k", until: null };

/** A job that wants the key "k" for as long as it has not finished. */
export function wanting(overrides: Partial<Job> = {}): Job {
  return makeJob({ unique, ...overrides });
}

/** Adds one job. */
export async function add(
  store: Store,
  job: Job,
  onConflict: Insert["onConflict"],
  now: number,
): Promise<Inserted> {
  const [inserted] = await store.insert([{ job, onConflict }], now);
  if (inserted === undefined) throw new Error("insert() answered nothing");
  return inserted;
}

/** Puts the one job of `store` into each unfinished status in turn and calls `check` there. */
async function inEachWait(
  store: Store,
  job: Job,
  now: number,
  check: (status: Job["status"]) => Promise<void>,
) {
  await addAll(store, [job], now);
  await check("scheduled");
  await store.promote(job.scheduledAt);
  await check("pending");
  const running = await claimOne(store, now);
  await check("running");
  const error = { name: "Error", message: "no", attempt: 1, at: now };
  await store.settle([{ job: running, outcome: { kind: "failed", error, retryAt: now } }], now);
  await check("retrying");
}

/** Unique keys. */
export const uniqueCases: Cases = {
  async "unique: while the holder has not finished, no second job is stored"({ open, clock }) {
    const [store, other] = await open(2);
    const holder = makeScheduled(10, { id: "a", unique });

    await inEachWait(store, holder, clock.now(), async (status) => {
      for (const process of [store, other]) {
        assertEquals(await add(process, wanting(), "keep", clock.now()), { id: "a", outcome: "exists" });
        assertEquals(await add(process, wanting(), undefined, clock.now()), { id: "a", outcome: "exists" });
        assertEquals(await add(process, wanting(), "reject", clock.now()), { id: "a", outcome: "rejected" });
      }
      assertEquals((await listAll(store)).map((job) => job.status), [status]);
    });
  },

  async "unique: once the holder has finished, the next job takes the key"({ open, clock }) {
    const [store] = await open(1);
    const failed = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    const outcomes: Outcome[] = [DONE, { kind: "failed", error: failed, retryAt: null }, {
      kind: "cancelled",
      reason: null,
    }];
    for (const [i, outcome] of outcomes.entries()) {
      const id = `job-${i}`;
      assertEquals(await add(store, wanting({ id }), "reject", clock.now()), { id, outcome: "added" });
      await store.settle([{ job: await claimOne(store, clock.now()), outcome }], clock.now());
    }
    assertEquals((await add(store, wanting({ id: "waits" }), "keep", clock.now())).outcome, "added");
    await store.change("waits", (job) => cancel(job, clock.now()));
    assertEquals((await add(store, wanting({ id: "last" }), "keep", clock.now())).outcome, "added");
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "last", outcome: "exists" });
  },

  async "unique: a hold with a time lasts until then, whether or not its job has finished"({ open, clock }) {
    const [store] = await open(1);
    const until = clock.now() + 1_000;
    await addAll(store, [makeJob({ id: "a", unique: { key: "k", until } })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());

    assertEquals(await add(store, wanting(), "keep", until - 1), { id: "a", outcome: "exists" });
    assertEquals(await add(store, wanting(), "reject", until - 1), { id: "a", outcome: "rejected" });
    const next = makeJob({ id: "b", unique: { key: "k", until: until + 1_000 } });
    assertEquals(await add(store, next, "keep", until), { id: "b", outcome: "added" });
    assertEquals((await store.get("b"))?.status, "pending");
    assertEquals(await add(store, wanting({ id: "c" }), "keep", until + 1_000), {
      id: "c",
      outcome: "added",
    });
  },

  async "unique: keys do not touch each other, nor jobs without one"({ open, clock }) {
    const [store] = await open(1);

    await addAll(
      store,
      [
        wanting(),
        wanting({ unique: { key: "K", until: null } }),
        wanting({ unique: { key: "", until: null } }),
      ],
      clock.now(),
    );
    await addAll(store, [makeJob(), makeJob()], clock.now());

    assertEquals((await listAll(store)).length, 5);
  },

  async "unique: an id that is taken counts before the key"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "holder" }), makeJob({ id: "a" })], clock.now());

    for (const onConflict of ["keep", "replace", "reject"] as const) {
      const inserted = await add(store, wanting({ id: "a", data: 2 }), onConflict, clock.now());
      assertEquals(inserted, { id: "a", outcome: "exists" });
    }
    assertEquals((await store.get("holder"))?.data, {});
  },

  async "unique: replace rewrites a waiting holder and keeps its id, seq and time of adding"(
    { open, clock },
  ) {
    const [store, other] = await open(2);
    const holder = makeJob({
      id: "a",
      unique,
      type: "old",
      queue: "old",
      priority: 5,
      tags: ["old"],
      data: "old",
    });
    await addAll(store, [holder], clock.now());
    clock.advance(10);
    const fresh = makeJob({
      id: "b",
      unique,
      type: "new",
      queue: "new",
      tags: ["new"],
      data: "new",
      createdAt: clock.now(),
    });

    assertEquals(await add(other, fresh, "replace", clock.now()), { id: "a", outcome: "replaced" });

    const replaced = { ...fresh, id: "a", seq: holder.seq, createdAt: holder.createdAt };
    assertEquals(await store.get("a"), replaced);
    assertEquals(await store.get("b"), null);
    assertEquals(await store.get(fresh.seq), null);
    assertEquals(await listAll(store), [replaced]);
    assertEquals(await listAll(store, { tag: "old" }), []);
    assertEquals(await listAll(store, { tag: "new" }), [replaced]);
    assertEquals(await claim(store, clock.now(), ["old"]), []);
    assertEquals((await claimOne(store, clock.now(), "new")).data, "new");
  },

  async "unique: replace of a scheduled or retrying holder takes the new due time and starts it anew"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const holder = makeScheduled(1_000, { id: "a", unique });
    await addAll(store, [holder], clock.now());

    const later = makeScheduled(5_000, { unique });
    assertEquals((await add(store, later, "replace", clock.now())).outcome, "replaced");
    assertEquals(await store.promote(clock.now() + 1_000), { promoted: 0, nextDueAt: later.scheduledAt });
    assertEquals((await add(store, wanting(), "replace", clock.now())).outcome, "replaced");
    assertEquals(await store.promote(clock.now() + 5_000), { promoted: 0, nextDueAt: null });

    const running = await claimOne(store, clock.now());
    await store.progress(running, { percent: 50, note: null, at: clock.now() });
    const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    await store.settle(
      [{ job: running, outcome: { kind: "failed", error, retryAt: clock.now() + 1 } }],
      clock.now(),
    );
    const fresh = wanting({ data: "fresh" });
    assertEquals(await add(store, fresh, "replace", clock.now()), { id: "a", outcome: "replaced" });
    assertEquals(await store.get("a"), { ...fresh, id: "a", seq: holder.seq, createdAt: holder.createdAt });
    assertEquals((await claimOne(store, clock.now())).attempt, 1);
  },

  async "unique: replace lets a running holder run on, and the new job takes the key"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "a" })], clock.now());
    const running = await claimOne(store, clock.now());

    assertEquals(await add(store, wanting({ id: "b" }), "replace", clock.now()), {
      id: "b",
      outcome: "added",
    });
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "b", outcome: "exists" });
    const [settled] = await store.settle([{ job: running, outcome: DONE }], clock.now());

    assertEquals(settled === "lost" ? settled : settled?.status, "completed");
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "b", outcome: "exists" });
    await assertRejects(() => store.change("a", (job) => retry(job, clock.now())), UniqueConflictError, "b");
    await store.remove("a");
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "b", outcome: "exists" });
  },

  async "unique: replace of a finished holder within its time adds the new job"({ open, clock }) {
    const [store] = await open(1);
    const until = clock.now() + 1_000;
    await addAll(store, [makeJob({ id: "a", unique: { key: "k", until } })], clock.now());
    const [done] = await store.settle(
      [{ job: await claimOne(store, clock.now()), outcome: DONE }],
      clock.now(),
    );

    assertEquals(await add(store, wanting({ id: "b" }), "replace", clock.now()), {
      id: "b",
      outcome: "added",
    });

    assertEquals(await store.get("a"), done);
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "b", outcome: "exists" });
  },

  async "unique: of two jobs with one key in one call the first is stored, then the second judged by it"(
    { open, clock },
  ) {
    const [store] = await open(1);
    for (
      const [onConflict, outcome] of [["keep", "exists"], ["reject", "rejected"], [
        "replace",
        "replaced",
      ]] as const
    ) {
      const key = { key: onConflict, until: null };
      const jobs = [makeJob({ data: 1, unique: key }), makeJob({ data: 2, unique: key })];
      const id = jobs[0]!.id;

      const inserted = await store.insert(jobs.map((job) => ({ job, onConflict })), clock.now());

      assertEquals(inserted, [{ id, outcome: "added" }, { id, outcome }]);
      assertEquals((await store.get(id))?.data, onConflict === "replace" ? 2 : 1);
      assertEquals(await store.get(jobs[1]!.id), null);
    }
  },

  async "unique: each job of a call is judged by what those before it left"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "runs" })], clock.now());
    await claimOne(store, clock.now());
    const other = { key: "other", until: null };
    await addAll(store, [makeJob({ id: "waits", unique: other })], clock.now());

    const inserted = await store.insert([
      { job: wanting({ id: "new" }), onConflict: "replace" },
      { job: wanting({ id: "a" }) },
      { job: makeJob({ id: "b" }) },
      { job: makeJob({ id: "b", unique: other }) },
      { job: makeJob({ id: "c", unique: other }), onConflict: "reject" },
    ], clock.now());

    assertEquals(inserted, [
      { id: "new", outcome: "added" },
      { id: "new", outcome: "exists" },
      { id: "b", outcome: "added" },
      { id: "b", outcome: "exists" },
      { id: "waits", outcome: "rejected" },
    ]);
  },

  async "unique: of several replacements of one holder in one call the last stands"({ open, clock }) {
    const [store] = await open(1);
    for (const delay of [0, 1_000]) {
      const key = { key: `${delay}`, until: null };
      const holder = makeScheduled(delay, { status: delay === 0 ? "pending" : "scheduled", unique: key });
      await addAll(store, [holder], clock.now());
      const jobs = [1, 2, 3, 4].map((data) => makeJob({ data, queue: `queue-${data}`, unique: key }));

      const inserted = await store.insert(
        jobs.map((job) => ({ job, onConflict: "replace" as const })),
        clock.now(),
      );

      assertEquals(inserted, jobs.map(() => ({ id: holder.id, outcome: "replaced" })));
      assertEquals((await store.get(holder.id))?.data, 4);
    }
    assertEquals((await listAll(store)).map(({ data }) => data), [4, 4]);
  },

  async "unique: removing or pruning the holder frees its key"({ open, clock }) {
    const [store] = await open(1);
    const until = clock.now() + 60_000;
    const kept = () => makeJob({ unique: { key: "k", until } });
    const first = kept();
    await addAll(store, [first], clock.now());

    assertEquals(await store.remove(first.id), true);
    const second = kept();
    assertEquals((await add(store, second, "keep", clock.now())).outcome, "added");
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());
    assertEquals((await add(store, kept(), "keep", clock.now())).outcome, "exists");
    const finishedBefore = { completed: clock.now() + 1 };
    assertEquals(await store.prune({ finishedBefore, keepFor: false, now: clock.now(), limit: 10 }), 1);
    assertEquals((await add(store, kept(), "keep", clock.now())).outcome, "added");
  },

  async "unique: pruning a former holder leaves the key with the present one"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "a" })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());
    await addAll(store, [wanting({ id: "b" })], clock.now());

    const finishedBefore = { completed: clock.now() + 1 };
    await store.prune({ finishedBefore, keepFor: false, now: clock.now(), limit: 10 });

    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "b", outcome: "exists" });
  },
};
