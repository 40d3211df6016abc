/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { Counts } from "../../components/Counts.tsx";
import type { StatusCounts } from "../../components/Status.tsx";
import { beginning, jobsPath, type JobsQuery } from "../../lib/jobs-query.ts";
import { pageLive } from "../../lib/live.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";

/** How many jobs have each status, as the service tells it: at most four times a second. */
export default function JobCounts({ initial, query }: { initial: StatusCounts; query: JobsQuery }) {
  const base = useBase();
  const counts = useSignal(initial);
  useEffect(() =>
    pageLive(base).listen({
      onEvent: (event, data) => {
        if (event === "stats") counts.value = data as StatusCounts;
      },
    }), []);

  const [first, ...others] = query.conditions;
  const isOfStatus = first?.name === "status" && others.length === 0;
  return (
    <Counts
      counts={counts.value}
      current={first === undefined ? null : isOfStatus ? first.value : ""}
      hrefOf={(value) => {
        const conditions = value === null ? [] : [{ name: "status", value }];
        return base + jobsPath(beginning(query, { conditions }));
      }}
    />
  );
}
