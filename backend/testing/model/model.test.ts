import { checkModel } from "./check.ts";

Deno.test("KvStore does what its model does, through crashes and faults of every commit", async () => {
  const seed = Deno.env.get("MODEL_SEED");
  const runs = Deno.env.get("MODEL_RUNS");
  await checkModel({
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(runs === undefined ? {} : { runs: Number(runs) }),
  });
});
