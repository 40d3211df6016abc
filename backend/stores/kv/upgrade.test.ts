import { assertEquals } from "@std/assert";
import { makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { assertConsistent, claim, idsOf, listAll } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";
import type { KvStoreOptions } from "./store.ts";

const keys = createKeys("cronosaur");

/** A file whose pending jobs stand where they did before. */
async function setUp(data: unknown, count: number, options: Partial<KvStoreOptions> = {}) {
  const clock = new FakeClock();
  const lab = new KvLab(clock, options);
  const store = await lab.open();
  const jobs = makeJobs(count, { data }).map((job, i) => ({ ...job, priority: i % 100 }));
  await store.insert(jobs.map((job) => ({ job })), clock.now());
  using kv = await Deno.openKv(lab.path);
  for await (const { key, value } of kv.list({ prefix: keys.readies() })) {
    await kv.atomic().delete(key).set([...keys.formerReadies(), ...key.slice(1)], value).commit();
  }
  return { clock, lab, jobs, [Symbol.asyncDispose]: () => lab.dispose() };
}

Deno.test("upgrade() finds the pending jobs of a file from before where they are looked for now", async () => {
  await using test = await setUp({}, 300);
  const { lab, clock, jobs } = test;

  const [first, second] = await Promise.all([lab.open(), lab.open()]);

  const claimed = await claim(first, clock.now(), ["test"], 200);
  claimed.push(...await claim(second, clock.now(), ["test"], 200));
  assertEquals(idsOf(claimed).sort(), idsOf(jobs).sort());
  await assertConsistent(first);
});

Deno.test("upgrade() moves pages as large as they may be", async () => {
  await using test = await setUp("x".repeat(1_800), 500);

  assertEquals((await listAll(await test.lab.open(), { status: ["pending"] })).length, 500);
});

Deno.test("upgrade() of a process that was slow brings back no page whose jobs have been claimed", async () => {
  let slow: { reached: () => void; go: Promise<void> } | null = null;
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      const waits = slow;
      slow = null;
      waits?.reached();
      await waits?.go;
      return await op.commit();
    });
  await using test = await setUp({}, 3, { openKv });
  const { lab, clock } = test;
  const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];

  slow = { reached: reached.resolve, go: go.promise };
  const opening = lab.open();
  await reached.promise;
  const second = await lab.open();
  assertEquals((await claim(second, clock.now())).length, 3);
  go.resolve();

  assertEquals(await claim(await opening, clock.now()), []);
  await assertConsistent(second);
});
