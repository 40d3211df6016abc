/** What code says of a schedule that a person has changed. */
import { formatNear } from "./schedule-words.ts";
import type { Schedule } from "./schedules.ts";

/** What a person may have changed, in words. */
const CHANGEABLE = [
  ["timezone", "time zone"],
  ["dst", "clock changes"],
  ["missed", "missed"],
  ["missedLimit", "missed at most"],
  ["overlap", "still running"],
  ["jitter", "jitter"],
  ["startAt", "not before"],
  ["endAt", "not after"],
  ["maxRuns", "runs at most"],
] as const;

/** "Code says `0 2 * * *`. Changed by maria on Mar 2, 10:15." Empty of one that nobody has edited. */
export function whatCodeSays(schedule: Schedule, zone: string, now: number): string {
  const { code, edited } = schedule;
  if (code === null || edited === null) return "";
  const said = [
    ...(code.expression === schedule.expression ? [] : [code.expression]),
    ...CHANGEABLE.flatMap(([field, words]) => {
      return code[field] === schedule[field] ? [] : [`${words} ${code[field] ?? "none"}`];
    }),
    ...(JSON.stringify(code.job) === JSON.stringify(schedule.job) ? [] : ["another job"]),
  ];
  const by = edited.by === null ? "" : ` by ${edited.by}`;
  return `Code says ${said.join(", ") || "something else"}. Changed${by} ${
    formatWhen(edited.at, zone, now)
  }.`;
}

/** "at 14:35", "on Fri 08:30". */
function formatWhen(at: string, zone: string, now: number): string {
  const near = formatNear(at, zone, now);
  return near.includes(" ") ? `on ${near}` : `at ${near}`;
}
