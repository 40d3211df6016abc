/** @jsxImportSource preact */
import type { JobsData } from "../../lib/jobs.ts";
import type { JobsQuery } from "../../lib/jobs-query.ts";
import { useBase } from "../../lib/page-info.ts";
import { Empty } from "../Empty.tsx";

/** Stands where no job is shown: the filter is wrong, nothing matches, or there is nothing yet. */
export function NoJobs({ data: { list, around }, query }: { data: JobsData; query: JobsQuery }) {
  const base = useBase();
  const all = <a href={`${base}/admin/jobs`} aria-current="false">Show all jobs</a>;
  if (list.refusal !== null) {
    return (
      <section class="panel">
        <Empty icon="errors" title="This filter cannot be used">
          <p>{list.refusal}</p>
          <p>{all}</p>
        </Empty>
      </section>
    );
  }
  const isFiltered = query.conditions.length > 0 || query.page > 1;
  return (
    <section class="panel">
      {isFiltered
        ? (
          <Empty
            icon="search"
            title={list.nextCursor === null ? "No job matches" : "None of these jobs matches"}
          >
            <p>{all}</p>
          </Empty>
        )
        : (
          <Empty title="No jobs so far">
            <p>
              {around.able.length > 0 ? "Workers are ready. " : ""}A job shows up here as soon as it is added.
            </p>
          </Empty>
        )}
    </section>
  );
}
