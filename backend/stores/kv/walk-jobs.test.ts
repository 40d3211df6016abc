import { assertEquals } from "@std/assert";
import { createSeq } from "../../lib/ids.ts";
import { makeJob } from "../../testing/factories.ts";
import { claim, idsOf, listAll } from "../conformance/harness.ts";
import { setUp } from "../../testing/bundled-jobs.ts";

Deno.test("list() shows each job once, however its jobs stand in bundles and outside", async () => {
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
Deno.test("list() is in order, whole and within its range where bundles of several milliseconds overlap", async () => {
  await using test = await setUp();
  const store = await test.lab.open();
  const start = test.clock.now();
  const next = createSeq();
  const jobs = Array.from({ length: 300 }, (_, i) => {
    const seq = next(start + i);
    return makeJob({ createdAt: start + i, scheduledAt: start, seq, id: seq, type: `t${i % 3}` });
  });
  for (let at = 0; at < 300; at += 50) {
    await store.insert(jobs.slice(at, at + 50).map((job) => ({ job })), start);
  }
  const newest = idsOf(jobs).toReversed();

  for (const limit of [1, 7, 200]) assertEquals(idsOf(await listAll(store, {}, limit)), newest);
  for (const i of [5, 8, 13, 60, 155, 299]) {
    assertEquals(idsOf(await listAll(store, { createdAfter: start + i })), newest.slice(0, 300 - i));
  }
});
