import type { InferResponseType } from "hono/client";
import { type Api, ApiError } from "./api.ts";
import type { Level } from "./job-log.ts";

/** A job as its page shows it: what is long in its data and result is cut. */
export type WholeJob = InferResponseType<Api["jobs"][":id"]["$get"], 200>;
export type LogLine = InferResponseType<Api["jobs"][":id"]["logs"]["$get"], 200>["data"][number];

/** How long half, 95 and 99 of a hundred jobs took; null: none ran. */
export type Percentiles = { p50: number; p95: number; p99: number } | null;

/** Failures of one cause. */
export interface SameFailures {
  /** How many jobs they hit. */
  jobs: number;
  firstAt: string;
}

/** What the page of a job keeps fresh. */
export interface JobData {
  /** null: there is none, or none any more. */
  job: WholeJob | null;
  /** Failures of the same cause; null: it has not failed, or nobody has looked that far. */
  same: SameFailures | null;
  /** When it was read, epoch milliseconds. */
  now: number;
}

/** What the page of a job knows of its address. */
export interface JobView {
  id: string;
  search: string;
  /** Paths of the jobs beside it in its list, behind where the dashboard is mounted; null at its ends. */
  previous: string | null;
  next: string | null;
  /** Its place in the list, counted from 1; null: it is not on that page of the list any more. */
  place: number | null;
  /** The least level of lines that are shown. */
  level: Level;
  /** Where the log begins; "": at its beginning. */
  after: string;
  /** Attempts that are folded out; null: nobody has chosen. */
  open: readonly string[] | null;
}

/** Reads a job. What `known` tells of the same state of it is not asked again. */
export async function loadJob(api: Api, id: string, now: number, known?: JobData): Promise<JobData> {
  const job = await orNull(api.jobs[":id"].$get({ param: { id }, query: { brief: "true", ahead: "true" } }));
  const isKnown = job?.updatedAt === known?.job?.updatedAt && job?.status === known?.job?.status;
  return { job, same: isKnown && known !== undefined ? known.same : await loadSame(api, job), now };
}

async function orNull(answer: Promise<{ json(): Promise<WholeJob> }>): Promise<WholeJob | null> {
  try {
    return await (await answer).json();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function loadSame(api: Api, job: WholeJob | null): Promise<SameFailures | null> {
  if (job?.status !== "failed" || job.fingerprint === null) return null;
  const { data } = await (await api.errors.$get({ query: { type: job.type, limit: "200" } })).json();
  const group = data.find(({ fingerprint }) => fingerprint === job.fingerprint);
  return group === undefined ? null : { jobs: group.jobs, firstAt: group.firstAt };
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
