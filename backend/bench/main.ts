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
 *
 * `deno task bench --http` has `wrk` add jobs at the real service for half a minute, three times; `--events --rounds 3`
 * measures what a hundred clients cost that follow what happens.
 *
 * `deno task bench --dashboard --minutes 10` measures what the dashboard costs that is open in Debian's Chromium, and
 * what it takes there.
 *
 * `deno task bench --million-http` measures the service over HTTP where a million jobs are stored, in some minutes.
 */
import { Command, Option } from "commander";
import { runDashboard } from "./dashboard-load.ts";
import { runEvents } from "./event-load.ts";
import { namesOf, wholeNumber } from "./flags.ts";
import { formatGoals } from "./goals.ts";
import { runHttp } from "./http-load.ts";
import { SCHEDULE_MEASURES } from "./measures-schedules.ts";
import { MEASURES } from "./measures.ts";
import { MILLION_PARTS, runMillionHttp } from "./million-http.ts";
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
  millionHttp?: true;
  http?: true;
  events?: true;
  dashboard?: true;
  minutes: number;
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
      }; with --million-http, ${MILLION_PARTS.join(",")}`,
      namesOf([...NAMES, ...SCHEDULE_NAMES, ...PROCESS_MEASURES, ...MILLION_PARTS]),
    )
    .option("--beside <folder>", "measures the queue in that folder's sketch.ts by turns with this one")
    .option("--peers <names>", `all, none, or some of ${PEERS.join(",")}`, peerNames, [])
    .option("--million", "measures two processes on one file and 1,000,000 jobs too, which takes minutes")
    .option("--schedules", "measures schedules instead: how late they fire, and what many of them take")
    .addOption(
      new Option("--effort <name>", "small: to see that all of it works").choices(Object.keys(EFFORTS))
        .default("normal"),
    )
    .option("--processes", "measures with real processes, each number beside its limit")
    .option(
      "--million-http",
      "measures the service over HTTP with 1,000,000 jobs, each number beside its limit",
    )
    .option(
      "--http",
      "adds jobs over HTTP by 64 connections of wrk, and counts what is stored; --beside as above",
    )
    .option("--events", "runs jobs with 100 clients that follow their events, and without")
    .option("--dashboard", "runs jobs with the dashboard open in a browser, and without")
    .option("--minutes <n>", "with --dashboard: how long it is open", wholeNumber, 10);
  const flags = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  const measure = flags.processes ? latency : flags.millionHttp ? answers : throughput;
  const onProgress = (line: string) => console.error(line);
  if (flags.http) console.log(await runHttp(onProgress, flags.beside));
  else if (flags.dashboard) {
    console.log(await runDashboard({ minutes: flags.minutes, rounds: flags.rounds, onProgress }));
  } else if (flags.events) console.log(await runEvents({ rounds: flags.rounds, onProgress }));
  else console.log(await measure(flags));
}

async function answers({ rounds, only, effort }: Flags): Promise<string> {
  return await runMillionHttp({
    only: MILLION_PARTS.filter((name) => only?.includes(name) ?? true),
    count: EFFORTS[effort].counted.many,
    samples: 5 * rounds,
    onProgress: (line) => console.error(line),
  });
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
