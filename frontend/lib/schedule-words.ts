/** How schedules are put into words. */
import { formatDuration } from "./format.ts";
import type { Outcome, ScheduleRow } from "./schedules.ts";

export const MISSED = { once: "Run once", skip: "Skip", all: "Run all" } as const;

export const OVERLAP = {
  skip: "Skip this run",
  allow: "Allow both",
  queue: "Queue",
  "cancel-previous": "Cancel previous",
} as const;

/** Milliseconds after which a run that has not come is late: it takes a moment until a page hears of one. */
const LATE = 10_000;

/** What is wrong, without where it is: that stands beside it. */
export function reasonIn(message: string): string {
  return message.replace(/^Cannot parse [^:]* of ".*?": /, "").replace(/; write .*$/, "");
}

/** How runs ended, in a sentence: "Last 20 runs: 18 good, 2 failed". `outcomes` come newest first. */
export function describeRuns(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "No runs so far";
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const word = outcome === "completed" ? "good" : outcome;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
  return `${outcomes.length === 1 ? "The last run" : `Last ${outcomes.length} runs`}: ${words}`;
}

/** A schedule's expression in words, without the zone. */
export function wordsOf({ description }: Pick<ScheduleRow, "description">): string {
  return description.replace(/ \([^()]*\)$/, "");
}

/** Why no run will come: "off", "ended", "broken"; null of one that is active. */
export function whyNone({ state }: Pick<ScheduleRow, "state">): string | null {
  return state === "active" ? null : state === "disabled" ? "off" : state;
}

/** How far a moment is from `now`: "in 2 min", "3 h ago", "now". */
export function formatFromNow(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  if (Math.abs(ms) < 1000) return "now";
  const seconds = Math.floor(Math.abs(ms) / 1000) * 1000;
  return ms > 0 ? `in ${formatDuration(seconds)}` : `${formatDuration(seconds)} ago`;
}

/** How far the next run is, also one that should have come: "in 2 min", "now", "overdue by 4 min". */
export function formatDue(at: string, now: number): string {
  const late = now - Date.parse(at);
  if (late < 0) return formatFromNow(at, now);
  return late < LATE ? "now" : `overdue by ${formatDuration(Math.floor(late / 1000) * 1000)}`;
}

/** A moment near `now`, as short as it is clear: "14:35", "Fri 08:30", "Mar 31, 09:00". */
export function formatNear(at: string, zone: string, now: number): string {
  const days = Math.abs(Date.parse(at) - now) / 86_400_000;
  const day = (time: string | number) => format(time, zone, { dateStyle: "short" });
  const time = clockOf(at, zone);
  if (days < 1 && day(at) === day(now)) return time;
  if (days < 6) return `${format(at, zone, { weekday: "short" })} ${time}`;
  return `${format(at, zone, { ...yearUnless(at, now), month: "short", day: "numeric" })}, ${time}`;
}

/** The time of a day: "02:30". */
export function clockOf(at: string, zone: string): string {
  const hasSeconds = new Date(at).getUTCSeconds() > 0;
  const seconds = hasSeconds ? { second: "2-digit" } as const : {};
  return format(at, zone, { hour: "2-digit", minute: "2-digit", ...seconds, hourCycle: "h23" });
}

/** The option of a format that shows the year where it is not that of `now`. */
export function yearUnless(at: string, now: number): { year?: "numeric" } {
  return new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear() ? {} : { year: "numeric" };
}

/** A zone that this browser does not know is shown as UTC: it may be older than the service. */
export function format(at: string | number, zone: string, options: Intl.DateTimeFormatOptions): string {
  try {
    return new Date(at).toLocaleString("en", { ...options, timeZone: zone });
  } catch {
    return `${new Date(at).toLocaleString("en", { ...options, timeZone: "UTC" })} UTC`;
  }
}
