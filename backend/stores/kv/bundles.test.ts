import { assertEquals } from "@std/assert";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { assertConsistent, claim, idsOf, listAll } from "../conformance/harness.ts";
import { setUp } from "../../testing/bundled-jobs.ts";
import { createKeys } from "./keys.ts";

const RELEASED = { kind: "released" } as const;
const keys = createKeys("cronosaur");

Deno.test("bundles: jobs added together share a key, which goes with the last that is settled", async () => {
  await using test = await setUp();
  const store = await test.lab.open();
  await test.add(store);
  assertEquals([await test.bundles(), await test.records()], [[keys.bundle(test.jobs[7]!.seq)], []]);

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

  assertEquals(await test.bundles(), [keys.bundle(others[1]!.seq)]);
  assertEquals((await test.records()).length, 2);
});

Deno.test("bundles: of jobs that are claimed apart the fewer get records of their own, and none is left over", async () => {
  for (const [most, own] of [[3, 3], [5, 3], [1, 1]] as const) {
    await using test = await setUp();
    const { lab, clock } = test;
    const [first, second] = [await lab.open(), await lab.open()];
    await test.add(first);

    const some = await claim(first, clock.now(), ["test"], most);
    assertEquals([(await test.bundles()).length, (await test.records()).length], [1, own]);
    const rest = await claim(second, clock.now(), ["test"], 8);
    await test.complete(first, some);
    await test.complete(second, rest);

    assertEquals([await test.bundles(), (await test.records()).length], [[], 8]);
    await assertConsistent(second);
  }
});

Deno.test("bundles: a bundle whose last jobs were rescued goes with a sweep, and none before that", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [first, second] = [await lab.open(), await lab.open()];
  await test.add(first);
  const running = await claim(first, clock.now(), ["test"], 8);
  await test.complete(first, running.slice(3)); // the last of the bundle too
  await second.sweep();
  assertEquals((await test.bundles()).length, 1);
  lab.crash(first);
  assertEquals(await second.rescue(clock.now()), 3);
  assertEquals((await test.bundles()).length, 1);

  await second.sweep();

  assertEquals(await test.bundles(), []);
  assertEquals((await listAll(second, { status: ["completed"] })).length, 5);
  assertEquals((await claim(second, clock.now(), ["test"], 8)).length, 3);
  await assertConsistent(second);
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

  for (const job of [d!, a!]) assertEquals(await store.remove(job.id), true);

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
  const finished = (await claim(store, clock.now(), ["test"], 8)).slice(0, 6);
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

Deno.test("bundles: the first job of a page that cannot be read has its record in the bundle", async () => {
  await using test = await setUp();
  const { lab, clock, kv, jobs: [first] } = test;
  await test.add(await lab.open());
  await kv.set([...keys.ready(first!), first!.seq], new Uint8Array([0, 255, 10, 10]));

  const [job] = await claim(await lab.open(), clock.now());

  assertEquals([job?.id, job?.data], [first!.id, first!.data]);
});

Deno.test("bundles: a job whose text is damaged becomes failed, and goes with all that belongs to it", async () => {
  await using test = await setUp();
  const { lab, clock, kv } = test;
  const store = await lab.open();
  const [bad, good] = makeJobs(2, { tags: ["t"] });
  await store.insert([{ job: bad! }, { job: good! }], clock.now());
  const key = [...keys.ready(bad!), bad!.seq];
  const page = new TextDecoder().decode((await kv.get<Uint8Array>(key)).value!);
  await kv.set(key, new TextEncoder().encode(page.replace('{"type"', "{type")));
  const other = await lab.open();

  assertEquals(idsOf(await claim(other, clock.now())), [good!.id]);
  assertEquals((await other.get(bad!.id))?.status, "failed");
  clock.advance(1_000);
  const old = { finishedBefore: { failed: clock.now() }, keepFor: false, now: clock.now(), limit: 10 };
  assertEquals(await other.prune(old), 1);
  assertEquals([await other.get(bad!.id), (await other.stats(clock.now())).failed], [null, 0]);
});
