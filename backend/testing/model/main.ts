/**
 * Compares the KV store with its model for as long as wanted:
 * `deno run -A --config backend/testing/model/deno.json backend/testing/model/main.ts --runs=2000 --seed=7 --steps=80`
 */
import { checkModel } from "./check.ts";

function numberOf(name: string): number | undefined {
  const text = Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  return text === undefined ? undefined : Number(text);
}

if (import.meta.main) {
  const [seed, runs, steps] = ["seed", "runs", "steps"].map(numberOf);
  await checkModel({
    ...(seed === undefined ? {} : { seed }),
    ...(runs === undefined ? {} : { runs }),
    ...(steps === undefined ? {} : { steps }),
  });
}
