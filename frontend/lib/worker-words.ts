import { formatCount, formatDuration, formatJobs } from "./format.ts";
import { busySlots, isLive, type Worker } from "./workers.ts";

/** `24 of 29 slots busy on 5 live workers`. */
export function summaryOf(workers: readonly Worker[]): string {
  const live = workers.filter(isLive);
  const busy = live.reduce((sum, worker) => sum + busySlots(worker), 0);
  const all = live.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const on = `${formatCount(live.length)} live ${live.length === 1 ? "worker" : "workers"}`;
  return `${formatCount(busy)} of ${formatCount(all)} slots busy on ${on}`;
}

/** What became of the jobs that a dead worker held. */
export function heldBy({ jobs }: Worker): string {
  return jobs.length === 0 ? "its jobs were given back" : `${formatJobs(jobs.length)} to be given back`;
}

/** What became of dead workers, and what will. */
export function whatNext(dead: readonly Worker[], now: number): string {
  const last = Math.max(...dead.map(({ heartbeatAt }) => Date.parse(heartbeatAt)));
  const held = dead.reduce((sum, { jobs }) => sum + jobs.length, 0);
  const silence = `No heartbeat for ${formatDuration(Math.max(1000, now - last - (now - last) % 1000))}.`;
  const [its, it] = dead.length === 1 ? ["Its", "It stays"] : ["Their", "They stay"];
  return held === 0
    ? `${silence} ${its} jobs were given back and run elsewhere. ${it} listed until cleaned up or started again.`
    : `${silence} ${its} ${formatJobs(held)} ${held === 1 ? "goes" : "go"} back to pending within seconds; ` +
      "what had started counts as one attempt.";
}
