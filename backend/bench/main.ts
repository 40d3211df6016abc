/**
 * The benchmark: `deno task bench --rounds 5 --only run-100 --beside FOLDER --peers bullmq,graphile`.
 *
 * Measures this program through its public API, on a file and with all features on. `--beside` names a folder with
 * another queue in a `sketch.ts`, and `--peers` well-known queues, which are measured by turns with it. The servers
 * that peers need are started for this alone; a peer whose server is not on the machine is left out, with the reason.
 * A "–" in the table is what a contender cannot do. Below the table are the goals there is a number for.
 *
 * `deno task bench --schedules --rounds 1` measures how late schedules fire and what thousands of them take, in two minutes.
 *
 * `deno task bench --processes` measures with real processes how soon things happen, each beside its limit.
 */
import { Command, Option } from "commander";
import { namesOf, wholeNumber } from "./flags.ts";
import { formatGoals } from "./goals.ts";
import { SCHEDULE_MEASURES } from "./measures-schedules.ts";
import { MEASURES } from "./measures.ts";
import { OWN_JOBS } from "./origins.ts";
import { type PeerName, PEERS, startPeers } from "./peers.ts";
import { PROCESS_MEASURES, runProcesses } from "./processes.ts";
import { EFFORTS, runRounds } from "./rounds.ts";
import { withSession } from "./session.ts";

interface Flags {
  rounds: number;
  only?: string[];
  beside?: string;
  peers: PeerName[];
  million?: true;
  schedules?: true;
  effort: keyof typeof EFFORTS;
  processes?: true;
}

const NAMES = MEASURES.map(({ name }) => name);
const SCHEDULE_NAMES = SCHEDULE_MEASURES.map(({ name }) => name);

if (import.meta.main) {
  const program = new Command("deno task bench")
    .description("Measures adds and jobs a second, how soon a job starts, and what it takes")
    .option("--rounds <n>", "how often everything is measured", wholeNumber, 5)
    .option(
      "--only <names>",
      `some of ${NAMES.join(",")}; with --schedules, ${SCHEDULE_NAMES.join(",")}; with --processes, ${
        PROCESS_MEASURES.join(",")
      }`,
      namesOf([...NAMES, ...SCHEDULE_NAMES, ...PROCESS_MEASURES]),
    )
    .option("--beside <folder>", "measures the queue in that folder's sketch.ts by turns with this one")
    .option("--peers <names>", `all, none, or some of ${PEERS.join(",")}`, peerNames, [])
    .option("--million", "measures two processes on one file and 1,000,000 jobs too, which takes minutes")
    .option("--schedules", "measures schedules instead: how late they fire, and what many of them take")
    .addOption(
      new Option("--effort <name>", "small: to see that all of it works").choices(Object.keys(EFFORTS))
        .default("normal"),
    )
    .option("--processes", "measures with real processes, each number beside its limit");
  const flags = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  console.log(flags.processes ? await latency(flags) : await throughput(flags));
}

async function throughput({ beside, peers, only, million, schedules, ...options }: Flags): Promise<string> {
  return await withSession(async (session) => {
    const others = await startPeers(peers, session);
    const { results, notes } = await runRounds({
      ...options,
      ...session,
      origins: [
        { kind: "product", name: "cronosaur", path: OWN_JOBS },
        ...(beside === undefined ? [] : [{ kind: "sketch", name: "sketch", folder: beside } as const]),
        ...others.origins,
      ],
      measures: schedules
        ? SCHEDULE_MEASURES.filter(({ name }) => only?.includes(name) ?? true)
        : MEASURES.filter(({ name, isHeavy }) => only?.includes(name) ?? (!isHeavy || million)),
      onProgress: (line) => console.error(line),
    });
    return [
      results.format(),
      [...others.notes, ...notes].join("\n"),
      formatGoals(results, EFFORTS[options.effort].counted),
    ]
      .filter((part) => part !== "").join("\n\n");
  });
}

async function latency({ rounds, only }: Flags): Promise<string> {
  return await runProcesses({
    only: PROCESS_MEASURES.filter((name) => only?.includes(name) ?? true),
    samples: 10 * rounds,
    onProgress: (line) => console.error(line),
  });
}

function peerNames(value: string): PeerName[] {
  if (value === "none") return [];
  return value === "all" ? [...PEERS] : namesOf(PEERS)(value);
}
