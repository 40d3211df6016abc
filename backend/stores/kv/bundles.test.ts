import { assertEquals } from "@std/assert";
import type { RunningJob } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { assertConsistent, claim, idsOf, listAll } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";
import type { KvStoreOptions } from "./store.ts";

const DONE = { kind: "completed", result: null } as const;
const RELEASED = { kind: "released" } as const;
const keys = createKeys("cronosaur");

/** A database, and eight jobs that one call adds to it. */
async function setUp(options: Partial<KvStoreOptions> = {}) {
  const clock = new FakeClock();
  const lab = new KvLab(clock, options);
  const kv = await Deno.openKv(lab.path);
  const jobs = makeJobs(8, { data: { n: 1 } });
  const keysAt = async (prefix: Deno.KvKey) =>
    (await Array.fromAsync(kv.list({ prefix }))).map(({ key }) => key);
  return {
    clock,
    lab,
    kv,
    jobs,
    add: (store: Store) => store.insert(jobs.map((job) => ({ job })), clock.now()),
    complete: (store: Store, some: RunningJob[]) =>
      store.settle(some.map((job) => ({ job, outcome: DONE })), clock.now()),
    bundles: () => keysAt(keys.bundles()),
    records: () => keysAt(keys.jobs()),
    async [Symbol.asyncDispose]() {
      kv.close();
      await lab.dispose();
    },
  };
}

Deno.test("bundles: jobs added together share a key, which goes with the last that is settled", async () => {
  await using test = await setUp();
  const store = await test.lab.open();
  await test.add(store);
  assertEquals([await test.bundles(), await test.records()], [[keys.bundle(test.jobs[0]!.seq)], []]);

  const running = await claim(store, test.clock.now(), ["test"], 8);
  await test.complete(store, running.slice(0, 5));
  assertEquals([(await test.bundles()).length, (await test.records()).length], [1, 5]);
  await test.complete(store, running.slice(5));

  assertEquals([await test.bundles(), (await test.records()).length], [[], 8]);
});

Deno.test("bundles: a job of its own is not bundled, and a job is bundled with those of its place alone", async () => {
  await using test = await setUp();
  const store = await test.lab.open();
  const [alone, ...others] = [makeJob({ type: "alone" }), ...makeJobs(2), makeJob({ scheduledAt: 9e12 })];

  await store.insert([alone, ...others].map((job) => ({ job })), test.clock.now());

  assertEquals(await test.bundles(), [keys.bundle(others[0]!.seq)]);
  assertEquals((await test.records()).length, 2);
});

Deno.test("bundles: a bundle whose jobs went through several processes goes with a sweep, not before the last of them", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open(), await lab.open()];
  await test.add(first);
  const mine = await claim(first, clock.now(), ["test"], 3);
  await test.complete(second, await claim(second, clock.now(), ["test"], 5)); // the last of them too
  await first.sweep();
  assertEquals((await test.bundles()).length, 1);
  await test.complete(first, mine);
  assertEquals((await test.bundles()).length, 1);

  await first.sweep();

  assertEquals(await test.bundles(), []);
  assertEquals((await listAll(first, { status: ["completed"] })).length, 8);
});

Deno.test("bundles: a job that is given back and runs again counts once", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const store = await lab.open();
  await test.add(store);
  for (let run = 0; run < 10; run++) {
    const [job] = await claim(store, clock.now(), ["test"], 1);
    await store.settle([{ job: job!, outcome: RELEASED }], clock.now());
  }

  assertEquals((await test.bundles()).length, 1);
  assertEquals(idsOf(await claim(store, clock.now(), ["test"], 8)).sort(), idsOf(test.jobs).sort());
  await assertConsistent(store);
});

