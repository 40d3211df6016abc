import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { MOMENTS, planJob, planKills } from "./plan.ts";
import { Random } from "./random.ts";

Deno.test("planJob() plans the same job for the same seed and number", async () => {
  assertEquals(await planJob(5, 1), await planJob(5, 1));
  const first = await Promise.all(Array.from({ length: 50 }, (_, n) => planJob(n, 1)));
  const other = await Promise.all(Array.from({ length: 50 }, (_, n) => planJob(n, 2)));
  assertNotEquals(first, other);
});

Deno.test("planJob() plans jobs of every kind", async () => {
  const jobs = await Promise.all(Array.from({ length: 1_000 }, (_, n) => planJob(n, 1)));
  const some = (test: (job: typeof jobs[number]) => boolean) => jobs.some(test);

  for (const kind of ["fast", "slow", "failing"]) assert(some((job) => job.behaviour.kind === kind), kind);
  assert(some(({ idempotencyKey }) => idempotencyKey !== null));
  assert(some(({ options }) => options.delay !== undefined));
  assert(some(({ options }) => options.priority !== undefined));
  assert(some(({ options }) => options.maxAttempts === 2));
  assertEquals(new Set(jobs.map(({ id }) => id)).size, 1_000);
});

Deno.test("planKills() plans kills at every moment, the same for the same seed", () => {
  const kills = planKills(200, new Random(1));

  assertEquals(kills, planKills(200, new Random(1)));
  assertEquals(new Set(kills.map(({ moment }) => moment)), new Set(Object.keys(MOMENTS)));
});
