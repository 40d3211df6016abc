/** What the feed costs, and what becomes of what it wrote. */
import { assert, assertEquals } from "@std/assert";
import type { FeedTerm } from "../../lib/feed-term.ts";
import type { JobChange } from "../../lib/job-change.ts";
import type { Store } from "../../lib/store.ts";
import { CountedStore } from "../../testing/counted-store.ts";
import { makeJob, makeJobs, makeReport } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { gate } from "../../testing/test-queue.ts";
import { claim } from "../conformance/harness.ts";
import { decode } from "./codec.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";

const DONE = { kind: "completed", result: null } as const;
const MINUTE = 60_000;

/** `kv`, whose lists wait for `before` each. */
function delayLists(kv: Deno.Kv, before: () => Promise<void>): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "list") return typeof value === "function" ? value.bind(target) : value;
      return async function* (...args: Parameters<Deno.Kv["list"]>) {
        await before();
        yield* target.list(...args);
      };
    },
  });
}

/** `kv`, whose reads wait for `before` each, once they have read. */
function delayGets(kv: Deno.Kv, before: () => Promise<void>): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "get") return typeof value === "function" ? value.bind(target) : value;
      return async (...args: Parameters<Deno.Kv["get"]>) => {
        const entry = await target.get(...args);
        await before();
        return entry;
      };
    },
  });
}

/** The keys of the feed. */
async function keysOf({ lab }: CountedStore): Promise<Deno.KvKey[]> {
  const kv = await Deno.openKv(lab.path);
  const entries = await Array.fromAsync(kv.list({ prefix: createKeys("cronosaur").feeds() }));
  kv.close();
  return entries.map(({ key }) => key);
}

/** The stored subscription; null if there is none. */
async function termOf({ lab }: CountedStore): Promise<FeedTerm | null> {
  const kv = await Deno.openKv(lab.path);
  const { value } = await kv.get<Uint8Array>(createKeys("cronosaur").subscription());
  kv.close();
  return value === null ? null : decode(value) as FeedTerm;
}

/** Subscribes. @returns The present end of the feed. */
async function follow({ store, clock }: CountedStore): Promise<string> {
  await store.subscribe(clock.now());
  return (await store.changesSince(null, { now: clock.now() })).cursor;
}

async function read(store: Store, clock: FakeClock, cursor: string): Promise<JobChange[]> {
  const changes: JobChange[] = [];
  for (let more = true; more;) {
    const page = await store.changesSince(cursor, { now: clock.now() });
    assertEquals(page.reset, false);
    changes.push(...page.changes);
    ({ cursor, more } = page);
  }
  return changes;
}

Deno.test("feed: while somebody is subscribed a commit writes one more key, else none", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const add = () => test.add(30);
  const run = async () => {
    const jobs = await claim(store, clock.now(), ["test"], 30);
    await store.settle(jobs.map((job) => ({ job, outcome: DONE })), clock.now());
  };

  const writes = async (work: () => Promise<unknown>) => {
    const { commits, sets } = await test.cost(work);
    return [commits, sets] as const;
  };

  const without = [await writes(add), await writes(run)];
  assertEquals(await keysOf(test), []);
  await follow(test);
  const during = [await writes(add), await writes(run)];

  // The claim tells nothing.
  assertEquals(during, without.map(([commits, sets]) => [commits, sets + 1]));
  assertEquals((await keysOf(test)).length, 2);
});

Deno.test("feed: once a subscription has lapsed its term is deleted, and commits write no more than before", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const without = await test.cost(() => test.add(1));
  const cursor = await follow(test);
  clock.advance(12 * MINUTE);
  await clock.asleep(2); // upkeep has ended its pass
  const after = await test.cost(() => test.add(1));

  assertEquals(after, without);
  assertEquals(await termOf(test), null);
  clock.advance(-12 * MINUTE);
  await store.subscribe(clock.now());
  assertEquals((await store.changesSince(cursor, { now: clock.now() })).reset, true);
});

/** A process that is about to end a subscription that has lapsed, and one that has begun another meanwhile. */
async function setUpOvertaken() {
  const clock = new FakeClock();
  const [looks, go] = [gate(), gate()];
  let before = () => Promise.resolve();
  let handles = 0;
  const openKv = async (path: string) => {
    const kv = await Deno.openKv(path);
    return ++handles === 2 ? delayGets(kv, () => before()) : kv; // by which the first process reads it
  };
  const lab = new KvLab(clock, { openKv });
  const [store, other] = [await lab.open(), await lab.open()];
  await store.setPaused("x", false); // it has committed
  await store.subscribe(clock.now());
  const old = (await store.changesSince(null, { now: clock.now() })).cursor;
  before = () => {
    before = () => Promise.resolve();
    looks.resolve();
    return go.promise;
  };
  clock.advance(12 * MINUTE);
  await looks.promise;
  await other.subscribe(clock.now());
  const fresh = (await other.changesSince(null, { now: clock.now() })).cursor;
  return {
    clock,
    store,
    other,
    old,
    fresh,
    /** It goes on with the old one. */
    async end() {
      go.resolve();
      await clock.asleep(4); // upkeep has ended its pass
    },
    async [Symbol.asyncDispose]() {
      go.resolve();
      await lab.dispose();
    },
  };
}

Deno.test("feed: who ends a subscription that has lapsed leaves one that began meanwhile", async () => {
  await using test = await setUpOvertaken();
  const { clock, store, other, fresh } = test;
  await test.end();
  await store.insert([{ job: makeJob() }], clock.now());
  await other.subscribe(clock.now());

  assertEquals((await read(other, clock, fresh)).map(({ event }) => event), ["added"]);
});

