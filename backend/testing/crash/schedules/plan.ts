import type { MissedPolicy } from "../../../lib/schedule/definition.ts";
import type { Random } from "../random.ts";

/** One schedule of a run. */
export interface PlannedSchedule {
  name: string;
  missed: MissedPolicy;
}

/** When the schedules of a run are due, and how far apart that is, in milliseconds. */
export const EXPRESSION = "* * * * * *";
export const SECOND = 1_000;

/** Most must not miss a tick; the others may, and must not make up for what they missed. */
const POLICIES: readonly MissedPolicy[] = ["all", "all", "all", "once", "skip"];

/** Makes `count` schedules; the same in every process. */
export function planSchedules(count: number): PlannedSchedule[] {
  return Array.from({ length: count }, (_, n) => {
    const missed = POLICIES[n % POLICIES.length] ?? "all";
    return { name: `${missed}-${n}`, missed };
  });
}

/** What a kill is aimed at. */
export type Aim = "tick" | "start" | "any" | "outage";

/** The aims, and how a report calls them. */
export const AIMS: Record<Aim, string> = {
  tick: "ticks", // the schedules are due, or were just now
  start: "starts", // the process is in the middle of its start, or just over it
  any: "anything",
  outage: "all processes at once", // so that ticks are missed
};

/** One blow as planned. What happens in the process then is up to the machine. */
export interface PlannedBlow {
  aim: Aim;
  /** Milliseconds after the beginning; it may come later. */
  at: number;
  /** Milliseconds after the full second; of a start, a part of the time that it takes; how long an outage lasts. */
  after: number;
  /** Draws the victim. */
  victim: number;
}

/** Makes `count` blows within `ms` milliseconds. */
export function planBlows(count: number, ms: number, random: Random): PlannedBlow[] {
  return Array.from({ length: count }, () => random.next() * ms).sort((a, b) => a - b).map((at) => {
    const aim = random.pick<Aim>(["tick", "tick", "tick", "start", "start", "any", "any", "outage"]);
    return { aim, at, after: delayOf(aim, random), victim: random.between(0, 1_000_000) };
  });
}

function delayOf(aim: Aim, random: Random): number {
  switch (aim) {
    case "tick":
      return random.next() ** 2 * 150;
    case "start":
      return 0.4 + random.next() * 0.8;
    case "any":
      return 0;
    case "outage":
      return 1_000 + random.next() * 4_000;
  }
}