Deno.test("bundles: a waiting job that is removed is gone, also for who opens the file later", async () => {
  await using test = await setUp();
  const { lab, clock, jobs } = test;
  const store = await lab.open();
  await test.add(store);
  const [a, , , d, ...others] = jobs;

  for (const job of [d!, a!]) assertEquals(await store.remove(job.id), true); // the first of the bundle too

  const other = await lab.open();
  for (const job of [a!, d!]) {
    assertEquals([await other.get(job.id), await other.remove(job.id)], [null, false]);
  }
  assertEquals((await listAll(other)).length, 6);
  assertEquals((await claim(other, clock.now(), ["test"], 8)).length, 6);
  assertEquals((await other.get(others[0]!.id))?.status, "running");
  await assertConsistent(other);
});

Deno.test("bundles: a finished job that is removed or pruned is gone though its bundle is still there", async () => {
  await using test = await setUp();
  const { lab, clock, jobs } = test;
  const store = await lab.open();
  await test.add(store);
  const finished = await claim(store, clock.now(), ["test"], 6);
  for (const job of finished) { // each into a page of its own, so that their bundle is left side by side
    await test.complete(store, [job]);
    clock.advance(1_000);
  }

  assertEquals(await store.remove(finished[2]!.id), true);
  const pruned = await store.prune({
    finishedBefore: { completed: clock.now() },
    keepFor: false,
    now: clock.now(),
    limit: 100,
  });

  assertEquals(pruned, 5);
  assertEquals((await test.bundles()).length, 1);
  for (const { id } of finished) assertEquals(await store.get(id), null);
  assertEquals(idsOf(await listAll(store)).sort(), idsOf(jobs.slice(6)).sort());
  await assertConsistent(store);
});

Deno.test("bundles: a dead process's jobs are given back whole, and their logs stay", async () => {
  await using test = await setUp();
  const { lab, clock, jobs } = test;
  const [first, second] = [await lab.open(), await lab.open()];
  await test.add(first);
  const [job] = await claim(first, clock.now(), ["test"], 8);
  await first.appendLogs(job!.seq, [{ at: clock.now(), attempt: 1, level: "info", message: "half way" }]);
  clock.advance(86_400_000);
  const late = { finishedBefore: clock.now(), limit: 100 };
  assertEquals(await second.pruneLogs(late), { jobs: 0, nextCursor: null });
  lab.crash(first);

  assertEquals(await second.rescue(clock.now()), 8);

  const stored = await Promise.all(jobs.map(({ id }) => second.get(id)));
  assertEquals(stored.map((found) => [found?.status, found?.data]), jobs.map(() => ["pending", { n: 1 }]));
  assertEquals((await second.logs(job!.id, { limit: 10 }))?.lines.map(({ message }) => message), [
    "half way",
  ]);
});

Deno.test("bundles: jobs that are claimed by the commit that stores them can be read, and given back", async () => {
  await using test = await setUp();
  const { lab, clock, jobs } = test;
  const [first, second] = [await lab.open(), await lab.open()];
  await first.insert([{ job: makeJob({ type: "other" }) }], clock.now()); // its queue is known
  await claim(first, clock.now()); // and that nothing waits

  const adding = test.add(first);
  assertEquals(idsOf(await claim(first, clock.now(), ["test"], 5)), idsOf(jobs.slice(0, 5)));
  await adding;

  assertEquals(idsOf(await listAll(second, { status: ["running"] })).sort(), idsOf(jobs.slice(0, 5)).sort());
  lab.crash(first);
  assertEquals(await second.rescue(clock.now()), 5);
  assertEquals(idsOf(await claim(second, clock.now(), ["test"], 8)).sort(), idsOf(jobs).sort());
  await assertConsistent(second);
});

