/** A schedule as a form holds it: texts alone. */
import type { InferRequestType } from "hono/client";
import type { Api } from "./api.ts";
import type { Fault, PreviewQuestion, Schedule } from "./schedules.ts";

type NewSchedule = InferRequestType<Api["schedules"]["$post"]>["json"];
type ScheduleChanges = InferRequestType<Api["schedules"][":name"]["$patch"]>["json"];

/** What a form holds. Times are as fields for times have them, in the viewer's zone. */
export interface Draft {
  name: string;
  expression: string;
  timezone: string;
  dst: Schedule["dst"];
  missed: Schedule["missed"];
  missedLimit: string;
  overlap: Schedule["overlap"];
  jitter: string;
  startAt: string;
  endAt: string;
  maxRuns: string;
  type: string;
  data: string;
  options: string;
}

/** What a new schedule begins as. */
const EMPTY: Draft = {
  name: "",
  expression: "0 3 * * *",
  timezone: "UTC",
  dst: "vixie",
  missed: "once",
  missedLimit: "100",
  overlap: "skip",
  jitter: "0s",
  startAt: "",
  endAt: "",
  maxRuns: "",
  type: "",
  data: "{}",
  options: "{}",
};

/** What of a schedule a form begins with, null for a new one. `zone` is the viewer's. */
export function draftOf(schedule: Schedule | null, zone: string): Draft {
  if (schedule === null) return EMPTY;
  const { job } = schedule;
  return {
    name: schedule.name,
    expression: schedule.expression,
    timezone: schedule.timezone,
    dst: schedule.dst,
    missed: schedule.missed,
    missedLimit: String(schedule.missedLimit),
    overlap: schedule.overlap,
    jitter: schedule.jitter % 1000 === 0 ? `${schedule.jitter / 1000}s` : `${schedule.jitter}ms`,
    startAt: timeField(schedule.startAt, zone),
    endAt: timeField(schedule.endAt, zone),
    maxRuns: schedule.maxRuns === null ? "" : String(schedule.maxRuns),
    type: job?.type ?? "",
    data: job === null ? "{}" : JSON.stringify(job.data, null, 2),
    options: job === null ? "{}" : JSON.stringify(job.options, null, 2),
  };
}

/** True if what a schedule adds is for people to say: of one whose handler is in code it is not. */
export function hasJob(schedule: Schedule | null): boolean {
  return schedule === null || schedule.job !== null || schedule.code === null;
}

/** What to ask about the expression of a draft. */
export function questionOfDraft(
  { name, expression, timezone, dst }: Draft,
  schedule: Schedule | null,
): PreviewQuestion {
  return {
    expression,
    dst,
    ...(timezone.trim() === "" ? {} : { timezone: timezone.trim() }),
    ...(name === "" ? {} : { name }),
    ...(schedule === null ? {} : { anchor: schedule.createdAt }),
  };
}

/** The schedule that a draft says. @throws {DraftError} A field cannot be read. */
export function newSchedule(draft: Draft): NewSchedule {
  return { ...changes(draft, EMPTY), name: draft.name, expression: draft.expression, job: jobOf(draft) };
}

/** What `draft` changes of what it was `before`. @throws {DraftError} A field cannot be read. */
export function changes(draft: Draft, before: Draft): ScheduleChanges {
  const isNew = (field: keyof Draft) => draft[field] !== before[field];
  return {
    ...(isNew("expression") && { expression: draft.expression }),
    ...(isNew("timezone") && { timezone: draft.timezone.trim() }),
    ...(isNew("dst") && { dst: draft.dst }),
    ...(isNew("missed") && { missed: draft.missed }),
    ...(isNew("missedLimit") && { missedLimit: numberOf(draft, "missedLimit") }),
    ...(isNew("overlap") && { overlap: draft.overlap }),
    ...(isNew("jitter") && { jitter: draft.jitter.trim() }),
    ...(isNew("startAt") && { startAt: timeOf(draft.startAt) }),
    ...(isNew("endAt") && { endAt: timeOf(draft.endAt) }),
    ...(isNew("maxRuns") && { maxRuns: draft.maxRuns === "" ? null : numberOf(draft, "maxRuns") }),
    ...((isNew("type") || isNew("data") || isNew("options")) && { job: jobOf(draft) }),
  };
}

/** A field that cannot be sent as it is. */
export class DraftError extends Error {
  readonly fault: Fault;

  constructor(path: string, message: string) {
    super(message);
    this.fault = { path, message };
  }
}

function jobOf({ type, data, options }: Draft): NewSchedule["job"] {
  return {
    type: type.trim(),
    data: jsonOf(data, "job.data"),
    options: jsonOf(options.trim() === "" ? "{}" : options, "job.options") as NewSchedule["job"]["options"],
  };
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DraftError(path, `is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function numberOf(draft: Draft, field: "missedLimit" | "maxRuns"): number {
  const number = Number(draft[field]);
  if (draft[field].trim() === "" || Number.isNaN(number)) {
    throw new DraftError(field, "must be a whole number");
  }
  return number;
}

function timeOf(field: string): string | null {
  return field === "" ? null : new Date(field).toISOString();
}

/** As `<input type="datetime-local">` has it. */
function timeField(at: string | null, zone: string): string {
  if (at === null) return "";
  const options = { timeZone: zone, dateStyle: "short", timeStyle: "medium" } as const;
  return new Date(at).toLocaleString("sv", options).replace(" ", "T");
}
