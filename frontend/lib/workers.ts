import type { InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

export type Worker = InferResponseType<Api["workers"]["$get"], 200>["data"][number];

/** A job that a worker holds. */
export interface HeldJob {
  id: string;
  type: string;
  workerId: string | null;
  /** null: it waits for a free slot of its worker. */
  startedAt: string | null;
  percent: number | null;
}

/** What the page of workers shows. */
export interface WorkersData {
  /** The dead ones first. */
  workers: Worker[];
  /** The newest of those that run, not necessarily all. */
  running: HeldJob[];
  /** Types of jobs that are due while no live worker runs them, the most frequent ones first. */
  orphans: { type: string; pending: number }[];
}

/** As many running jobs as are told by name. */
const MOST_RUNNING = 100;

export async function loadWorkers(api: Api): Promise<WorkersData> {
  const [{ data: workers }, { data: running }, { byType }] = await Promise.all([
    api.workers.$get({ query: {} }).then((answer) => answer.json()),
    api.jobs.$get({ query: { status: "running", limit: String(MOST_RUNNING) } }).then((answer) =>
      answer.json()
    ),
    api.jobs.stats.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  const able = new Set(workers.filter(isLive).flatMap(({ types }) => types));
  return {
    workers: [...workers.filter((worker) => !isLive(worker)), ...workers.filter(isLive)],
    running: running.map(({ id, type, workerId, startedAt, progress }) => {
      return { id, type, workerId, startedAt, percent: progress?.percent ?? null };
    }),
    orphans: Object.entries(byType)
      .filter(([type, { pending }]) => pending > 0 && !able.has(type))
      .map(([type, { pending }]) => ({ type, pending }))
      .sort((a, b) => b.pending - a.pending),
  };
}

export function isLive({ status }: Worker): boolean {
  return status !== "dead";
}

/** How many of its slots are taken. A fast worker also holds jobs that wait for one: those are not counted. */
export function busySlots({ jobs, concurrency }: Worker): number {
  return Math.min(jobs.length, concurrency);
}

/** The version that most live workers have, so that others stand out; null: there are none. */
export function usualVersion(workers: readonly Worker[]): string | null {
  const counts = new Map<string, number>();
  for (const { version } of workers.filter(isLive)) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
