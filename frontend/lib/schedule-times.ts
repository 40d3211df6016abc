/** How ticks are written, on the clocks of their schedule. */
import { clockOf, format, yearUnless } from "./schedule-words.ts";

export const DST = { vixie: "Run once", skip: "Skip", both: "Both passes" } as const;

/** A tick, on the clocks of its schedule: "Fri, Mar 6, 02:30". */
export function formatTick(at: string, zone: string, now: number): string {
  const date = { ...yearUnless(at, now), weekday: "short", month: "short", day: "numeric" } as const;
  return `${format(at, zone, date)}, ${clockOf(at, zone)}`;
}

/** What clocks show ("2026-03-08T02:30:00"), as `formatTick` writes it. */
export function formatShown(shown: string, now: number): string {
  return formatTick(`${shown}Z`, "UTC", now);
}

/** The time of a day that clocks show: "02:30". */
export function clockShown(shown: string): string {
  return clockOf(`${shown}Z`, "UTC");
}
