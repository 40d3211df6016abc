/**
 * The crash proof: `deno task crash --kills 200 --jobs 100000 --processes 3 --seed 1`.
 *
 * Adds jobs over HTTP to real processes of the service, kills them with SIGKILL at planned moments, starts them
 * again, and at the end holds every job against what its receiver saw. Without `--processes` it runs with one and
 * then with three. Exits with 1 if the ledger has a fault, and keeps the store's folder then.
 *
 * `deno task crash --schedules 200 --seconds 60 --kills 40` does the same to schedules that are due every second: at
 * the end each second must have one job.
 */
import { Command, InvalidArgumentError } from "commander";
import { formatReport } from "./report.ts";
import { type CrashOptions, type CrashResult, runCrash } from "./run.ts";
import { formatTickReport } from "./schedules/report.ts";
import { runSchedules, type TickRunOptions, type TickRunResult } from "./schedules/run.ts";

interface Flags {
  kills?: number;
  jobs: number;
  schedules?: number;
  seconds: number;
  processes?: number;
  seed: number;
}

const program = new Command("deno task crash")
  .description("Kills real processes while they work and counts what became of every job")
  .option("--kills <n>", "SIGKILLs in a run (default: 200, of schedules 40)", wholeNumber)
  .option("--jobs <n>", "jobs in a run", wholeNumber, 100_000)
  .option("--schedules <n>", "so many schedules, each due every second, instead of jobs", wholeNumber)
  .option("--seconds <n>", "how long schedules fire", wholeNumber, 60)
  .option("--processes <n>", "processes on one file (default: a run with 1, then one with 3)", wholeNumber)
  .option(
    "--seed <n>",
    "plans the same jobs and kills again",
    wholeNumber,
    Math.floor(Math.random() * 1_000_000),
  );

if (import.meta.main) {
  const { schedules, ...flags } = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  let faults = 0;
  for (const processes of flags.processes === undefined ? [1, 3] : [flags.processes]) {
    faults += schedules === undefined
      ? await killJobs({ kills: 200, ...flags, processes })
      : await killSchedules({ kills: 40, ...flags, schedules, processes });
  }
  Deno.exit(faults === 0 ? 0 : 1);
}

async function killJobs(options: Omit<CrashOptions, "folder">): Promise<number> {
  const folder = await newFolder(options.seed);
  const result = await runCrash({ ...options, folder, onProgress: tell });
  console.log(formatReport({ ...options, folder }, result));
  return await cleanUp(folder, result.ledger.findings.length, () => evidenceOf(result));
}

async function killSchedules(options: Omit<TickRunOptions, "folder">): Promise<number> {
  const folder = await newFolder(options.seed);
  const result = await runSchedules({ ...options, folder, onProgress: tell });
  console.log(formatTickReport(options, result));
  return await cleanUp(folder, result.ledger.findings.length, () => tickEvidenceOf(result));
}

async function newFolder(seed: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-crash-" });
  console.log(`Seed ${seed}, store in ${folder}`);
  return folder;
}

function tell(line: string): void {
  console.log(`  ${line}`);
}

/** Removes the store of a run without faults, else keeps evidence beside it. @returns The faults. */
async function cleanUp(folder: string, faults: number, evidence: () => unknown): Promise<number> {
  if (faults === 0) await Deno.remove(folder, { recursive: true });
  else {
    await Deno.writeTextFile(`${folder}/evidence.json`, JSON.stringify(evidence(), null, 2));
    console.log(`Evidence in ${folder}/evidence.json`);
  }
  return faults;
}

/** What was seen of the jobs that something is wrong with. */
function evidenceOf({ evidence, ledger: { findings } }: CrashResult) {
  const jobs = [...new Set(findings.map(({ subject }) => subject))].map((id) => ({
    id,
    planned: evidence.acknowledged.get(id),
    stored: evidence.stored.filter((job) => job.id === id),
    deliveries: evidence.deliveries.get(id),
  }));
  const kills = evidence.kills.map((kill) => ({ ...kill, underWay: [...kill.underWay] }));
  return { findings, kills, jobs };
}

/** What was seen of all schedules: what is wrong with one may be the fault of another. */
function tickEvidenceOf({ evidence, kills, ledger: { findings } }: TickRunResult) {
  const { lives, shown, jobs } = evidence;
  return { findings, kills, lives, shown: [...shown.values()], jobs };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1");
  return Number(text);
}
