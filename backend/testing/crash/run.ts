import { type Clock, systemClock } from "../../lib/clock.ts";
import type { StatusCounts } from "../../lib/store.ts";
import { ADMIN_TOKEN, Fleet } from "./fleet.ts";
import type { StoredJob } from "./judge.ts";
import { everySoOften, stopGracefully, untilReady } from "./harness.ts";
import { killAsPlanned } from "./killer.ts";
import { type Evidence, type Ledger, makeLedger } from "./ledger.ts";
import { planKills } from "./plan.ts";
import { Producer } from "./producer.ts";
import { Progress } from "./progress.ts";
import { Random } from "./random.ts";
import { Sink } from "./sink.ts";

/** One run of the crash proof. */
export interface CrashOptions {
  jobs: number;
  kills: number;
  /** Processes on one store. */
  processes: number;
  /** The same seed plans the same jobs and kills; what they hit is up to the machine. */
  seed: number;
  /** An empty folder for the store. */
  folder: string;
  /** Called now and then with a line that says how far the run is. */
  onProgress?: (line: string) => void;
  clock?: Clock;
}

/** What came of a run. */
export interface CrashResult {
  ledger: Ledger;
  evidence: Evidence;
  /** Adds that were sent again because the first answer never came. */
  repeatedAdds: number;
  /** How long it took, milliseconds. */
  took: number;
}

/** Handlers each process runs at the same time. */
const CONCURRENCY = 20;
/** Callers that add jobs at the same time. */
const CALLERS = 4;
/** Milliseconds without any change after which the jobs that are left count as stuck. */
const STUCK_AFTER = 30_000;
/** Milliseconds between two looks at what is left. */
const DRAIN_INTERVAL = 100;
/** Of jobs that may still change. */
const UNFINISHED: readonly string[] = ["pending", "scheduled", "running", "retrying"];
/** The most jobs the API lists at once. */
const PAGE = 200;

/**
 * Adds jobs to real processes of the service, kills and restarts them, waits until all jobs have finished, and holds
 * what is stored against what was seen.
 *
 * @throws {Error} A process ended by itself, did not start, refused a good add, or did not stop when asked to.
 */
export async function runCrash(options: CrashOptions): Promise<CrashResult> {
  const { jobs, kills, processes, seed, folder, onProgress = () => {}, clock = systemClock } = options;
  const start = clock.monotonic();
  const progress = new Progress(clock);
  const over = new AbortController();
  await using sink = new Sink(clock, progress);
  const fleet = new Fleet({ processes, folder, concurrency: CONCURRENCY, clock });
  const producer = new Producer({
    jobs,
    clock,
    progress,
    sink,
    origins: () => fleet.origins,
    seed,
    signal: over.signal,
  });
  const reporting = everySoOften(clock, over.signal, () => {
    const { acknowledged, delivered } = progress;
    onProgress(
      `${fleet.kills.length} kills, ${acknowledged} jobs acknowledged, ${delivered} deliveries taken`,
    );
  });
  try {
    await fleet.startAll();
    const plan = planKills(kills, new Random(seed));
    await Promise.all([
      producer.run(CALLERS),
      killAsPlanned({ jobs, kills: plan, fleet, progress, clock, signal: over.signal }),
    ]);
    await untilReady(fleet, clock);
    const stored = await untilDrained(fleet, progress, clock);
    const evidence: Evidence = {
      acknowledged: producer.acknowledged,
      deliveries: sink.deliveries,
      kills: fleet.kills,
      stored,
      counted: await readCounts(fleet),
      concurrency: CONCURRENCY,
    };
    await stopGracefully(fleet);
    return {
      ledger: makeLedger(evidence),
      evidence,
      repeatedAdds: producer.repeated,
      took: clock.monotonic() - start,
    };
  } finally {
    over.abort();
    await reporting;
    await fleet.abandon();
  }
}

/**
 * Waits until every job has finished, or until nothing has changed for long: what is left then is stuck. Asks for the
 * jobs themselves, since what the store counts is under test.
 *
 * @returns All jobs. A list of those that are left may miss one that moves from one status to another meanwhile; what
 * has finished moves no more.
 */
async function untilDrained(fleet: Fleet, progress: Progress, clock: Clock): Promise<StoredJob[]> {
  const statuses = UNFINISHED.map((status) => `status=${status}`).join("&");
  let last = "";
  let changedAt = clock.monotonic();
  while (clock.monotonic() - changedAt < STUCK_AFTER) {
    fleet.check();
    const { data } = await read<Page>(fleet, `jobs?limit=${PAGE}&${statuses}`);
    if (data.length === 0) {
      const stored = await readJobs(fleet);
      if (!stored.some(({ status }) => UNFINISHED.includes(status))) return stored;
    }
    const state = JSON.stringify([progress.delivered, data.map(({ id, status }) => [id, status])]);
    if (state !== last) changedAt = clock.monotonic();
    last = state;
    await clock.sleep(DRAIN_INTERVAL);
  }
  return await readJobs(fleet);
}

async function readCounts(fleet: Fleet): Promise<Evidence["counted"]> {
  const { pending, scheduled, running, retrying, completed, failed, cancelled } = await read<StatusCounts>(
    fleet,
    "jobs/stats",
  );
  return { completed, failed, unfinished: pending + scheduled + running + retrying + cancelled };
}

/** A page of `GET /api/admin/jobs`. */
interface Page {
  data: StoredJob[];
  nextCursor: string | null;
}

async function readJobs(fleet: Fleet): Promise<StoredJob[]> {
  const jobs: StoredJob[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: Page = await read(fleet, `jobs?limit=${PAGE}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    for (const { id, status, attempt, maxAttempts, deaths, errors } of page.data) {
      jobs.push({ id, status, attempt, maxAttempts, deaths, errors });
    }
    cursor = page.nextCursor;
  }
  return jobs;
}

/** Reads from the API. That the answer has the form `T` is held by the API's own tests. */
async function read<T>(fleet: Fleet, path: string): Promise<T> {
  const [origin] = fleet.origins;
  const response = await fetch(`${origin}/api/admin/${path}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
