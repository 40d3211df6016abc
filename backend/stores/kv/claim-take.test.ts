import { assertEquals } from "@std/assert";
import { setUp } from "../../testing/bundled-jobs.ts";
import { makeJobs } from "../../testing/factories.ts";
import { assertConsistent, claim } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";

Deno.test("a claim of parts of many pages takes as many jobs as one commit can hold", async () => {
  const errors: unknown[] = [];
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      try {
        return await op.commit();
      } catch (error) {
        errors.push(error);
        throw error;
      }
    });
  await using test = await setUp({ openKv });
  const { lab, clock } = test;
  const store = await lab.open();
  const types = Array.from({ length: 200 }, (_, i) => `type ${i}`);
  for (const type of types) {
    await store.insert(makeJobs(9, { type }).map((job) => ({ job })), clock.now());
  }

  let claimed = 0;
  for (let round = 0; round < 20 && claimed < 800; round++) { // four of each: records of their own for all these
    const room = new Map(types.map((type) => [type, 4]));
    claimed +=
      (await store.claim({ types: room, queues: null, limit: 800 - claimed, now: clock.now() })).length;
  }

  assertEquals([claimed, errors], [800, []]);
  assertEquals((await claim(store, clock.now(), types, 50)).length, 50);
  await assertConsistent(store);
});
