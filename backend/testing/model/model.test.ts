import { checkModel, replay } from "./check.ts";
import type { JobSpec } from "./steps.ts";

/** A job that wants a key. */
function wanting(key: string, onConflict: JobSpec["onConflict"], maxAttempts: number): JobSpec {
  return {
    type: "a",
    queue: "default",
    priority: 0,
    delay: 0,
    id: null,
    unique: { key, within: null },
    onConflict,
    tag: null,
    expiresIn: null,
    keepFor: null,
    maxAttempts,
    size: 5,
  };
}

Deno.test("KvStore does what its model does, through crashes and faults of every commit", async () => {
  const seed = Deno.env.get("MODEL_SEED");
  const runs = Deno.env.get("MODEL_RUNS");
  await checkModel({
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(runs === undefined ? {} : { runs: Number(runs) }),
  });
});

Deno.test("The model follows an add whose replace was refused, and others of it stored", async () => {
  const jobs = [wanting("k1", "keep", 1), wanting("k1", "replace", 2), wanting("k2", "keep", 1)];
  // The answer about the first and the third is lost; the replace comes after them.
  await replay([
    { do: "fault", by: 0, faults: ["lost", "refused", "refused", "refused"], reads: 0 },
    { do: "add", by: 0, jobs },
  ]);
});

Deno.test("The model follows an add whose replace was stored, and the one behind it refused", async () => {
  const jobs = [wanting("k1", "keep", 1), wanting("k1", "replace", 2), wanting("k1", "replace", 3)];
  await replay([
    { do: "fault", by: 0, faults: ["lost", "refused", "lost", "refused", "refused", "refused"], reads: 0 },
    { do: "add", by: 0, jobs },
  ]);
});
