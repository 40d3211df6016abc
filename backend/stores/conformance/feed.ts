import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputRangeError } from "../../lib/errors.ts";
import type { JobChange } from "../../lib/job-change.ts";
import { cancel, retry } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { eventsOf, follow, read } from "./following.ts";
import { addAll, type Cases, claim, claimAll, claimOne, told } from "./harness.ts";

const MINUTE = 60_000;
const DONE = { kind: "completed", result: { secret: true } } as const;

/** What happens to jobs, told to whoever follows. */
export const feedCases: Cases = {
  async "changesSince() tells what happens to a job, in order, and shows neither data nor result"(
    { open, clock },
  ) {
    const [store] = await open(1);
    let cursor = await follow(store, clock);
    const job = makeJob({ id: "a", queue: "mail", tags: ["x"], data: { secret: 1 }, maxAttempts: 2 });
    await addAll(store, [job], clock.now());
    const first = await claimOne(store, clock.now());
    await told(store, "feed", clock, () => Promise.resolve(store.started(first)));
    const progress = { percent: 40, note: "half", at: clock.now() };
    await store.progress(first, progress);
    store.ended(first);
    const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    const failed = { kind: "failed", error, retryAt: clock.now() + 5 } as const;
    await store.settle([{ job: first, outcome: failed }], clock.now());
    const page = await read(store, clock, cursor);
    cursor = page.cursor;

    assertEquals(page.changes.map(({ event, job }) => [event, job.status, job.attempt]), [
      ["added", "pending", 0],
      ["started", "running", 1],
      ["progress", "running", 1],
      ["retrying", "retrying", 1],
    ]);
    assertEquals(page.changes[2]?.job.progress, progress);
    assertEquals(page.changes.map(({ at }) => at <= clock.now() && at > 0), [true, true, true, true]);
    clock.advance(5);
    await store.promote(clock.now());
    const second = await claimOne(store, clock.now());
    await store.settle([{ job: second, outcome: DONE }], clock.now());
    const { changes } = await read(store, clock, cursor);
    const { progress: _, ...shown } = changes[0]!.job;
    assertEquals([changes.length, changes[0]!.event], [1, "completed"]);
    assertEquals(shown, {
      id: "a",
      seq: job.seq,
      type: "test",
      queue: "mail",
      status: "completed",
      priority: 0,
      tags: ["x"],
      attempt: 2,
      maxAttempts: 2,
      createdAt: job.createdAt,
      scheduledAt: second.scheduledAt,
      startedAt: second.startedAt,
      finishedAt: clock.now(),
    });
  },

  async "changesSince() tells of jobs that a person cancels or retries, that expire and that die"(
    { open, clock, crash, rescueBy },
  ) {
    const [store, dying] = await open(2);
    const cursor = await follow(store, clock);
    await addAll(store, [makeJob({ id: "dies", maxAttempts: 1 })], clock.now());
    const running = await claimOne(dying, clock.now());
    dying.started(running);
    const ids = ["cancelled", "expires", "released"];
    await addAll(store, [
      makeJob({ id: "cancelled" }),
      makeJob({ id: "expires", expiresAt: clock.now() + 1 }),
    ], clock.now());
    await store.change("cancelled", (job) => cancel(job, clock.now()));
    await store.change("cancelled", (job) => retry(job, clock.now()));
    clock.advance(1);
    await store.expire(clock.now());
    await crash(dying);
    await rescueBy(store);

    const { changes } = await read(store, clock, cursor);

    const events = eventsOf(changes.filter(({ event }) => event !== "started"));
    assertEquals(events.dies, ["added", "failed"]);
    assertEquals(events[ids[0]!], ["added", "cancelled", "added"]);
    assertEquals(events[ids[1]!], ["added", "cancelled"]);
  },

  async "changesSince() loses nothing of several processes that write at once, and keeps each job's order"(
    { open, clock },
  ) {
    const stores = await open(3);
    const cursor = await follow(stores[0], clock);
    const jobs = makeJobs(300);
    const seen: JobChange[] = [];
    let at = cursor;
    let isOver = false;
    const reading = (async () => {
      while (!isOver) {
        const page = await read(stores[2], clock, at);
        seen.push(...page.changes);
        at = page.cursor;
      }
    })();
    const settleAll = async (store: Store) => {
      for (;;) {
        const claimed = await claim(store, clock.now(), ["test"], 7);
        if (claimed.length === 0) return;
        await store.settle(claimed.map((job) => ({ job, outcome: DONE })), clock.now());
      }
    };
    await Promise.all(stores.map(async (store, i) => {
      for (let n = i * 100; n < (i + 1) * 100; n += 10) {
        await addAll(store, jobs.slice(n, n + 10), clock.now());
        await settleAll(store);
      }
    }));
    for (const store of stores) {
      for (const job of await claimAll(store, clock)) {
        await store.settle([{ job, outcome: DONE }], clock.now());
      }
    }
    isOver = true;
    await reading;
    seen.push(...(await read(stores[1], clock, at)).changes);

    const events = eventsOf(seen);
    assertEquals(Object.keys(events).sort(), jobs.map(({ id }) => id).sort());
    for (const [id, ofJob] of Object.entries(events)) assertEquals(ofJob, ["added", "completed"], id);
  },

  async "changesSince() goes on where a cursor stands, in another process too, also once its writer is dead"(
    { open, openAs, crash, clock },
  ) {
    const [store] = await open(1);
    const writer = await openAs("writer");
    const cursor = await follow(store, clock);
    await addAll(writer, [makeJob({ id: "before" })], clock.now());
    const page = await read(store, clock, cursor);
    await addAll(writer, [makeJob({ id: "after" })], clock.now());
    await crash(writer);
    const again = await openAs("writer");
    await addAll(again, [makeJob({ id: "later" })], clock.now());
    clock.advance(9 * MINUTE);

    assertEquals(eventsOf(page.changes), { before: ["added"] });
    const resumed = await read(again, clock, page.cursor);
    assertEquals(eventsOf(resumed.changes), { after: ["added"], later: ["added"] });
    assertEquals((await read(store, clock, resumed.cursor)).changes, []);
    const fromStart = await read(again, clock, cursor);
    assertEquals(Object.keys(eventsOf(fromStart.changes)), ["before", "after", "later"]);
  },

  async "changesSince() ends at the later cursor it is given"({ open, clock }) {
    const [store] = await open(1);
    const cursor = await follow(store, clock);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const { cursor: upTo } = await read(store, clock, cursor);
    await addAll(store, [makeJob({ id: "b" })], clock.now());

    const first = await read(store, clock, cursor, upTo);
    assertEquals(eventsOf(first.changes), { a: ["added"] });
    assertEquals((await read(store, clock, first.cursor, upTo)).changes, []);
    assertEquals(eventsOf((await read(store, clock, upTo)).changes), { b: ["added"] });
  },

  async "changesSince() comes in pages where much has happened, and leaves nothing out"({ open, clock }) {
    const [store] = await open(1);
    const cursor = await follow(store, clock);
    const jobs = makeJobs(3_000);
    for (let n = 0; n < 3_000; n += 60) await addAll(store, jobs.slice(n, n + 60), clock.now());

    const { changes } = await read(store, clock, cursor);

    assertEquals(changes.map(({ job }) => job.id), jobs.map(({ id }) => id));
  },

  async "changesSince() begins alike whenever a cursor is read, in whatever process, while others write"(
    { open, clock },
  ) {
    const stores = await open(3);
    const cursor = await follow(stores[0], clock);
    const told: JobChange[][] = [];
    for (let round = 0; round < 3; round++) {
      await Promise.all(stores.map(async (store) => {
        for (let n = 0; n < 20; n++) await addAll(store, makeJobs(2), clock.now());
      }));
      for (const store of stores) {
        told.push((await store.changesSince(cursor, { now: clock.now() })).changes);
        told.push((await read(store, clock, cursor)).changes);
      }
    }

    const all = told.at(-1) ?? [];
    assertEquals(all.length, 3 * 3 * 20 * 2);
    for (const changes of told) assertEquals(changes, all.slice(0, changes.length));
    assert(told.every((changes) => changes.length > 0));
  },

  async "changesSince() reports a cursor that is older than ten minutes, and where to go on"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const cursor = await follow(store, clock);
    for (let minute = 0; minute < 11; minute++) {
      await addAll(store, [makeJob()], clock.now());
      clock.advance(MINUTE);
      await store.subscribe(clock.now());
    }

    const page = await store.changesSince(cursor, { now: clock.now() });
    assertEquals([page.reset, page.changes, page.more], [true, [], false]);
    assertEquals((await read(store, clock, page.cursor)).changes, []);
    await addAll(store, [makeJob({ id: "new" })], clock.now());
    assertEquals(eventsOf((await read(store, clock, page.cursor)).changes), { new: ["added"] });
  },

  async "changesSince() refuses what is no cursor"({ open, clock }) {
    const [store] = await open(1);
    const cursor = await follow(store, clock);
    for (const wrong of ["", "nonsense", cursor.slice(1), `${cursor}A`, "🦕", "x".repeat(10_000)]) {
      const error = await assertRejects(
        () => store.changesSince(wrong, { now: clock.now() }),
        InputRangeError,
      );
      assert(error.issues.some(({ path }) => path === "cursor"));
    }
  },
};
