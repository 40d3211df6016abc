/**
 * The crash proof: `deno task crash --kills 200 --jobs 100000 --processes 3 --seed 1`.
 *
 * Adds jobs over HTTP to real processes of the service, kills them with SIGKILL at planned moments, starts them
 * again, and at the end holds every job against what its receiver saw. Without `--processes` it runs with one and
 * then with three. Exits with 1 if the ledger has a fault, and keeps the store's folder then.
 */
import { Command, InvalidArgumentError } from "commander";
import { formatReport } from "./report.ts";
import { type CrashOptions, type CrashResult, runCrash } from "./run.ts";

interface Flags {
  kills: number;
  jobs: number;
  processes?: number;
  seed: number;
}

const program = new Command("deno task crash")
  .description("Kills real processes while they work and counts what became of every job")
  .option("--kills <n>", "SIGKILLs in a run", wholeNumber, 200)
  .option("--jobs <n>", "jobs in a run", wholeNumber, 100_000)
  .option("--processes <n>", "processes on one file (default: a run with 1, then one with 3)", wholeNumber)
  .option(
    "--seed <n>",
    "plans the same jobs and kills again",
    wholeNumber,
    Math.floor(Math.random() * 1_000_000),
  );

if (import.meta.main) {
  const flags = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  let faults = 0;
  for (const processes of flags.processes === undefined ? [1, 3] : [flags.processes]) {
    faults += await runOnce({ ...flags, processes });
  }
  Deno.exit(faults === 0 ? 0 : 1);
}

async function runOnce(options: Omit<CrashOptions, "folder">): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-crash-" });
  console.log(`Seed ${options.seed}, store in ${folder}`);
  const result = await runCrash({ ...options, folder, onProgress: (line) => console.log(`  ${line}`) });
  console.log(formatReport({ ...options, folder }, result));
  const faults = result.ledger.findings.length;
  if (faults === 0) await Deno.remove(folder, { recursive: true });
  else await writeEvidence(`${folder}/evidence.json`, result);
  return faults;
}

/** Keeps, beside the store, what was seen of the jobs that something is wrong with. */
async function writeEvidence(path: string, { evidence, ledger }: CrashResult): Promise<void> {
  const subjects = new Set(ledger.findings.map(({ subject }) => subject));
  const jobs = [...subjects].map((id) => ({
    id,
    planned: evidence.acknowledged.get(id),
    stored: evidence.stored.filter((job) => job.id === id),
    deliveries: evidence.deliveries.get(id),
  }));
  const kills = evidence.kills.map((kill) => ({ ...kill, underWay: [...kill.underWay] }));
  const text = JSON.stringify({ findings: ledger.findings, kills, jobs }, null, 2);
  await Deno.writeTextFile(path, text);
  console.log(`Evidence in ${path}`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1");
  return Number(text);
}
