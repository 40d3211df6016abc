import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreUnavailableError } from "../../lib/errors.ts";
import { cancel } from "../../lib/job.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { assertConsistent, claim, idsOf } from "../conformance/harness.ts";
import { type Fault, FaultyKv, FULL, LOCKED } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";
import type { KvStore } from "./store.ts";

/** A store whose commits go wrong as `faults` says, once it is open. */
async function setUp() {
  const handles: FaultyKv[] = [];
  const plan = { fault: (_commit: number): Fault | null => null };
  const clock = new FakeClock();
  const openKv = async (path: string) => {
    const { kv, counts } = await FaultyKv.open(path, (commit) => plan.fault(commit));
    handles.push(counts);
    return kv;
  };
  const lab = new KvLab(clock, { openKv });
  const store = await lab.open();
  const counts = handles[0]!;
  return {
    clock,
    store,
    counts,
    plan,
    /** The next commit goes wrong; those after it do not. */
    failNext(fault: Fault, times = 1) {
      const first = counts.commits + 1;
      plan.fault = (commit) => commit >= first && commit < first + times ? fault : null;
    },
    async [Symbol.asyncDispose]() {
      plan.fault = () => null;
      await assertConsistent(store);
      await lab.dispose();
    },
  };
}

const DONE = { kind: "completed", result: null } as const;
const LOST = new Error("the answer was lost");

/** The verbs of a process, each with what must be true once it has resolved. */
const VERBS: Record<string, (store: KvStore, now: number) => Promise<void>> = {
  async insert(store, now) {
    const job = makeJob();
    await store.insert([{ job }], now);
    assertEquals(await store.get(job.id), job);
  },
  async "insert with an id of its own"(store, now) {
    const job = makeJob({ id: "mine" });
    assertEquals(await store.insert([{ job }], now), [{ id: "mine", outcome: "added" }]);
  },
  async "insert with a unique key"(store, now) {
    const job = makeJob({ unique: { key: "k", until: null } });
    assertEquals(await store.insert([{ job }], now), [{ id: job.id, outcome: "added" }]);
  },
  async "claim and settle"(store, now) {
    await store.insert([{ job: makeJob() }], now);
    const jobs = await claim(store, now);
    assertEquals(jobs.length, 1);
    const [settled] = await store.settle(jobs.map((job) => ({ job, outcome: DONE })), now);
    assert(settled !== "lost" && settled?.status === "completed");
    assertEquals(await claim(store, now), []);
  },
  async change(store, now) {
    const job = makeJob();
    await store.insert([{ job }], now);
    assertEquals((await store.change(job.id, (current) => cancel(current, now)))?.status, "cancelled");
  },
  async commit(store, now) {
    await store.commit({ put: [{ kind: "k", key: "a", value: 1, expect: null }] }, now);
    assertEquals((await store.record("k", "a"))?.value, 1);
  },
};

for (const [name, verb] of Object.entries(VERBS)) {
  for (let after = 1; after <= 3; after++) {
    Deno.test(`Committer: a lost answer to commit ${after} of ${name} changes nothing`, async () => {
      await using lab = await setUp();
      const first = lab.counts.commits + after;
      lab.plan.fault = (commit) => commit === first ? { when: "after", error: LOST } : null;

      await verb(lab.store, lab.clock.now());
    });

    Deno.test(`Committer: another process's lock at commit ${after} of ${name} changes nothing`, async () => {
      await using lab = await setUp();
      const first = lab.counts.commits + after;
      lab.plan.fault = (commit) =>
        commit >= first && commit < first + 3 ? { when: "before", error: LOCKED } : null;

      await verb(lab.store, lab.clock.now());
    });
  }
}

Deno.test("Committer: concurrent adds share commits", async () => {
  await using lab = await setUp();
  const before = lab.counts.applied;

  await Promise.all(makeJobs(49).map((job) => lab.store.insert([{ job }], lab.clock.now())));

  assertEquals(lab.counts.applied - before, 1);
});