Deno.test("bundles: jobs whose process is taken for dead while it stores them are added once", async () => {
  for (const own of [false, true]) {
    let dying = false;
    const openKv = async (path: string) => {
      const kv = await Deno.openKv(path);
      return interceptCommits(kv, async (op) => {
        const result = await op.commit();
        if (!dying) return result;
        dying = false;
        await kv.delete(keys.proc("a"));
        throw new Error("The answer is lost");
      });
    };
    await using test = await setUp({ openKv });
    const { lab, clock } = test;
    const store = await lab.open("a");
    await store.insert([{ job: makeJob({ type: "other" }) }], clock.now());
    const jobs = makeJobs(4).map((job, i) => own ? { ...job, id: `own ${i}` } : job);

    dying = true;
    const added = await store.insert(jobs.map((job) => ({ job })), clock.now());

    assertEquals(added.map(({ outcome }) => outcome), Array(4).fill("added"));
    assertEquals((await test.bundles()).length, 1);
    await store.insert([{ job: makeJob() }], clock.now());
    assertEquals((await store.stats(clock.now())).pending, 6);
    await assertConsistent(store);
  }
});

/** A database in which `meanwhile` happens, once it is set, behind the first read of a job's record or a bundle. */
class Interrupted {
  meanwhile: (() => Promise<unknown>) | null = null;

  readonly openKv = async (path: string): Promise<Deno.Kv> => {
    const kv = await Deno.openKv(path);
    const getMany = async (wanted: Deno.KvKey[]) => {
      const entries = await kv.getMany(wanted);
      await this.#interrupt(wanted[0]);
      return entries;
    };
    const list = async function* (this: Interrupted, selector: { start?: Deno.KvKey }, options: object) {
      yield* kv.list(selector as Deno.KvListSelector, options);
      await this.#interrupt(selector.start);
    }.bind(this);
    return new Proxy(kv, {
      get(target, name) {
        if (name === "getMany") return getMany;
        if (name === "list") return list;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };

  async #interrupt(key?: Deno.KvKey): Promise<void> {
    const { meanwhile } = this;
    if (meanwhile === null || ![keys.jobs()[0], keys.bundles()[0]].includes(String(key?.[0]))) return;
    this.meanwhile = null;
    await meanwhile();
  }
}

Deno.test("bundles: a job is found, and listed, while it is written again and its bundle goes", async () => {
  for (const how of ["get", "list"]) {
    const interrupted = new Interrupted();
    await using test = await setUp(interrupted);
    const { lab, clock, jobs } = test;
    const store = await lab.open();
    await test.add(store);
    const running = await claim(store, clock.now(), ["test"], 8);

    interrupted.meanwhile = () => test.complete(store, running);
    const found = how === "get" ? [await store.get(jobs[3]!.id)] : await listAll(store);

    assertEquals(await test.bundles(), []);
    assertEquals(found.map((job) => job?.status), Array(how === "get" ? 1 : 8).fill("completed"));
  }
});

Deno.test("bundles: a list shows each job once, however its jobs stand in bundles and outside", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const store = await lab.open();
  const added: string[] = [];
  for (let round = 0; round < 40; round++) {
    const queue = round % 4 === 3 ? "rare" : "default";
    const some = Array.from({ length: 1 + round % 5 }, (_, i) => {
      // Bundles of two types begin before each other's ends.
      return makeJob({ type: i % 2 === 0 ? "a" : "b", queue, createdAt: clock.now() });
    });
    await store.insert(some.map((job) => ({ job })), clock.now());
    added.push(...some.map(({ seq }) => seq));
    clock.advance(round % 7);
    if (round % 4 === 0) await test.complete(store, await claim(store, clock.now(), ["a"], 3));
  }

  for (const limit of [1, 3, 200]) {
    assertEquals((await listAll(store, {}, limit)).map(({ seq }) => seq), added.toSorted().toReversed());
  }
  const all = await listAll(store);
  const rare = all.filter(({ queue }) => queue === "rare");
  assertEquals(idsOf(await listAll(store, { queue: "rare" }, 2)), idsOf(rare)); // passes over the others
  const createdAfter = clock.now() - 60;
  const recent = all.filter(({ createdAt }) => createdAt >= createdAfter);
  assertEquals(idsOf(await listAll(store, { createdAfter }, 2)), idsOf(recent));
});
