import type { InferRequestType, InferResponseType } from "hono/client";
import { type JobStatus, STATUSES } from "../components/Status.tsx";
import type { Api } from "./api.ts";
import { formatCount, formatJobs } from "./format.ts";
import type { Condition } from "./job-filter.ts";
import type { JobRow } from "./jobs.ts";

type BulkInput = InferRequestType<Api["jobs"]["bulk"]["$post"]>["json"];
type WholeJob = InferResponseType<Api["jobs"][":id"]["$get"], 200>;
export type BulkAction = BulkInput["action"];

const FINISHED = ["completed", "failed", "cancelled"] as const;

/** Which jobs each action is offered for, and how that is said. */
export const BULK = {
  retry: { statuses: ["failed"], verb: "Retry", which: "failed", doing: "Retrying", done: "Retried" },
  cancel: {
    statuses: STATUSES.filter((status) => !(FINISHED as readonly JobStatus[]).includes(status)),
    verb: "Cancel",
    which: "unfinished",
    doing: "Cancelling",
    done: "Cancelled",
  },
  remove: { statuses: FINISHED, verb: "Remove", which: "finished", doing: "Removing", done: "Removed" },
} as const satisfies Record<BulkAction, { statuses: readonly JobStatus[] } & Record<string, unknown>>;

export const BULK_ACTIONS: readonly BulkAction[] = ["retry", "cancel", "remove"];

/** How many jobs an action is for. */
export interface BulkCount {
  matched: number;
  /** False: at least so many. */
  complete: boolean;
}

export type BulkCounts = Record<BulkAction, BulkCount>;

/** `41`, or `10,000+` where counting was ended. */
export function formatBulkCount({ matched, complete }: BulkCount): string {
  return formatCount(matched) + (complete ? "" : "+");
}

/** How many of `rows` each action is for. */
export function countRows(rows: readonly JobRow[]): BulkCounts {
  const count = (action: BulkAction): BulkCount => {
    return { matched: rows.filter((row) => isFor(action, row)).length, complete: true };
  };
  return { retry: count("retry"), cancel: count("cancel"), remove: count("remove") };
}

export function isFor(action: BulkAction, { status }: JobRow): boolean {
  return (BULK[action].statuses as readonly JobStatus[]).includes(status);
}

/** Asks how many jobs that meet `conditions` each action is for. */
export async function countMatching(api: Api, conditions: readonly Condition[]): Promise<BulkCounts> {
  const count = async (action: BulkAction): Promise<BulkCount> => {
    const filter = filterFor(action, conditions);
    if (filter === null) return { matched: 0, complete: true };
    const answer = await (await api.jobs.bulk.$post({ json: { action, filter, dryRun: true } })).json();
    return "matched" in answer ? answer : { matched: 0, complete: false };
  };
  const [retry, cancel, remove] = await Promise.all([count("retry"), count("cancel"), count("remove")]);
  return { retry, cancel, remove };
}

/** Begins a bulk job. @returns Its id. */
export async function startBulk(api: Api, json: BulkInput): Promise<string> {
  const answer = await (await api.jobs.bulk.$post({ json })).json();
  if (!("id" in answer)) throw new Error("Cannot begin: the service only counted");
  return answer.id;
}

/** The filter that `conditions` are for an action; null if they leave it nothing. */
export function filterFor(action: BulkAction, conditions: readonly Condition[]): BulkInput["filter"] | null {
  const wanted = conditions.filter(({ name }) => name === "status").map(({ value }) => value);
  const status = BULK[action].statuses.filter((one) => wanted.length === 0 || wanted.includes(one));
  if (status.length === 0) return null;
  const others = conditions.filter(({ name }) => name !== "status");
  const data = others.filter(({ name }) => name.startsWith("data."))
    .map(({ name, value }) => [name.slice("data.".length), value]);
  const named = others.filter(({ name }) => !name.startsWith("data.")).map((
    { name, value },
  ) => [name, value]);
  return {
    status,
    ...Object.fromEntries(named),
    ...(data.length > 0 && { data: Object.fromEntries(data) }),
  };
}

/** What a bulk job that has ended did, in words. */
export function resultText(action: BulkAction, { result }: Pick<WholeJob, "result">): string {
  const { changed = 0, skipped = 0, failed = 0 } = (result ?? {}) as Record<string, number>;
  const rest = [
    skipped > 0 ? `${formatCount(skipped)} had changed meanwhile` : "",
    failed > 0 ? `${formatCount(failed)} could not: another job has their unique key` : "",
  ].filter((part) => part !== "");
  return [`${BULK[action].done} ${formatJobs(changed)}`, ...rest].join("; ");
}

const UNITS = { h: 3_600_000, d: 86_400_000 } as const;

/** Counts the finished jobs that a clean-up would remove. `olderThan` is like "1h" or "7d". */
export async function countFinished(
  api: Api,
  { olderThan, statuses }: { olderThan: string; statuses: readonly (typeof FINISHED)[number][] },
  signal: AbortSignal,
): Promise<BulkCount> {
  if (statuses.length === 0) return { matched: 0, complete: true };
  const age = parseInt(olderThan) * UNITS[olderThan.slice(-1) as keyof typeof UNITS];
  const filter = { status: [...statuses], finishedBefore: new Date(Date.now() - age).toISOString() };
  const json = { action: "remove", filter, dryRun: true } as const;
  const answer = await (await api.jobs.bulk.$post({ json }, { init: { signal } })).json();
  return "matched" in answer ? answer : { matched: 0, complete: false };
}
