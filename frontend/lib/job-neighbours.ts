import type { Api } from "./api.ts";
import type { JobView } from "./job.ts";
import { loadList } from "./jobs.ts";
import { jobPath, type JobsQuery, newerPage, olderPage } from "./jobs-query.ts";

export type Neighbours = Pick<JobView, "previous" | "next" | "place">;

/** Finds a job in the page of the list that `query` tells. */
export async function loadNeighbours(api: Api, id: string, query: JobsQuery): Promise<Neighbours> {
  const { rows, nextCursor } = await loadList(api, query);
  const index = rows.findIndex((row) => row.id === id);
  if (index < 0) return { previous: null, next: null, place: null };
  const at = async (i: number): Promise<string | null> => {
    const row = rows[i];
    if (row !== undefined) return jobPath(row.id, query);
    const other = i > 0
      ? nextCursor === null ? null : olderPage(query, nextCursor)
      : query.newer.length === 0
      ? null
      : newerPage(query);
    if (other === null) return null;
    const ids = (await loadList(api, other)).rows.map((row) => row.id);
    const beside = ids.at(i > 0 ? 0 : -1);
    return beside === undefined ? null : jobPath(beside, other);
  };
  const [previous, next] = await Promise.all([at(index - 1), at(index + 1)]);
  return { previous, next, place: (query.page - 1) * query.limit + index + 1 };
}
