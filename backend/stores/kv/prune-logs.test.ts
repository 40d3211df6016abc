import { assertEquals } from "@std/assert";
import { makeJob } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { addAll, claimOne } from "../conformance/harness.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";

const LINE = { attempt: 1, at: 0, level: "info", message: "hello" } as const;

/** How many chunks of logs lie in the database. */
async function countChunks(path: string): Promise<number> {
  using kv = await Deno.openKv(path);
  return (await Array.fromAsync(kv.list({ prefix: createKeys("cronosaur").logs() }))).length;
}

Deno.test("KvStore.pruneLogs() deletes lines that came after their job was gone, and does not count them", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  const store = await lab.open();
  await addAll(store, [makeJob({ id: "gone" }), makeJob({ id: "waits" })], clock.now());
  const [gone, waits] = [await store.get("gone"), await store.get("waits")];
  await store.remove("gone");
  for (const job of [gone!, waits!]) await store.appendLogs(job.seq, [LINE]);
  const request = { finishedBefore: clock.now() + 1, limit: 10 };

  assertEquals(await store.pruneLogs({ ...request, dryRun: true }), { jobs: 0, nextCursor: null });
  assertEquals(await countChunks(lab.path), 2);
  assertEquals(await store.pruneLogs(request), { jobs: 0, nextCursor: null });

  assertEquals(await countChunks(lab.path), 1);
  assertEquals((await store.logs("waits", { limit: 10 }))?.lines, [LINE]);
  await lab.dispose();
});

Deno.test("KvStore.pruneLogs() leaves no chunk of a long log", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  const store = await lab.open();
  await addAll(store, [makeJob()], clock.now());
  const job = await claimOne(store, clock.now());
  await Promise.all(Array.from({ length: 230 }, () => store.appendLogs(job.seq, [LINE])));
  await store.settle([{ job, outcome: { kind: "completed", result: null } }], clock.now());
  assertEquals(await countChunks(lab.path), 230);

  await store.pruneLogs({ finishedBefore: clock.now() + 1, limit: 10 });

  assertEquals(await countChunks(lab.path), 0);
  await lab.dispose();
});

Deno.test("KvStore.pruneLogs() by callers of one process counts each job once", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  const store = await lab.open();
  for (let n = 0; n < 10; n++) {
    await addAll(store, [makeJob()], clock.now());
    const job = await claimOne(store, clock.now());
    await store.appendLogs(job.seq, [LINE]);
    await store.settle([{ job, outcome: { kind: "completed", result: null } }], clock.now());
  }
  const prune = () => store.pruneLogs({ finishedBefore: clock.now() + 1, limit: 100 });

  const counts = await Promise.all([prune(), prune(), prune()]);

  assertEquals(counts.reduce((sum, { jobs }) => sum + jobs, 0), 10);
  await lab.dispose();
});
