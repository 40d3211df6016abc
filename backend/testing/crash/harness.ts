import type { Clock } from "../../lib/clock.ts";
import type { Fleet } from "./fleet.ts";

/** Milliseconds between two lines of progress. */
const REPORT_INTERVAL = 5_000;
/** Milliseconds between two looks at whether all processes are ready. */
const READY_INTERVAL = 100;

/** Calls `act` every few seconds until `signal` aborts. */
export async function everySoOften(clock: Clock, signal: AbortSignal, act: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(REPORT_INTERVAL, signal);
    if (!signal.aborted) act();
  }
}

/** Resolves once the process of every slot is ready. @throws {Error} One ended by itself. */
export async function untilReady(fleet: Fleet, clock: Clock): Promise<void> {
  while (!fleet.allReady) {
    fleet.check();
    await clock.sleep(READY_INTERVAL);
  }
}

/** Stops every process. @throws {Error} One did not stop gracefully. */
export async function stopGracefully(fleet: Fleet): Promise<void> {
  const codes = await fleet.stop();
  if (codes.some((code) => code !== 0)) {
    throw new Error(`Processes did not stop gracefully, they ended with ${codes.join(", ")}`);
  }
}
