import { assertEquals } from "@std/assert";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { assertConsistent, claim, claimOne, idsOf } from "../conformance/harness.ts";
import { encode, recordOf } from "./codec.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";
import { LockFile } from "./lock-file.ts";
import { encodePage } from "./pages.ts";
import { KvStore, type KvStoreOptions } from "./store.ts";

const DONE = { kind: "completed", result: null } as const;
const keys = createKeys("cronosaur");

async function setUp(options: Partial<KvStoreOptions> = {}) {
  const clock = new FakeClock();
  const lab = new KvLab(clock, options);
  const kv = await Deno.openKv(lab.path);
  return {
    clock,
    lab,
    kv,
    async [Symbol.asyncDispose]() {
      kv.close();
      await lab.dispose();
    },
  };
}

/** Has `store` run the handler of a new job "x". */
async function startJob(store: KvStore, now: number): Promise<void> {
  await store.insert([{ job: makeJob({ id: "x" }) }], now);
  store.started(await claimOne(store, now));
}

/** When job "x" was charged for deaths. */
async function chargesOf(store: KvStore): Promise<number[] | undefined> {
  return (await store.get("x"))?.errors.map(({ at }) => at);
}

Deno.test("rescue() gives back more large jobs than one commit can hold", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open(), await lab.open()];
  const jobs = makeJobs(120, { data: "x".repeat(15_000) });
  await first.insert(jobs.map((job) => ({ job })), clock.now());
  assertEquals((await claim(first, clock.now(), ["test"], 500)).length, 120);
  lab.crash(first);

  assertEquals(await second.rescue(clock.now()), 120);

  assertEquals(idsOf(await claim(second, clock.now(), ["test"], 500)), idsOf(jobs));
});

Deno.test("rescue() that died half way is finished by the next", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const [first, second] = [await lab.open("a"), await lab.open("b")];
  const jobs = makeJobs(3);
  await first.insert(jobs.map((job) => ({ job })), clock.now());
  await claim(first, clock.now());
  lab.crash(first);
  // The first step alone: the claims are out of the dead process's key, and not yet requeued.
  const proc = await kv.get<Uint8Array>(keys.proc("a"));
  const value = JSON.parse(new TextDecoder().decode(proc.value!));
  await kv.atomic().check(proc).delete(proc.key)
    .set(keys.dead("a", value.epoch), encode({ ...value, started: [jobs[0]!.seq] })).commit();
  assertEquals((await second.get(jobs[0]!.id))?.status, "running");

  assertEquals(await second.rescue(clock.now()), 3);

  const stored = await Promise.all(jobs.map((job) => second.get(job.id)));
  assertEquals(stored.map((job) => job?.attempt), [1, 0, 0]);
  await assertConsistent(second);
});

Deno.test("rescue() dates a death when it finds it, not when it was called", async () => {
  let listing = () => {};
  const openKv = async (path: string) => {
    const kv = await Deno.openKv(path);
    const list = kv.list.bind(kv);
    kv.list = <T>(...args: Parameters<Deno.Kv["list"]>) => (listing(), list<T>(...args));
    return kv;
  };
  await using test = await setUp({ openKv });
  const { lab, clock } = test;
  const [first, second] = [await lab.open("a"), await lab.open("b")];
  await startJob(first, clock.now());
  const calledAt = clock.now();
  listing = () => {
    listing = () => {};
    clock.advance(5); // it lives on until the rescuer begins to look for the dead
    lab.crash(first);
  };

  assertEquals(await second.rescue(calledAt), 1);

  assertEquals(await chargesOf(second), [calledAt + 5]);
});

Deno.test("a start dates the death of its id's former process once it has the lock", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const former = await lab.open("a");
  await startJob(former, clock.now());
  const calledAt = clock.now();
  const takeLock = (path: string, id?: string) => {
    clock.advance(5); // it lives on while the start waits for its lock
    lab.crash(former);
    return LockFile.take(path, id);
  };
  const store = new KvStore({ path: lab.path, clock, workerId: "a", takeLock });
  try {
    await store.open(calledAt);

    assertEquals(await chargesOf(store), [calledAt + 5]);
  } finally {
    await store.close();
  }
});

Deno.test("rescue() dates no death before its caller's time", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open("a"), await lab.open("b")];
  await startJob(first, clock.now());
  lab.crash(first);
  const calledAt = clock.now();
  clock.advance(-5); // the system's clock is corrected

  assertEquals(await second.rescue(calledAt), 1);

  assertEquals(await chargesOf(second), [calledAt]);
});

Deno.test("rescue() of a process without a lock file waits for its lease, and charges nothing", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open("a"), await lab.open("b")];
  await startJob(first, clock.now());
  await first.history({ from: 0, to: 0 }); // written now, it has nothing left to write, as if it were dead
  lab.crash(first);
  Deno.removeSync(`${lab.path}.proc-a`);

  assertEquals(await second.rescue(clock.now()), 0);
  clock.advance(14_999);
  assertEquals(await second.rescue(clock.now()), 0);
  clock.advance(1);
  assertEquals(await second.rescue(clock.now()), 1);
  assertEquals((await second.get("x"))?.attempt, 0);
});

