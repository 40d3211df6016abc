import { type Condition, filterIn, filterQuery, parseFilter } from "./job-filter.ts";

export const PAGE_SIZES = [15, 50, 200] as const;

/** What else stands in the address, about the charts: it stays as it is. */
const KEPT = ["range", "times", "chart"] as const;

/** As many pages as one can go back one by one. */
const MOST_BACK = 8;

/** Which page of which list: all of it stands in the address. */
export interface JobsQuery {
  conditions: Condition[];
  limit: number;
  /** Where the page begins; null: at the beginning. */
  cursor: string | null;
  /** Counted from 1. */
  page: number;
  /** Where the pages before begin, the nearest one last; "" is the beginning. */
  newer: string[];
  /** How the charts are shown, as the address says it. */
  kept: Record<string, string>;
}

/** Reads an address. What it does not say, or says wrongly, is as usual. */
export function queryIn(params: URLSearchParams): JobsQuery {
  const limit = Number(params.get("limit"));
  const cursor = params.get("cursor") || null;
  const page = Number(params.get("page"));
  const newer = params.get("newer");
  const kept = KEPT.flatMap((name) => params.has(name) ? [[name, params.get(name) ?? ""]] : []);
  return {
    conditions: filterIn(params),
    kept: Object.fromEntries(kept),
    limit: PAGE_SIZES.find((size) => size === limit) ?? PAGE_SIZES[0],
    cursor,
    page: cursor !== null && Number.isSafeInteger(page) && page > 1 ? page : 1,
    newer: cursor === null || newer === null ? [] : newer.split(".").slice(-MOST_BACK),
  };
}

/** The address of the list, behind where the dashboard is mounted. */
export function jobsPath({ conditions, limit, cursor, page, newer, kept }: JobsQuery): string {
  const query = filterQuery(conditions, {
    ...kept,
    ...(limit !== PAGE_SIZES[0] && { limit: String(limit) }),
    ...(cursor !== null && { cursor, page: String(page), newer: newer.slice(-MOST_BACK).join(".") }),
  });
  return query === "" ? "/admin/jobs" : `/admin/jobs?${query}`;
}

/** The address of a job's page that knows the list it was opened from. */
export function jobPath(id: string, query: JobsQuery): string {
  return jobsPath(query).replace("/admin/jobs", `/admin/jobs/${encodeURIComponent(id)}`);
}

/** The same list from its beginning, with other conditions or another size. */
export function beginning(
  query: JobsQuery,
  changes: Partial<Pick<JobsQuery, "conditions" | "limit" | "kept">>,
): JobsQuery {
  return { ...query, ...changes, cursor: null, page: 1, newer: [] };
}

/** The page behind this one, which begins at `cursor`. */
export function olderPage(query: JobsQuery, cursor: string): JobsQuery {
  return { ...query, cursor, page: query.page + 1, newer: [...query.newer, query.cursor ?? ""] };
}

/** The page before this one; the first one, if nobody knows where that began. */
export function newerPage(query: JobsQuery): JobsQuery {
  const cursor = query.newer.at(-1) || null;
  if (cursor === null) return beginning(query, {});
  return { ...query, cursor, page: query.page - 1, newer: query.newer.slice(0, -1) };
}

/**
 * Where the list stands that the filter's form asks for; null if `params` are no form's.
 *
 * What was typed comes as `filter` besides the conditions that stood there already, and takes their text's place.
 */
export function typedPath(params: URLSearchParams): string | null {
  const typed = params.get("filter");
  if (typed === null) return null;
  const before = filterIn(params).filter(({ name }) => name !== "q");
  const together = new URLSearchParams(filterQuery([...before, ...parseFilter(typed)]));
  return jobsPath({ ...beginning(queryIn(params), { conditions: filterIn(together) }) });
}

/** True where jobs stand by their age alone, the newest first: none of them moves, whatever becomes of it. */
export function isByAge({ conditions }: JobsQuery): boolean {
  return !conditions.some(({ name }) => ["status", "type", "tag"].includes(name));
}

/**
 * The place in line of the job at `index` of the page, from 1; null where the list is no line. That of pending jobs is,
 * of all queues or of one: they stand in the order in which they will be claimed.
 */
export function placeOf({ conditions, page, limit }: JobsQuery, index: number): number | null {
  const isPending = ({ name, value }: Condition) => name === "status" && value === "pending";
  const isLine = conditions.some(isPending) &&
    conditions.every((one) => isPending(one) || one.name === "queue");
  return isLine ? (page - 1) * limit + index + 1 : null;
}
