import type { InferRequestType, InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

export type ScheduleRow = InferResponseType<Api["schedules"]["$get"], 200>["data"][number];
export type Schedule = InferResponseType<Api["schedules"][":name"]["$get"], 200>;
export type ScheduleRun = Schedule["runs"][number];
export type Outcome = ScheduleRow["lastOutcomes"][number];
export type AuditEntry = InferResponseType<Api["audit"]["$get"], 200>["data"][number];
export type Preview = InferResponseType<Api["cron"]["preview"]["$post"], 200>;
export type ClockChange = Preview["clockChanges"][number];
export type PreviewQuestion = InferRequestType<Api["cron"]["preview"]["$post"]>["json"];

/** Which schedules the page shows, as its address says. */
export interface ScheduleFilter {
  q: string;
  state: ScheduleRow["state"] | null;
  cursor: string | null;
}

/** What the page of schedules shows. */
export interface SchedulesData {
  schedules: ScheduleRow[];
  nextCursor: string | null;
}

/** What the page of one schedule shows. */
export interface ScheduleData {
  schedule: Schedule;
  /** The next ten ticks. */
  next: string[];
  /** Where clocks leave out or repeat some of them. */
  clockChanges: ClockChange[];
  /** What people did to it, newest first. */
  audit: AuditEntry[];
  /** What is known of the jobs of its last runs, by id. */
  jobs: Record<string, RunDetails>;
}

/** What a job tells of a run. */
export interface RunDetails {
  /** How long it ran, in milliseconds; null: it has not ended, or never began. */
  took: number | null;
  /** What went wrong last. */
  error: string | null;
}

/** Why an expression cannot be explained. */
export interface Fault {
  /** The field of the form: "expression", "timezone", "name". */
  path: string;
  message: string;
  /** Of an expression: the part of it, where that begins, and what to write instead. */
  field?: string;
  column?: number;
  suggestion?: string | null;
}

/** What an expression means, or why nobody can tell. */
export type Explanation = { preview: Preview } | { fault: Fault };

export async function loadSchedules(api: Api, { q, state, cursor }: ScheduleFilter): Promise<SchedulesData> {
  const query = {
    ...(q === "" ? {} : { q }),
    ...(state === null ? {} : { state }),
    ...(cursor === null ? {} : { cursor }),
  };
  const { data, nextCursor } = await (await api.schedules.$get({ query })).json();
  return { schedules: data, nextCursor };
}

/** True of an event after which to read schedules anew, or the one of this name: jobs of others are not looked at. */
export function isOfSchedules(event: string, data: unknown, only?: string): boolean {
  const { id, name } = data as { id?: string; name?: string };
  if (event.startsWith("job.")) return id?.startsWith("schedule:") === true;
  return event.startsWith("schedule.") && (only === undefined || name === only);
}

/** The page of schedules with `filter`, and with a panel if `panel` says which: `{ edit: name }` or `{ new: "1" }`. */
export function addressOf(
  base: string,
  { q, state, cursor }: ScheduleFilter,
  panel: Record<string, string> = {},
): string {
  const query = new URLSearchParams({
    ...(q !== "" && { q }),
    ...(state !== null && { state }),
    ...(cursor !== null && { cursor }),
    ...panel,
  });
  const hash = Object.keys(panel).length === 0 ? "" : "#edit";
  return `${base}/admin/schedules${query.size === 0 ? "" : `?${query}`}${hash}`;
}

/** The page of one schedule. */
export function addressOfOne(base: string, name: string): string {
  return `${base}/admin/schedules/${encodeURIComponent(name)}`;
}
