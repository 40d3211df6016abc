import { type Clock, systemClock } from "../../../lib/clock.ts";
import { Fleet, type Kill } from "../fleet.ts";
import { everySoOften, stopGracefully, untilReady } from "../harness.ts";
import { Random } from "../random.ts";
import { finish } from "./finish.ts";
import { strike } from "./killer.ts";
import { makeTickLedger, type TickEvidence, type TickLedger } from "./ledger.ts";
import { type Life, readLife } from "./lives.ts";
import { planBlows, planSchedules } from "./plan.ts";

/** One run of the proof that each tick fires once. */
export interface TickRunOptions {
  /** Each is due every second. */
  schedules: number;
  /** How long they fire, at least. */
  seconds: number;
  /** Blows; one that is aimed at all processes kills each of them. */
  kills: number;
  /** Processes on one store. */
  processes: number;
  /** The same seed plans the same kills; what they hit is up to the machine. */
  seed: number;
  /** An empty folder for the store. */
  folder: string;
  /** Called now and then with a line that says how far the run is. */
  onProgress?: (line: string) => void;
  clock?: Clock;
}

/** What came of a run. */
export interface TickRunResult {
  ledger: TickLedger;
  evidence: TickEvidence;
  kills: readonly Kill[];
  /** How long it took, milliseconds. */
  took: number;
}

/** Handlers each process runs at the same time. */
const CONCURRENCY = 20;
/** Attempts that no job uses up, however often its process is killed. */
const PLENTY = "1000";
/** Milliseconds between two looks whether all schedulers have started. */
const LOOK_INTERVAL = 20;

const PROBE = new URL("./probe.ts", import.meta.url);

/**
 * Has real processes of the service fire schedules that are due every second, kills and restarts them, runs what is
 * left, and holds what is stored against what the clock says.
 *
 * @throws {Error} A process ended by itself, did not start, or did not stop when asked to.
 */
export async function runSchedules(options: TickRunOptions): Promise<TickRunResult> {
  const { seconds, kills, processes, seed, folder, onProgress = () => {}, clock = systemClock } = options;
  const start = clock.monotonic();
  const over = new AbortController();
  const probe = new URL(PROBE);
  probe.searchParams.set("schedules", String(options.schedules));
  const env = { JOB_QUEUE_MAX_ATTEMPTS: PLENTY };
  const fleet = new Fleet({ processes, folder, concurrency: CONCURRENCY, probe, env, clock });
  const reporting = everySoOften(clock, over.signal, () => {
    onProgress(`${Math.round((clock.monotonic() - start) / 1_000)} s, ${fleet.kills.length} kills`);
  });
  try {
    await fleet.startAll();
    const blows = planBlows(kills, seconds * 1_000, new Random(seed));
    await Promise.all([
      strike({ blows, fleet, clock, signal: over.signal }),
      clock.sleep(seconds * 1_000, over.signal),
    ]);
    await untilReady(fleet, clock);
    await untilScheduling(fleet, clock);
    const stoppedAt = clock.now();
    await stopGracefully(fleet);
    const schedules = planSchedules(options.schedules);
    const lives = await livesOf(fleet, stoppedAt);
    const evidence = { schedules, lives, ...await finish(`kv:${folder}/jobs.db`, schedules, clock) };
    return {
      ledger: makeTickLedger(evidence),
      evidence,
      kills: fleet.kills,
      took: clock.monotonic() - start,
    };
  } finally {
    over.abort();
    await reporting;
    await fleet.abandon();
  }
}

/** What every process did, those that were killed and those that were stopped at the end. */
async function livesOf(fleet: Fleet, stoppedAt: number): Promise<Life[]> {
  const killedAt = new Map(fleet.kills.map(({ process, at }) => [process, at]));
  const lives = await Promise.all(
    fleet.processes.map(async (process) =>
      readLife(await fleet.journalOf(process), killedAt.get(process) ?? stoppedAt)
    ),
  );
  return lives.filter((life) => life !== null);
}

/** A process is ready before its scheduler has fired what is due. */
async function untilScheduling(fleet: Fleet, clock: Clock): Promise<void> {
  const killed = new Set(fleet.kills.map(({ process }) => process));
  for (const process of fleet.processes) {
    if (killed.has(process)) continue;
    while (!(await fleet.journalOf(process)).includes("scheduling")) {
      fleet.check();
      await clock.sleep(LOOK_INTERVAL);
    }
  }
}
