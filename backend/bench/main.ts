/**
 * The benchmark: `deno task bench --rounds 5 --only run-100 --beside FOLDER`.
 *
 * Measures this program through its public API, on a file and with all features on. `--beside` names a folder with
 * another queue in a `sketch.ts`, which is measured by turns with it.
 *
 * `deno task bench --processes` measures with real processes how soon things happen, each beside its limit.
 */
import { Command, InvalidArgumentError } from "commander";
import { MEASURES } from "./measures.ts";
import { PROCESS_MEASURES, runProcesses } from "./processes.ts";
import { product } from "./product.ts";
import { runRounds } from "./rounds.ts";
import { loadSketch } from "./sketch.ts";

interface Flags {
  rounds: number;
  only?: string[];
  beside?: string;
  processes?: true;
}

const NAMES = MEASURES.map(({ name }) => name);
const ALL_NAMES = [...NAMES, ...PROCESS_MEASURES];

if (import.meta.main) {
  const program = new Command("deno task bench")
    .description("Measures adds and jobs a second, and how soon a job starts")
    .option("--rounds <n>", "how often everything is measured", wholeNumber, 5)
    .option(
      "--only <names>",
      `some of ${NAMES.join(",")}; with --processes, ${PROCESS_MEASURES.join(",")}`,
      names,
    )
    .option("--beside <folder>", "measures the queue in that folder's sketch.ts by turns with this one")
    .option("--processes", "measures with real processes, each number beside its limit");
  const flags = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  console.log(flags.processes ? await latency(flags) : await throughput(flags));
}

async function throughput({ rounds, only, beside }: Flags): Promise<string> {
  return await runRounds({
    contenders: beside === undefined ? [product] : [product, await loadSketch(beside)],
    measures: MEASURES.filter(({ name }) => only?.includes(name) ?? true),
    rounds,
    onProgress: (line) => console.error(line),
  });
}

async function latency({ rounds, only }: Flags): Promise<string> {
  return await runProcesses({
    only: PROCESS_MEASURES.filter((name) => only?.includes(name) ?? true),
    samples: 10 * rounds,
    onProgress: (line) => console.error(line),
  });
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(value);
}

function names(value: string): string[] {
  const chosen = value.split(",");
  const unknown = chosen.find((name) => !ALL_NAMES.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no ${unknown}.`);
  return chosen;
}
