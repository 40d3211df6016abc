import type { Clock } from "../lib/clock.ts";
import type { Queue } from "../lib/queue.ts";
import type { Random } from "../testing/crash/random.ts";
import { arrivals } from "./arrivals.ts";

/** Milliseconds between two moments at which jobs are added. */
const PAUSE = { least: 500, most: 3500 };

/** Adds jobs as they come to a small shop, about one a second, until `signal` aborts. */
export async function runTraffic(
  queue: Queue,
  { clock, random, signal }: { clock: Clock; random: Random; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await queue.addMany(arrivals(random));
    await clock.sleep(random.between(PAUSE.least, PAUSE.most), signal);
  }
}
