/**
 * Compares the KV store with its model for as long as wanted, or does the steps of one run again:
 * `deno run -A --config backend/testing/model/deno.json backend/testing/model/main.ts --runs=2000 --seed=7 --steps=80`,
 * `… main.ts --replay='[{"do":"promote","by":0}]'`
 */
import { checkModel, replay } from "./check.ts";

function option(name: string): string | undefined {
  return Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

if (import.meta.main) {
  const steps = option("replay");
  if (steps !== undefined) {
    await replay(JSON.parse(steps));
  } else {
    const given = ["seed", "runs", "steps"].flatMap((name) => {
      const text = option(name);
      return text === undefined ? [] : [[name, Number(text)]];
    });
    await checkModel(Object.fromEntries(given));
  }
}
