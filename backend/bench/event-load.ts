import { systemClock as clock } from "../lib/clock.ts";
import { Child } from "./child.ts";
import type { Seen } from "./event-clients.ts";
import type { Ran } from "./event-server.ts";
import { freePort } from "./free-port.ts";
import { median } from "./samples.ts";
import { formatNumber, formatTable } from "./table.ts";

const CONFIG = new URL("./deno.json", import.meta.url).pathname;
const CLIENTS = 100;
/** Of these so many are cut off again and again, and come back. */
const CUT = 10;
/** Jobs that are run before anything is measured. */
const WARM_UP = 10_000;

/** What is measured with clients and without. */
interface Measure {
  label: string;
  jobs: number;
  /** The request that has them run. */
  path: string;
}

const MEASURES: readonly Measure[] = [
  { label: "added and run at 2,000 a second", jobs: 20_000, path: "/pace?jobs=20000&rate=2000" },
  { label: "run as fast as can be", jobs: 40_000, path: "/drain?jobs=40000" },
];

/** What came of one measurement. */
interface Outcome {
  /** Jobs a second. */
  rate: number;
  /** Milliseconds from the last job's end until each client knew. */
  behind: number;
  /** Clients that were not told of each job exactly once. */
  wrong: number;
  cuts: number;
}

/**
 * Measures what clients that follow events cost: by turns with a hundred of them and without, each time with new
 * processes on a new file. Returns the table.
 */
export async function runEvents({ rounds, onProgress }: {
  rounds: number;
  onProgress(line: string): void;
}): Promise<string> {
  const rows: string[][] = [];
  for (const measure of MEASURES) {
    const outcomes = { without: [] as Outcome[], beside: [] as Outcome[] };
    for (let round = 0; round < rounds; round++) {
      for (const [name, clients] of [["without", 0], ["beside", CLIENTS]] as const) {
        const outcome = await inFolder((folder) => perform(folder, measure, clients));
        outcomes[name].push(outcome);
        onProgress(
          `${measure.label}, ${clients} clients: ${JSON.stringify(outcome)}, load ${
            Deno.loadavg()[0]?.toFixed(1)
          }`,
        );
      }
    }
    rows.push(rowOf(measure.label, outcomes.without, outcomes.beside));
  }
  const head = [
    "",
    "without, /s",
    `with ${CLIENTS}, /s`,
    "ratio",
    "behind, ms",
    "cuts",
    "clients that missed any",
  ];
  return formatTable(head, rows);
}

function rowOf(label: string, without: readonly Outcome[], beside: readonly Outcome[]): string[] {
  const ratios = beside.map(({ rate }, i) => rate / (without[i]?.rate ?? NaN));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return [
    label,
    formatNumber(median(without.map(({ rate }) => rate))),
    formatNumber(median(beside.map(({ rate }) => rate))),
    median(ratios).toFixed(2),
    formatNumber(median(beside.map(({ behind }) => behind))),
    String(sum(beside.map(({ cuts }) => cuts))),
    String(sum(beside.map(({ wrong }) => wrong))),
  ];
}

async function perform(folder: string, { jobs, path }: Measure, count: number): Promise<Outcome> {
  const port = freePort();
  await using _server = await started("event-server.ts", `kv:${folder}/jobs.db`, port);
  await ask<Ran>(port, `/drain?jobs=${WARM_UP}`);
  const clientPort = freePort();
  await using _clients = count === 0 ? null : await started("event-clients.ts", port, clientPort, count, CUT);
  const ran = await ask<Ran>(port, path);
  const ended = clock.monotonic();
  const seen = count === 0 ? [] : await ask<Seen[]>(clientPort, `/seen?jobs=${jobs}`);
  const behind = clock.monotonic() - ended;
  const wrong = seen.filter(({ count, sum }) => count !== jobs || sum !== ran.sum).length;

  return {
    rate: jobs * 1000 / ran.ms,
    behind,
    wrong,
    cuts: seen.reduce((sum, { cuts }) => sum + cuts, 0),
  };
}

async function started(script: string, ...args: (string | number)[]): Promise<Child> {
  const path = new URL(script, import.meta.url).pathname;
  const child = new Child(["run", "-A", "--config", CONFIG, path, ...args.map(String)]);
  await child.said("ready");
  return child;
}

async function ask<T>(port: number, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  if (!response.ok) {
    throw new Error(`Cannot measure: ${path} answers ${response.status} ${await response.text()}`);
  }
  return await response.json() as T;
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
