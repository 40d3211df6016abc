import type { Api } from "./api.ts";
import type { LogLine, WholeJob } from "./job.ts";

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = typeof LEVELS[number];

/** The least level that an address asks for. */
export function levelIn(params: URLSearchParams): Level {
  return LEVELS.find((level) => level === params.get("level")) ?? "debug";
}

/** A place in a log: so many lines behind where a page of the API begins. "" is the beginning. */
export interface LogPlace {
  after: string;
  lines: number;
}

/** A part of the log of a job. */
export interface JobLog {
  lines: readonly LogLine[];
  /** Where the lines go on that have not been read; null: all are here. */
  nextCursor: string | null;
  end: LogPlace;
  /** What the reader has, of which this is the rest; undefined: nothing. */
  known?: string;
}

/** Reads a log from `place` on, at most `pages` of the API. */
export async function loadLog(api: Api, id: string, place: LogPlace, pages: number): Promise<JobLog> {
  const lines: LogLine[] = [];
  let [after, skip] = [place.after, place.lines];
  for (let page = 0; page < pages; page++) {
    const query = { limit: "200", ...(after === "" ? {} : { after }) };
    const { data, nextCursor } = await (await api.jobs[":id"].logs.$get({ param: { id }, query })).json();
    lines.push(...data.slice(skip));
    if (nextCursor === null) return { lines, nextCursor, end: { after, lines: data.length } };
    [after, skip] = [nextCursor, 0];
  }
  return { lines, nextCursor: after, end: { after, lines: 0 } };
}

/** Says which lines a reader has of the log of a running job, so that it is sent others only. */
export function knownOf({ startedAt }: WholeJob, level: Level, { after, lines }: LogPlace): string {
  return `${startedAt} ${level} ${after} ${lines}`; // no blank at its end: it travels in a header
}

/** Where the lines end that `known` says; null: of this run and level, nothing is known. */
export function placeOf(known: string, { startedAt, status }: WholeJob, level: Level): LogPlace | null {
  const [run, of, after = "", lines = ""] = known.split(" ");
  const isOfRun = status === "running" && run === startedAt && of === level && /^\d+$/.test(lines);
  return isOfRun ? { after, lines: Number(lines) } : null;
}