Deno.test("Committer: a settlement and the next claim share a commit", async () => {
  await using lab = await setUp();
  const now = lab.clock.now();
  await lab.store.insert(makeJobs(2).map((job) => ({ job })), now);
  const [job] = await claim(lab.store, now, ["test"], 1);
  const before = lab.counts.applied;

  const [settled, claimed] = await Promise.all([
    lab.store.settle([{ job: job!, outcome: DONE }], now),
    claim(lab.store, now, ["test"], 1),
  ]);

  assertEquals([settled.length, claimed.length], [1, 1]);
  assertEquals(lab.counts.applied - before, 1);
});

Deno.test("Committer: a full disk refuses an add with the reason, and the store goes on", async () => {
  await using lab = await setUp();
  const [lost, kept] = makeJobs(2);
  lab.failNext({ when: "before", error: FULL }, 2);

  const error = await assertRejects(
    () => lab.store.insert([{ job: lost! }], lab.clock.now()),
    StoreUnavailableError,
    "disk is full",
  );
  assertEquals(error.cause, FULL);

  await lab.store.insert([{ job: kept! }], lab.clock.now());
  assertEquals(idsOf((await lab.store.list({}, { limit: 10 })).jobs), [kept!.id]);
});

for (const [size, result] of Object.entries({ small: 1, large: "x".repeat(100_000) })) {
  Deno.test(`Committer: a ${size} result that a full disk refused is stored once there is room`, async () => {
    await using lab = await setUp();
    const now = lab.clock.now();
    await lab.store.insert([{ job: makeJob({ id: "a" }) }], now);
    const [job] = await claim(lab.store, now);
    lab.failNext({ when: "before", error: FULL }, 6);

    const [settled] = await lab.store.settle([{ job: job!, outcome: { kind: "completed", result } }], now);

    assert(settled !== "lost" && settled?.status === "completed");
    assertEquals((await lab.store.get("a"))?.result, result);
  });
}

Deno.test("Committer: adds in numbers are stored in order by two writers", async () => {
  await using lab = await setUp();
  const jobs = makeJobs(3_000);

  await lab.store.insert(jobs.map((job) => ({ job })), lab.clock.now());

  const claimed: string[] = [];
  for (let more = 1; more > 0;) {
    const some = await claim(lab.store, lab.clock.now(), ["test"], 900);
    claimed.push(...idsOf(some));
    await lab.store.settle(some.map((job) => ({ job, outcome: DONE })), lab.clock.now());
    more = some.length;
  }
  assertEquals(claimed, idsOf(jobs));
});

Deno.test("Committer: a lost answer among adds in numbers stores each once", async () => {
  await using lab = await setUp();
  const jobs = makeJobs(2_000);
  lab.plan.fault = (commit) => commit % 2 === 0 ? { when: "after", error: LOST } : null;

  await lab.store.insert(jobs.map((job) => ({ job })), lab.clock.now());

  assertEquals((await lab.store.stats(lab.clock.now())).pending, 2_000);
});

Deno.test("Committer: jobs of hundreds of types and queues with the longest names fit their commits", async () => {
  await using lab = await setUp();
  const now = lab.clock.now();
  const name = (n: number) => `${"€".repeat(250)}${n}`;
  const jobs = Array.from({ length: 300 }, (_, n) => makeJob({ type: name(n), queue: name(n % 30) }));

  await Promise.all(jobs.map((job) => lab.store.insert([{ job }], now)));

  const types = new Map(jobs.map(({ type }) => [type, 10]));
  const claimed: string[] = [];
  for (let more = 1; more > 0;) {
    const some = await lab.store.claim({ types, queues: null, limit: 200, now });
    await lab.store.settle(some.map((job) => ({ job, outcome: DONE })), now);
    claimed.push(...idsOf(some));
    more = some.length;
  }
  assertEquals(claimed, idsOf(jobs));
});

Deno.test("Committer: history that a full disk refused is read without it, and written later", async () => {
  await using lab = await setUp();
  const { store, clock } = lab;
  const now = clock.now();
  await store.insert(makeJobs(3).map((job) => ({ job })), now);
  lab.plan.fault = () => ({ when: "before", error: FULL });
  assertEquals(await store.history({ from: now - 60_000, to: now + 60_000 }), []);

  lab.plan.fault = () => null;
  const [point] = await store.history({ from: now - 60_000, to: now + 60_000 });
  assertEquals(point?.added, 3);
});
