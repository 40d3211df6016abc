/** @jsxImportSource preact */
import { useBase } from "../../lib/page-info.ts";
import { Empty } from "../Empty.tsx";
import { PageHead } from "../PageHead.tsx";
import { Text } from "../Text.tsx";

/** Stands where a job is looked for that is none, or none any more. */
export function NoJob({ id, list, now }: { id: string; list: string; now: number }) {
  return (
    <>
      <PageHead title="No such job" now={now} />
      <section class="panel">
        <Empty icon="trash" level="h2" title="No job has this id">
          <p class="mono">
            <Text>{id.length > 200 ? `${id.slice(0, 200)}…` : id}</Text>
          </p>
          <p>
            It may have been removed, be older than finished jobs are kept, or the address is wrong.
          </p>
          <p>
            <a href={useBase() + list} aria-current="false">Go to the jobs</a>
          </p>
        </Empty>
      </section>
    </>
  );
}
