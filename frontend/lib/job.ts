import type { InferResponseType } from "hono/client";
import { type Api, ApiError } from "./api.ts";
import type { Level } from "./job-log.ts";

/** A job as its page shows it: what is long in its data and result is cut. */
export type WholeJob = InferResponseType<Api["jobs"][":id"]["$get"], 200>;
export type LogLine = InferResponseType<Api["jobs"][":id"]["logs"]["$get"], 200>["data"][number];

/** How long half, 95 and 99 of a hundred jobs took; null: none ran. */
export type Percentiles = { p50: number; p95: number; p99: number } | null;

/** What the page of a job keeps fresh. */
export interface JobData {
  /** As it was last seen. */
  job: WholeJob;
  /** It was removed since. */
  isGone: boolean;
  /** Something is asked of it that shows already: what the server rendered is older. */
  isAhead: boolean;
}

/** Which lines of a log are shown. */
export interface LogView {
  /** The query of the address, with its "?". */
  search: string;
  /** The least level of lines that are shown. */
  level: Level;
}

/** What the page of a job knows of its address. */
export interface JobView extends LogView {
  id: string;
  /** Paths of the jobs beside it in its list, behind where the dashboard is mounted; null at its ends. */
  previous: string | null;
  next: string | null;
  /** Its place in the list, counted from 1; null: it is not on that page of the list any more. */
  place: number | null;
  /** Where the log begins; "": at its beginning. */
  after: string;
  /** Attempts that are folded out; null: nobody has chosen. */
  open: readonly string[] | null;
}

/** Reads a job; null: there is none, or none any more. */
export async function loadJob(api: Api, id: string): Promise<WholeJob | null> {
  try {
    const query = { brief: "true", ahead: "true" } as const;
    return await (await api.jobs[":id"].$get({ param: { id }, query })).json();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** How long jobs of `type` waited and ran in the last hour. */
export async function loadTimes(api: Api, type: string): Promise<{ wait: Percentiles; run: Percentiles }> {
  const { lastHour: { byType } } = await (await api.jobs.stats.$get({ query: {} })).json();
  return (Object.hasOwn(byType, type) ? byType[type] : undefined) ?? { wait: null, run: null };
}

/** The attempts that are folded out, as the address says; null: nobody has chosen. */
export function openIn(params: URLSearchParams): string[] | null {
  return params.has("attempt") ? params.getAll("attempt") : null;
}
