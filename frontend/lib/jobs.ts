import type { InferRequestType, InferResponseType } from "hono/client";
import type { JobStatus, StatusCounts } from "../components/Status.tsx";
import { type Api, ApiError } from "./api.ts";
import type { Condition } from "./job-filter.ts";
import type { JobsQuery } from "./jobs-query.ts";
import { previewOf, visible } from "./preview.ts";

type ListedJob = InferResponseType<Api["jobs"]["$get"], 200>["data"][number];
type ListQuery = InferRequestType<Api["jobs"]["$get"]>["query"];
type Stats = InferResponseType<Api["jobs"]["stats"]["$get"], 200>;

/** What a row of the list shows of a job. Its data may be long: a row has the beginning alone. */
export interface JobRow {
  id: string;
  type: string;
  status: JobStatus;
  preview: string;
  queue: string;
  priority: number;
  attempt: number;
  maxAttempts: number;
  percent: number | null;
  progressAt: string | null;
  createdAt: string;
  updatedAt: string;
  scheduledAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  isStopping: boolean;
  workerId: string | null;
  error: { name: string; message: string; at: string; startedAt: string | null } | null;
}

/** One page of the list. */
export interface JobList {
  rows: JobRow[];
  nextCursor: string | null;
  /** How many jobs were looked at, if the page was not filled by then. */
  scanned: number | null;
  /** Tags of its jobs. */
  tags: string[];
  /** Why the filter cannot be used. */
  refusal: string | null;
}

/** What is known around the jobs, to say what they wait for. */
export interface Around {
  /** When this was so by the service's clock, epoch milliseconds. */
  at: number;
  paused: string[];
  /** Types that a worker runs now. */
  able: string[];
  counts: StatusCounts;
  /** How many jobs the filter matches; null if nobody has counted. */
  total: number | null;
  /** The most frequent ones, with how many jobs there are of each. */
  types: Named[];
  queues: Named[];
  /** Pending jobs by queue. */
  pending: Record<string, number>;
}

export type Named = readonly [name: string, count: number];

export interface JobsData {
  list: JobList;
  around: Around;
}

/** As many types and queues as are suggested. */
const MOST_NAMES = 100;

export async function loadJobs(api: Api, query: JobsQuery): Promise<JobsData> {
  const [list, around] = await Promise.all([loadList(api, query), loadAround(api, query.conditions)]);
  return { list, around };
}

export async function loadList(api: Api, { conditions, limit, cursor }: JobsQuery): Promise<JobList> {
  const query: Record<string, string | string[]> = { limit: String(limit) };
  if (cursor !== null) query.cursor = cursor;
  for (const { name, value } of conditions) {
    query[name] = name === "status" ? [...query.status ?? [], value] : value;
  }
  try {
    const { data, nextCursor, scanned = null } = await (await api.jobs.$get({ query: query as ListQuery }))
      .json();
    const tags = [...new Set(data.flatMap((job) => job.tags))].slice(0, MOST_NAMES);
    return { rows: data.map(rowOf), nextCursor, scanned, tags, refusal: null };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    return { rows: [], nextCursor: null, scanned: null, tags: [], refusal: error.message };
  }
}

export async function loadAround(api: Api, conditions: readonly Condition[]): Promise<Around> {
  const [stats, queues, workers] = await Promise.all([
    api.jobs.stats.$get({ query: {} }).then((answer) => answer.json()),
    api.queues.$get({ query: {} }).then((answer) => answer.json()),
    api.workers.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  const running = workers.data.filter(({ status }) => status === "running");
  const { pending, scheduled, running: now, retrying, completed, failed, cancelled } = stats;
  return {
    at: Date.parse(stats.lastHour.to),
    paused: queues.data.filter(({ paused }) => paused).map(({ name }) => name),
    able: [...new Set(running.flatMap(({ types }) => types))],
    counts: { pending, scheduled, running: now, retrying, completed, failed, cancelled },
    total: totalOf(stats, conditions),
    types: mostOf(stats.byType),
    queues: mostOf(stats.byQueue),
    pending: Object.fromEntries(queues.data.map(({ name, counts }) => [name, counts.pending])),
  };
}

export function rowOf(job: ListedJob): JobRow {
  const error = job.errors.at(-1);
  return {
    id: job.id,
    type: job.type,
    status: job.status,
    preview: job.omitted?.includes("data") ? "too long for a list" : previewOf(job.data),
    queue: job.queue,
    priority: job.priority,
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    percent: job.progress?.percent ?? null,
    progressAt: job.progress?.at ?? null,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    scheduledAt: job.scheduledAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    isStopping: job.cancelRequestedAt !== null && job.finishedAt === null,
    workerId: job.workerId ??
      (job.status === "failed" || job.status === "retrying" ? error?.workerId ?? null : null),
    error: error === undefined ? null : {
      name: visible(error.name, 60),
      message: visible(error.message),
      at: error.at,
      startedAt: error.startedAt ?? null,
    },
  };
}

function mostOf(record: Record<string, StatusCounts>): Named[] {
  return Object.entries(record).map(([name, counts]): Named => [name, sumOf(counts)])
    .sort(([, a], [, b]) => b - a).slice(0, MOST_NAMES);
}

/** Jobs of all statuses, or of some. */
export function sumOf(counts: StatusCounts, statuses = Object.keys(counts)): number {
  return statuses.reduce((sum, status) => sum + (counts[status as JobStatus] ?? 0), 0);
}

/** How many jobs there are, where that is kept: by status, and by type or queue. */
function totalOf(stats: Stats, conditions: readonly Condition[]): number | null {
  const of = (wanted: string) => conditions.filter(({ name }) => name === wanted).map(({ value }) => value);
  const [statuses, [type], [queue]] = [of("status"), of("type"), of("queue")];
  const isKept = conditions.every(({ name }) => ["status", "type", "queue"].includes(name));
  if (!isKept || (type !== undefined && queue !== undefined)) return null;
  const { pending, scheduled, running, retrying, completed, failed, cancelled } = stats;
  const all = { pending, scheduled, running, retrying, completed, failed, cancelled };
  const parts = type !== undefined
    ? Object.entries(stats.byType).filter(([name]) => name === type || name.startsWith(`${type}:`))
    : queue !== undefined
    ? Object.entries(stats.byQueue).filter(([name]) => name === queue)
    : [["", all] as const];
  const wanted = statuses.length > 0 ? statuses : undefined;
  return parts.reduce((sum, [, counts]) => sum + sumOf(counts, wanted), 0);
}