Deno.test("rescue() leaves a process without a lock file alone while it writes", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open("a"), await lab.open("b")];
  await first.insert(makeJobs(2).map((job) => ({ job })), clock.now());
  const job = await claimOne(first, clock.now()).catch(async () => (await claim(first, clock.now()))[0]);
  Deno.removeSync(`${lab.path}.proc-a`);

  for (let i = 0; i < 3; i++) {
    await second.rescue(clock.now());
    clock.advance(14_000);
    await first.insert([{ job: makeJob() }], clock.now());
  }

  assertEquals(await second.rescue(clock.now()), 0);
  if (job !== undefined) await first.settle([{ job, outcome: DONE }], clock.now());
});

Deno.test("a damaged record is shown as such, becomes failed when claimed, and the queue goes on", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const store = await lab.open();
  const [bad, torn, good] = makeJobs(3);
  await store.insert([bad!, torn!, good!].map((job) => ({ job })), clock.now());
  for (const job of [bad!, torn!]) {
    const junk = job === bad ? new TextEncoder().encode("{nonsense") : new Uint8Array([0, 255]);
    await kv.set(keys.job(job.seq), junk);
  }
  await kv.set(
    [...keys.ready(bad!), bad!.seq],
    encodePage([
      { seq: bad!.seq, text: "{nonsense" },
      { seq: torn!.seq, text: "\0\uffff" },
      { seq: good!.seq, text: recordOf(good!, {}) },
    ]),
  );

  assertEquals((await store.list({}, { limit: 10 })).jobs.map(({ type }) => type).sort(), [
    "test",
    "unreadable",
    "unreadable",
  ]);
  assertEquals(idsOf(await claim(store, clock.now())), [good!.id]);

  assertEquals((await store.get(bad!.seq))?.errors[0]?.name, "UnreadableError");
  assertEquals((await store.stats(clock.now())).failed, 2);
  assertEquals(idsOf((await store.list({ status: ["failed"] }, { limit: 10 })).jobs).sort(), [
    bad!.seq,
    torn!.seq,
  ]);
});

Deno.test("a page that cannot be read gives its first job, which becomes failed, and the queue goes on", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const store = await lab.open();
  const bad = makeJob();
  await store.insert([{ job: bad }], clock.now());
  await kv.set([...keys.ready(bad), bad.seq], new Uint8Array([0, 255, 10, 10]));
  await kv.set(keys.job(bad.seq), new Uint8Array([0, 255]));
  const good = makeJob({ scheduledAt: bad.scheduledAt + 1 });
  await store.insert([{ job: good }], clock.now());

  assertEquals(idsOf(await claim(store, clock.now())), [good.id]);

  assertEquals((await store.get(bad.seq))?.status, "failed");
});

Deno.test("a job whose large data is gone becomes failed, and the queue goes on", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const store = await lab.open();
  const [bad, good] = makeJobs(2, { data: "x".repeat(100_000) });
  await store.insert([{ job: bad! }, { job: good! }], clock.now());
  for await (const { key } of kv.list({ prefix: keys.partsOf(bad!.seq) })) await kv.delete(key);

  assertEquals(idsOf(await claim(store, clock.now())), [good!.id]);
  assertEquals((await store.stats(clock.now())).failed, 1);
});

Deno.test("pieces of large data whose record never came are swept after an hour, others are not", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const store = await lab.open();
  const jobs = makeJobs(3, { data: "x".repeat(100_000) });
  const [alone, ...others] = jobs.map((job) => ({ job }));
  await store.insert([alone!], clock.now());
  await store.insert(others, clock.now()); // their records share a key
  const orphan = makeJob();
  await kv.set(keys.part(orphan.seq, orphan.seq, 0), new Uint8Array(10));
  const pieces = async () => {
    let count = 0;
    for await (const _ of kv.list({ prefix: keys.allParts() })) count++;
    return count;
  };
  assertEquals(await pieces(), 7);

  clock.advance(3_600_000);
  await store.sweep();

  assertEquals(await pieces(), 6);
  for (const job of jobs) assertEquals(await store.get(job.id), job);
});

Deno.test("claim() reads nothing of types it does not name, however many there are", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const store = await lab.open();
  await store.insert(makeJobs(2_000, { type: "other", priority: 10 }).map((job) => ({ job })), clock.now());
  const job = makeJob();
  await store.insert([{ job }], clock.now());

  assertEquals(idsOf(await claim(store, clock.now())), [job.id]);
});

Deno.test("a process holds at most 1,000 jobs, and its settlements still go through", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const store = await lab.open();
  await store.insert(makeJobs(1_100).map((job) => ({ job })), clock.now());
  const held = await claim(store, clock.now(), ["test"], 1_000);
  for (let more = 1; more > 0;) {
    const some = await claim(store, clock.now(), ["test"], 1_000);
    held.push(...some);
    more = some.length;
  }
  assertEquals(held.length, 1_000);

  const settled = await store.settle(held.map((job) => ({ job, outcome: DONE })), clock.now());
  assertEquals(settled.filter((job) => job === "lost").length, 0);
  assertEquals((await claim(store, clock.now(), ["test"], 1_000)).length, 100);
});
