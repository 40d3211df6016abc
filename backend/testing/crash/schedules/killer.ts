import type { Clock } from "../../../lib/clock.ts";
import type { Fleet } from "../fleet.ts";
import { starting } from "../killer.ts";
import { type PlannedBlow, SECOND } from "./plan.ts";

/** What a killer works with. */
export interface KillerOptions {
  blows: readonly PlannedBlow[];
  fleet: Fleet;
  clock: Clock;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Milliseconds between two looks whether a process is at work. */
const PAUSE = 5;

/** Kills processes of the fleet as planned, at their times or as soon as one is at work, and starts each again. */
export async function strike({ blows, fleet, clock, signal }: KillerOptions): Promise<void> {
  const began = clock.monotonic();
  for (const blow of blows) {
    await clock.sleep(began + blow.at - clock.monotonic(), signal);
    const slots = blow.aim === "start"
      ? [await starting(blow, fleet, clock)]
      : await working(blow, { fleet, clock, signal });
    if (signal.aborted) return;
    fleet.check();
    await Promise.all(slots.map((slot) => fleet.kill(slot, blow.aim)));
    if (blow.aim === "outage") await clock.sleep(blow.after, signal);
    for (const slot of slots) void fleet.start(slot);
  }
}

/** Waits until a process is at work and the planned moment has come. @returns The slots to kill. */
async function working(
  { aim, after, victim }: PlannedBlow,
  { fleet, clock, signal }: Omit<KillerOptions, "blows">,
): Promise<number[]> {
  const wait = async () => {
    while (!signal.aborted && fleet.readySlots.length === 0) {
      fleet.check();
      await clock.sleep(PAUSE);
    }
  };
  await wait();
  if (aim === "outage") return fleet.slots;
  if (aim === "tick") await clock.sleep(SECOND - clock.now() % SECOND + after, signal);
  await wait();
  const ready = fleet.readySlots;
  return [ready[victim % ready.length] ?? fleet.youngestSlot];
}
