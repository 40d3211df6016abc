import { JOB_STATUSES } from "../lib/job.ts";
import { Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import { median } from "./samples.ts";
import { firstAnswer, type RunningService, startService } from "./service.ts";
import { formatNumber, formatTable } from "./table.ts";

const CONFIG = new URL("./deno.json", import.meta.url).pathname;
const BARE = new URL("./http-bare.ts", import.meta.url).pathname;
const SCRIPT = new URL("./http-post.lua", import.meta.url).pathname;
const CONNECTIONS = 64;
const SECONDS = 30;
/** Seconds of adding before anything is measured. */
const WARM_UP = 5;
/** How often the service and the bare route take turns, and for how many seconds. */
const TURNS = { rounds: 6, seconds: 5 };

/** What `wrk` found. Milliseconds. */
interface Found {
  /** Answers with 201. */
  added: number;
  refused: number;
  errors: number;
  ms: number;
  p50: number;
  p99: number;
}

/** Ways to measure: what runs beside the adding, and how the service ends. */
const MEASURES = [
  { label: "no worker", workers: "none", isKilled: false },
  { label: "no worker, killed right after", workers: "none", isKilled: true },
  { label: "beside a worker", workers: "all", isKilled: false },
] as const;

/**
 * Measures single adds over HTTP by 64 connections of `wrk`, at the real service on a file, and counts what is stored
 * afterwards; then by turns with a bare route. Returns the tables, or what is missing.
 *
 * @param sketch The folder of another queue, which is then measured behind a bare route too.
 */
export async function runHttp(onProgress: (line: string) => void, sketch?: string): Promise<string> {
  if (!await hasWrk()) return "wrk is not on this machine: apt-get install wrk";
  const rows: string[][] = [];
  for (const measure of MEASURES) {
    const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
    try {
      const { added, refused, errors, ms, p50, p99, lost } = await perform(folder, measure);
      const rate = formatNumber(rateOf({ added, ms }));
      rows.push([
        measure.label,
        rate,
        p50.toFixed(1),
        p99.toFixed(1),
        String(refused + errors),
        String(lost),
      ]);
      onProgress(`${measure.label}: ${rate}/s, load ${Deno.loadavg()[0]?.toFixed(1)}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  const table = formatTable(["", "adds/s", "p50, ms", "p99, ms", "refused", "lost"], rows);
  onProgress("by turns with a bare route");
  return `${table}\n\n${await compareWithBare(sketch)}`;
}

/** The service by turns with routes that do nothing but add, each on a file of its own. */
async function compareWithBare(sketch: string | undefined): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const makeFolder = async () => {
    const folder = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    return folder;
  };
  const service = stack.use(await startService(await makeFolder(), "deno", { WORKERS: "none" }));
  const startBare = async (...args: string[]) => {
    const port = freePort();
    stack.use(new Child(["run", "-A", "--config", CONFIG, BARE, await makeFolder(), String(port), ...args]));
    const origin = `http://127.0.0.1:${port}`;
    await firstAnswer(origin);
    return { origin, token: service.token };
  };
  const contenders = [
    { label: "the service, no worker", server: service },
    { label: "a bare route to the same queue", server: await startBare() },
    ...sketch === undefined ? [] : [{ label: "a bare route to a sketch", server: await startBare(sketch) }],
  ].map((contender) => ({ ...contender, rates: [] as number[] }));
  for (const { server } of contenders) await load(server, WARM_UP);
  for (let round = 0; round < TURNS.rounds; round++) {
    for (const { server, rates } of contenders) rates.push(rateOf(await load(server, TURNS.seconds)));
  }
  const own = contenders[0]?.rates ?? [];
  return formatTable(
    [`by turns, ${TURNS.rounds} rounds of ${TURNS.seconds} s`, "adds/s", "the service's share"],
    contenders.map(({ label, rates }) => [
      label,
      formatNumber(median(rates)),
      median(own.map((rate, i) => rate / (rates[i] ?? NaN))).toFixed(2),
    ]),
  );
}

function rateOf({ added, ms }: Pick<Found, "added" | "ms">): number {
  return added * 1000 / ms;
}

async function perform(
  folder: string,
  { workers, isKilled }: (typeof MEASURES)[number],
): Promise<Found & { lost: number }> {
  const env = { WORKERS: workers };
  const service = await startService(folder, "deno", env);
  const warm = await load(service, WARM_UP);
  const found = await load(service, SECONDS);
  const known = warm.added + found.added;
  if (isKilled) await service.kill();
  await using running = isKilled ? await startService(folder, "deno", env) : service;
  // More may be stored: answers that were on their way when the time was over.
  return { ...found, lost: Math.max(0, known - await countOf(running)) };
}

/** Adds for some seconds. */
async function load(
  { origin, token }: Pick<RunningService, "origin" | "token">,
  seconds: number,
): Promise<Found> {
  const url = `${origin}/api/admin/jobs`;
  const { success, stdout, stderr } = await new Deno.Command("wrk", {
    args: ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout", "10s", "-s", SCRIPT, url],
    env: { ENQUEUE_TOKEN: token },
  }).output();
  if (!success) throw new Error(`Cannot add jobs: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "") as Found;
}

/** How many jobs there are. None has been deleted. */
async function countOf(service: RunningService): Promise<number> {
  const stats = await (await service.ask("/api/admin/jobs/stats")).json() as Record<string, number>;
  return JOB_STATUSES.reduce((sum, status) => sum + (stats[status] ?? 0), 0);
}

async function hasWrk(): Promise<boolean> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
