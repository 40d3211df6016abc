import { formatCount, formatDuration } from "./format.ts";
import { formatTime } from "./format-time.ts";
import type { Around, JobRow } from "./jobs.ts";

/** What is to be said of a job now. */
export interface Now {
  text: string;
  tone?: "bad" | "warn";
  /** How far it is, of 100. */
  percent?: number;
  /** What the text is, where the row may not have room for it. */
  whole?: string;
}

/** What the column "Now" needs besides the job. */
export interface NowOptions {
  around: Around;
  zone: string;
  now: number;
  /** Its place among those that wait, from 1; null: nobody knows. */
  place: number | null;
}

/** Answers, for each status, what one would ask: how long still, why not yet, when again, what went wrong. */
export function nowOf(job: JobRow, options: NowOptions): Now {
  switch (job.status) {
    case "pending":
      return obstacleOf(job, options.around) ?? { text: lineOf(job, options) };
    case "scheduled":
      return { text: `in ${untilOf(job.scheduledAt, options.now)} · ${clockOf(job.scheduledAt, options)}` };
    case "retrying": {
      const again = `again in ${untilOf(job.scheduledAt, options.now)}`;
      return { text: job.error === null ? again : `${again} · ${job.error.name}` };
    }
    case "running":
      return progressOf(job, options.now);
    case "failed": {
      if (job.error === null) return { text: "" };
      const whole = `${job.error.name}: ${job.error.message}`;
      return { text: whole, tone: "bad", whole };
    }
    case "cancelled":
      if (job.startedAt === null) return { text: "before it ran" };
      return { text: job.percent === null ? "" : `at ${formatCount(job.percent)} %` };
    case "completed":
      return { text: "" };
  }
}

/** What keeps a job from running though it is due. */
function obstacleOf({ queue, type }: JobRow, { paused, able }: Around): Now | null {
  if (paused.includes(queue)) return { text: "Queue is paused", tone: "warn" };
  if (!able.includes(type)) return { text: "No worker for this type", tone: "warn" };
  return null;
}

function lineOf({ queue }: JobRow, { around, place }: NowOptions): string {
  if (place !== null) return place === 1 ? "next in line" : `${ordinal(place)} in line`;
  const others = (Object.hasOwn(around.pending, queue) ? around.pending[queue] ?? 1 : 1) - 1;
  return others > 0
    ? `in line with ${formatCount(others)} ${others === 1 ? "other" : "others"}`
    : "next in line";
}

function ordinal(place: number): string {
  const end = { one: "st", two: "nd", few: "rd" }[ordinals.select(place) as "one"] ?? "th";
  return formatCount(place) + end;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

function progressOf({ percent, progressAt, startedAt, isStopping }: JobRow, now: number): Now {
  const isThisRun = percent !== null && progressAt !== null && startedAt !== null && progressAt >= startedAt;
  if (!isThisRun) return { text: isStopping ? "stopping" : "" };
  const passed = Date.parse(progressAt) - Date.parse(startedAt);
  const left = percent <= 0 || percent >= 100
    ? 0
    : passed * (100 - percent) / percent - (now - Date.parse(progressAt));
  const rest = isStopping ? " · stopping" : left >= 1000 ? ` · ${formatDuration(left)} left` : "";
  return { percent, text: `${Math.floor(percent)} %${rest}` };
}

function untilOf(at: string, now: number): string {
  return formatDuration(Math.max(0, Math.ceil((Date.parse(at) - now) / 1000)) * 1000);
}

/** `18:30`, or `Jan 5, 18:30` on another day. */
function clockOf(at: string, { zone, now }: NowOptions): string {
  const [day, time = ""] = formatTime(at, zone, now).split(/, (?=\d\d:)/);
  const isToday = formatTime(now, zone, now).split(/, (?=\d\d:)/)[0] === day;
  return isToday ? time.slice(0, 5) : `${day}, ${time.slice(0, 5)}`;
}

/** How long the job has run, or did; null if it has not. */
export function durationOf({ status, startedAt, finishedAt, error }: JobRow, now: number): number | null {
  const hasFailed = (status === "failed" || status === "retrying") && error !== null;
  const start = Date.parse((hasFailed ? error.startedAt : null) ?? startedAt ?? "");
  if (status === "running") return Math.max(0, now - start);
  const end = Date.parse((hasFailed ? error.at : finishedAt) ?? "");
  return end >= start ? end - start : null;
}
