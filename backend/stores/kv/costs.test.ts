/**
 * What the hot path asks of the database, call by call. Numbers that rise here are time that is lost; whoever raises
 * one has to say what for.
 */
import { assert, assertEquals } from "@std/assert";
import { CountedStore } from "../../testing/counted-store.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { claim, idsOf } from "../conformance/harness.ts";
import { noCalls } from "./counting-kv.ts";

const DONE = { kind: "completed", result: null } as const;

Deno.test("costs: an add is one commit of five keys and reads nothing", async () => {
  await using test = await CountedStore.open();

  // The record and its page; the process, its counts, the sign for other processes.
  assertEquals(await test.cost(() => test.add(1)), { ...noCalls(), commits: 1, sets: 5, checks: 1 });
});

Deno.test("costs: 32 adds at once are one commit of five keys", async () => {
  await using test = await CountedStore.open();

  const cost = await test.cost(() => Promise.all(Array.from({ length: 32 }, () => test.add(1))));

  // What one add takes, but that the record's key is for all of them: a bundle.
  assertEquals(cost, { ...noCalls(), commits: 1, sets: 5, checks: 1 });
});

Deno.test("costs: 64 adds at once are two commits, of which one is put together while the other is stored", async () => {
  await using test = await CountedStore.open();

  const cost = await test.cost(() => Promise.all(Array.from({ length: 64 }, () => test.add(1))));

  // The second writer's own key is also its sign for other processes.
  assertEquals(cost, { ...noCalls(), commits: 2, sets: 5 + 4, checks: 2 });
});

Deno.test("costs: 64 jobs of one call are one commit, so that none is stored without those before it", async () => {
  await using test = await CountedStore.open();

  assertEquals(await test.cost(() => test.add(64)), {
    ...noCalls(),
    commits: 1,
    sets: 5,
    checks: 1,
  });
});

Deno.test("costs: 10,000 jobs in bulk take two keys for 64 of them", async () => {
  await using test = await CountedStore.open();

  const { commits, sets, gets, lists } = await test.cost(() => test.add(10_000));

  assert(commits <= 24, `${commits} commits`);
  assert(sets <= 2 * (10_000 / 64 + commits) + commits * 4, `${sets} sets`);
  assertEquals([gets, lists], [0, 0]);
});

Deno.test("costs: a claim takes 100 jobs in one commit, most of it for all of them", async () => {
  await using test = await CountedStore.open();
  await test.add(100);

  const cost = await test.cost(() => claim(test.store, test.clock.now(), ["test"], 100));

  // Two pages go; the process, its counts, the lock. Nothing is read: it was added here.
  assertEquals(cost, { ...noCalls(), commits: 1, sets: 3, deletes: 2, checks: 2 });
});

Deno.test("costs: a claim of a part writes the rest of one page again, and records of the fewer jobs of its bundle", async () => {
  await using test = await CountedStore.open();
  await test.add(100);

  const cost = await test.cost(() => claim(test.store, test.clock.now(), ["test"], 10));

  assertEquals(cost, { ...noCalls(), commits: 1, sets: 4 + 10, deletes: 1, checks: 2 });
});

Deno.test("costs: settling 100 jobs writes each one's record and two pages, and deletes two bundles", async () => {
  await using test = await CountedStore.open();
  await test.add(100);
  const jobs = await claim(test.store, test.clock.now(), ["test"], 100);

  const cost = await test.cost(() =>
    test.store.settle(jobs.map((job) => ({ job, outcome: DONE })), test.clock.now())
  );

  assertEquals(cost, { ...noCalls(), commits: 1, sets: 100 + 2 + 2, deletes: 2, checks: 2 });
});

Deno.test("costs: jobs added by others are read a page of the database at a time", async () => {
  await using test = await CountedStore.open();
  const other = await test.lab.open();
  await other.insert(makeJobs(500).map((job) => ({ job })), test.clock.now());

  const { gets, lists, commits, looks } = await test.cost(() =>
    claim(test.store, test.clock.now(), ["test"], 100)
  );

  // The lock; who added, which queues there are and are paused, the pages of one type. A look may be half done.
  assertEquals(commits, 1);
  assert(gets <= 1 && lists - looks <= 6, `${gets} gets, ${lists} lists, ${looks} looks`);
});

Deno.test("costs: a claim joins the add it waits for: one commit, and no page is written", async () => {
  await using test = await CountedStore.open();
  const adding = [test.add(1), test.add(1)];

  const cost = await test.cost(async () => {
    const claimed = await claim(test.store, test.clock.now());
    assertEquals(claimed.length, 2);
    await Promise.all(adding);
  });

  assertEquals([cost.commits, cost.sets, cost.deletes, cost.checks], [1, 1 + 3, 0, 2]);
  assertEquals([cost.gets, cost.lists], [0, 0]);
});

Deno.test("costs: 1,000 jobs of a type nobody here handles cost a claim nothing", async () => {
  await using test = await CountedStore.open();
  await test.store.insert(makeJobs(1_000, { type: "other" }).map((job) => ({ job })), test.clock.now());

  const { commits, gets, lists } = await test.cost(() => claim(test.store, test.clock.now()));

  assertEquals([commits, gets, lists], [0, 0, 1]); // whether others added
});

Deno.test("costs: a job runs after those that waited before it, also if its claim joins its add", async () => {
  await using test = await CountedStore.open();
  const { store, clock } = test;
  const [first, second, urgent] = [makeJob(), makeJob(), makeJob({ priority: 5 })];
  await store.insert([{ job: first }], clock.now());

  const adding = store.insert([{ job: second }, { job: urgent }], clock.now());
  assertEquals(idsOf(await claim(store, clock.now(), ["test"], 1)), [first.id]);
  await adding;
  const more = store.insert([{ job: makeJob({ type: "other" }) }], clock.now());
  assertEquals(idsOf(await claim(store, clock.now())), [urgent.id, second.id]);
  await more;
});

Deno.test("costs: claims that wait for one read wait for it, and do not ask for it again", async () => {
  await using test = await CountedStore.open();
  const other = await test.lab.open();
  await other.insert(makeJobs(3_000).map((job) => ({ job })), test.clock.now());
  await claim(test.store, test.clock.now(), ["test"], 400); // reads more ahead

  const { lists } = await test.cost(() =>
    Promise.all([1, 2, 3, 4].map(() => claim(test.store, test.clock.now(), ["test"], 200)))
  );

  assert(lists <= 4, `${lists} lists`);
});