Deno.test("feed: who is told of a subscription does not take it for the one before", async () => {
  await using test = await setUpOvertaken();
  const { clock, store, old } = test;
  clock.advance(-10 * MINUTE); // the place is young again
  await store.heartbeat(makeReport(), clock.now()); // it looks what it is asked

  assertEquals((await store.changesSince(old, { now: clock.now() })).reset, true);
  await test.end();
});

Deno.test("feed: what is more than a value holds is told in several, in order", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const cursor = await follow(test);
  const tags = Array.from({ length: 20 }, (_, i) => `é${i}`.padEnd(64, "ü"));
  const jobs = makeJobs(150, { tags });

  await store.insert(jobs.map((job) => ({ job })), clock.now());

  const changes = await read(store, clock, cursor);
  assertEquals(changes.map(({ job }) => job.id), jobs.map(({ id }) => id));
  assertEquals(changes[0]?.job.tags, tags);
  assert((await keysOf(test)).length > 1);
});

Deno.test("feed: a page holds all that a commit told, or nothing of it", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const queue = "mail".padEnd(100, "x");
  await store.insert(makeJobs(800, { queue }).map((job) => ({ job })), clock.now());
  const cursor = await follow(test);
  const ids: string[] = [];
  for (let n = 0; n < 2; n++) {
    const jobs = [
      await claim(store, clock.now(), ["test"], 150),
      await claim(store, clock.now(), ["test"], 150),
    ]
      .flat();
    ids.push(...jobs.map(({ id }) => id));
    await store.settle(jobs.map((job) => ({ job, outcome: DONE })), clock.now());
  }

  assertEquals((await keysOf(test)).length, 4); // a commit tells in two values
  assertEquals((await read(store, clock, cursor)).map(({ job }) => job.id), ids);
});

Deno.test("feed: a start is told without a commit of its own if one comes anyway, and only once", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const cursor = await follow(test);
  await store.insert(makeJobs(3).map((job) => ({ job })), clock.now());
  const jobs = await claim(store, clock.now());

  const { commits } = await test.cost(async () => {
    for (const job of jobs) store.started(job);
    await store.settle(jobs.map((job) => ({ job, outcome: DONE })), clock.now());
  });

  assertEquals(commits, 1);
  const changes = await read(store, clock, cursor);
  assertEquals(changes.map(({ event }) => event), [
    ...jobs.map(() => "added"),
    ...jobs.map(() => "started"),
    ...jobs.map(() => "completed"),
  ]);
});

Deno.test("feed: a process that was declared dead goes on telling under its new epoch", async () => {
  await using test = await CountedStore.open();
  const { store, clock, lab } = test;
  const other = await lab.open();
  const cursor = await follow(test);
  await other.insert([{ job: makeJob({ id: "a" }) }], clock.now());
  lab.crash(other);
  await store.rescue(clock.now());
  await other.insert([{ job: makeJob({ id: "b" }) }], clock.now());
  await other.insert([{ job: makeJob({ id: "c" }) }], clock.now());

  assertEquals((await read(store, clock, cursor)).map(({ job }) => job.id), ["a", "b", "c"]);
  const epochs = (await keysOf(test)).map((key) => key[2]);
  assertEquals(new Set(epochs).size, 2);
});

Deno.test("feed: upkeep deletes what is too old to be read, also of processes that are gone", async () => {
  await using test = await CountedStore.open();
  const { store, clock, lab } = test;
  const gone = await lab.open();
  await follow(test);
  await gone.insert([{ job: makeJob() }], clock.now());
  await gone.close();
  await store.insert([{ job: makeJob() }], clock.now());
  assertEquals((await keysOf(test)).length, 2);

  for (let minute = 0; minute < 13; minute++) {
    clock.advance(MINUTE);
    await store.subscribe(clock.now());
    await clock.asleep(2); // upkeep has ended its pass, and waits
  }
  await store.insert([{ job: makeJob() }], clock.now());

  assertEquals((await keysOf(test)).length, 1);
});

Deno.test("feed: a clock that steps back neither hides changes nor turns them round", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const cursor = await follow(test);
  const told: string[] = [];
  for (const step of [5_000, -3_000, 1, -1_000, 0]) {
    clock.advance(step);
    const job = makeJob();
    told.push(job.id);
    await store.insert([{ job }], clock.now());
  }

  assertEquals((await read(store, clock, cursor)).map(({ job }) => job.id), told);
});

Deno.test("feed: a job that ends while the feed is read is told to have begun before it ended", async () => {
  const clock = new FakeClock();
  let between = () => Promise.resolve();
  let handles = 0;
  const openKv = async (path: string) => {
    const kv = await Deno.openKv(path);
    return ++handles === 2 ? delayLists(kv, () => between()) : kv; // the reader's, for people
  };
  const lab = new KvLab(clock, { openKv });
  const reader = await lab.open("reader");
  const [adds, runs] = [await lab.open("a"), await lab.open("b")]; // read in this order
  await reader.subscribe(clock.now());
  for (const store of [adds, runs]) await store.insert([{ job: makeJob({ type: "other" }) }], clock.now());
  const { cursor } = await reader.changesSince(null, { now: clock.now() });
  const job = makeJob();
  let lists = 0;
  between = async () => {
    if (++lists !== 3) return; // what `a` wrote has been read
    await adds.insert([{ job }], clock.now());
    clock.advance(1_000);
    const claimed = await claim(runs, clock.now());
    await runs.settle(claimed.map((running) => ({ job: running, outcome: DONE })), clock.now());
  };

  const first = await reader.changesSince(cursor, { now: clock.now() });
  const rest = await read(reader, clock, first.cursor);

  assert(lists > 3);
  assertEquals([...first.changes, ...rest].map(({ event }) => event), ["added", "completed"]);
  await lab.dispose();
});
