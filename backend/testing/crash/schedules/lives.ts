import { SECOND } from "./plan.ts";

/** One process of a run, as far as it could fire schedules. Epoch milliseconds. */
export interface Life {
  /** It fired nothing before. */
  declaredAt: number;
  /** Its scheduler had started, and fired what was due then. Infinity: never. */
  schedulingAt: number;
  /** Just before it was killed, or asked to stop. */
  endedAt: number;
}

/**
 * Milliseconds within which a scheduler that runs must have fired a tick: one that is killed sooner may not have come to
 * it. Far more than it takes, since the machine is busy with the processes that start again. Those who want all their
 * ticks get no such allowance: the next process makes up for it.
 */
const LATEST = 1_500;
/** Milliseconds that a process may live on after the time noted of its kill. */
const LAST_BREATH = 500;
/** Milliseconds by which a tick may be older than the first process that could fire it, and count as late, not missed. */
const GRACE = 1_000;

/** Reads the life of a process that ended at `endedAt` from its journal; null: it was killed before it could fire. */
export function readLife(journal: string, endedAt: number): Life | null {
  const notes = new Map(
    journal.split("\n").slice(0, -1).map((line) => { // the last may be cut
      const [what = "", at = ""] = line.split(" ");
      return [what, Number(at)];
    }),
  );
  const declaredAt = notes.get("declared");
  if (declaredAt === undefined) return null;
  return { declaredAt, schedulingAt: notes.get("scheduling") ?? Infinity, endedAt };
}

/** True if some scheduler ran at `tick` and long enough after it: whatever the policy, the tick must have fired. */
export function mustFire(tick: number, lives: readonly Life[]): boolean {
  return lives.some(({ schedulingAt, endedAt }) => schedulingAt <= tick && tick + LATEST <= endedAt);
}

/** True if every process that lived at `tick` or later began long after it: the tick was missed. */
export function wasMissed(tick: number, lives: readonly Life[]): boolean {
  return lives.every(({ declaredAt, endedAt }) => endedAt + LAST_BREATH < tick || declaredAt > tick + GRACE);
}

/** The last full second that must have fired; -Infinity: none. */
export function lastToFire(lives: readonly Life[]): number {
  const lasts = lives.map(({ endedAt }) => Math.floor((endedAt - LATEST) / SECOND) * SECOND);
  return Math.max(-Infinity, ...lasts.filter((tick) => mustFire(tick, lives)));
}
