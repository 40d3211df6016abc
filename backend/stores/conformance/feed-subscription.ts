import { assert, assertEquals } from "@std/assert";
import { cancel } from "../../lib/job.ts";
import { makeJob, makeJobs, makeReport } from "../../testing/factories.ts";
import { eventsOf, follow, read } from "./following.ts";
import { addAll, type Cases, claim } from "./harness.ts";

const MINUTE = 60_000;
const DONE = { kind: "completed", result: { secret: true } } as const;

/** Who is told what happens: from when on, until when, and whose places in the feed are good. */
export const feedSubscriptionCases: Cases = {
  async "Nothing is told while nobody is subscribed, nor once a subscription has lapsed"({ open, clock }) {
    const [store, other] = await open(2);
    await addAll(other, [makeJob({ id: "a" }), makeJob({ id: "b" })], clock.now());
    let cursor = await follow(store, clock);
    assertEquals((await read(store, clock, cursor)).changes, []);

    clock.advance(10 * MINUTE);
    await other.change("a", (job) => cancel(job, clock.now()));
    const last = await read(store, clock, cursor);
    assertEquals(eventsOf(last.changes), { a: ["cancelled"] });
    cursor = last.cursor;
    clock.advance(2 * MINUTE);
    await other.change("b", (job) => cancel(job, clock.now()));
    clock.advance(MINUTE);

    assertEquals((await store.changesSince(cursor, { now: clock.now() })).reset, true);
    const fresh = await follow(other, clock);
    assertEquals((await read(other, clock, fresh)).changes, []);
    assertEquals((await other.changesSince(cursor, { now: clock.now() })).reset, true);
  },

  async "Who subscribes while others do, and read the clock earlier or later, is told of everything"(
    { open, clock },
  ) {
    const stores = await open(3);
    const [first, second, third] = stores;
    const now = clock.now();
    const cursors: string[] = [];
    for (
      const [store, at] of [[second, now + 5], [first, now], [second, now + 9], [third, now + 3]] as const
    ) {
      await store.subscribe(at);
      cursors.push((await store.changesSince(null, { now: at })).cursor);
    }
    clock.advance(10);
    await addAll(third, [makeJob({ id: "a" })], clock.now());

    for (const store of stores) {
      for (const cursor of cursors) {
        const page = await store.changesSince(cursor, { now: clock.now() });
        assertEquals([page.reset, eventsOf(page.changes)], [false, { a: ["added"] }]);
      }
    }
  },

  async "A place got in one process is good in every other at once, however late that is told of it"(
    { open, clock },
  ) {
    const stores = await open(3);
    const [first, second] = stores;
    for (const store of stores) await store.setPaused("x", false); // each has committed
    const now = clock.now();
    await first.subscribe(now + 5);
    await second.subscribe(now);
    const { cursor } = await second.changesSince(null, { now });
    for (const store of stores) {
      assertEquals((await store.changesSince(cursor, { now: now + 5 })).reset, false);
    }
    clock.advance(5);
    await addAll(second, [makeJob({ id: "a" })], clock.now());
    for (const store of stores) {
      assertEquals(eventsOf((await read(store, clock, cursor)).changes), { a: ["added"] });
    }
  },

  async "What happens while nobody follows is told later or the place refused, however the clock steps back"(
    { open, openAs, clock },
  ) {
    const [store, other] = await open(2);
    for (const back of [0, 59_900, 5 * MINUTE, 60 * MINUTE]) {
      const job = makeJob();
      await addAll(other, [job], clock.now());
      await store.subscribe(clock.now());
      await other.heartbeat(makeReport(), clock.now()); // it looks what it is asked
      clock.advance(60_900);
      const { cursor } = await store.changesSince(null, { now: clock.now() });
      clock.advance(-back);
      clock.advance(12 * MINUTE - 60_900 + 200);

      await other.change(job.id, (found) => cancel(found, clock.now()));
      clock.advance(100);
      const late = await openAs(`late-${back}`);
      for (const reader of [late, store]) {
        await reader.subscribe(clock.now());
        const page = await reader.changesSince(cursor, { now: clock.now() });
        const told = page.reset ? "reset" : eventsOf(page.changes)[job.id]?.[0];
        assert(told === "reset" || told === "cancelled", `${told} after ${back} ms`);
      }
    }
  },

  async "A place of a subscription that has lapsed is refused when the clock steps back behind it"(
    { open, clock },
  ) {
    const [store, other] = await open(2);
    const job = makeJob();
    await addAll(other, [job], clock.now());
    const cursor = await follow(store, clock);
    for (const reader of [store, other]) assertEquals((await read(reader, clock, cursor)).changes, []);
    clock.advance(13 * MINUTE);
    await other.change(job.id, (found) => cancel(found, clock.now()));
    await store.subscribe(clock.now());

    clock.advance(-13 * MINUTE - 1);
    await store.subscribe(clock.now());
    await other.heartbeat(makeReport(), clock.now()); // it looks what it is asked

    for (const reader of [store, other]) {
      assertEquals((await reader.changesSince(cursor, { now: clock.now() })).reset, true);
    }
  },

  async "A place stays good when the clock steps back while somebody follows"({ open, clock }) {
    const [store, other] = await open(2);
    const cursor = await follow(store, clock);
    await addAll(other, [makeJob({ id: "a" })], clock.now());
    clock.advance(-60 * MINUTE);
    await store.subscribe(clock.now());
    const [createdAt, updatedAt] = [clock.now(), clock.now()];
    await addAll(other, [makeJob({ id: "b", createdAt, updatedAt })], clock.now());

    for (const reader of [store, other]) {
      assertEquals(eventsOf((await read(reader, clock, cursor)).changes), { a: ["added"], b: ["added"] });
    }
  },

  async "subscribe() is heeded by every process that ends a job after it"({ open, clock }) {
    const [first, second, third] = await open(3);
    const jobs = makeJobs(3);
    await addAll(second, jobs, clock.now());
    const [one] = await claim(second, clock.now(), ["test"], 1);
    const cursor = await follow(first, clock);

    await second.settle([{ job: one!, outcome: DONE }], clock.now());
    await third.change(jobs[1]!.id, (job) => cancel(job, clock.now()));

    const { changes } = await read(first, clock, cursor);
    assertEquals(changes.map(({ event, job }) => [event, job.id]), [
      ["completed", jobs[0]!.id],
      ["cancelled", jobs[1]!.id],
    ]);
  },

  async "A process that opens while somebody is subscribed tells the feed"({ open, openAs, clock }) {
    const [store] = await open(1);
    const cursor = await follow(store, clock);
    const late = await openAs("late");
    await late.commit({
      put: [{ kind: "k", key: "a", value: 1, expect: null }],
      insert: [{ job: makeJob({ id: "a" }) }],
    }, clock.now());

    assertEquals(eventsOf((await read(store, clock, cursor)).changes), { a: ["added"] });
  },
};
