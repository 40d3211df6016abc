import type { Clock } from "../../lib/clock.ts";
import type { Fleet } from "./fleet.ts";
import type { PlannedKill } from "./plan.ts";
import type { Progress } from "./progress.ts";

/** What a killer works with. */
export interface KillerOptions {
  jobs: number;
  kills: readonly PlannedKill[];
  fleet: Fleet;
  progress: Progress;
  clock: Clock;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Milliseconds to wait for a moment, and for a round's deliveries, before the kill comes anyway. */
const PATIENCE = 2_000;
/** Milliseconds between two looks. */
const PAUSE = 5;

/**
 * Kills processes of the fleet as planned and starts each again at once. Between two kills the run may add an
 * equal share of its jobs, so that there is work at every kill.
 */
export async function killAsPlanned(options: KillerOptions): Promise<void> {
  const { jobs, kills, fleet, progress, clock, signal } = options;
  for (const [i, kill] of kills.entries()) {
    const before = progress.delivered;
    progress.allowed = Math.ceil(jobs * (i + 1) / kills.length);
    const slot = kill.moment === "start"
      ? await starting(kill, fleet, clock)
      : await working(kill, before + kill.progress * (progress.allowed - before), options);
    if (signal.aborted) return;
    fleet.check();
    await fleet.kill(slot, kill.moment);
    void fleet.start(slot);
  }
  progress.allowed = jobs;
}

/** Waits until the process that was started last is in the middle of its start, or just over it. @returns Its slot. */
export async function starting(
  kill: Pick<PlannedKill, "after">,
  fleet: Fleet,
  clock: Clock,
): Promise<number> {
  const slot = fleet.youngestSlot;
  const age = clock.monotonic() - fleet.spawnedAt(slot);
  await clock.sleep(kill.after * fleet.startTime - age);
  return slot;
}

/** Waits until a process is at work and the planned moment has come. */
async function working(
  kill: PlannedKill,
  deliveries: number,
  { fleet, progress, clock, signal }: KillerOptions,
): Promise<number> {
  const start = clock.monotonic();
  const isEarly = () => progress.delivered < deliveries && clock.monotonic() - start < PATIENCE;
  while (!signal.aborted && (fleet.readySlots.length === 0 || isEarly())) {
    fleet.check();
    await clock.sleep(PAUSE);
  }
  await progress.reach(kill.moment, PATIENCE);
  await clock.sleep(kill.after);
  const ready = fleet.readySlots;
  return ready[kill.victim % ready.length] ?? fleet.youngestSlot;
}
