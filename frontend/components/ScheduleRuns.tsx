/** @jsxImportSource preact */
import { formatDuration } from "../lib/format.ts";
import { usePage } from "../lib/page-info.ts";
import { describeRuns } from "../lib/schedule-words.ts";
import type { ScheduleData, ScheduleRun } from "../lib/schedules.ts";
import { DataTable } from "./DataTable.tsx";
import { Empty } from "./Empty.tsx";
import { Icon } from "./Icon.tsx";
import { Status } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** Each run with what became of it, a link to its job. */
export function ScheduleRuns(
  { runs, jobs, now }: { runs: readonly ScheduleRun[]; jobs: ScheduleData["jobs"]; now: number },
) {
  const { base } = usePage();
  return (
    <section class="panel" aria-labelledby="runs">
      <header>
        <h2 id="runs">Last runs</h2>
        {runs.length > 0 && <p class="soft end">{describeRuns(runs.map(({ outcome }) => outcome))}</p>}
      </header>
      {runs.length === 0
        ? (
          <Empty icon="schedules" title="No runs so far">
            <p>Its first run shows up here when it is due.</p>
          </Empty>
        )
        : (
          <DataTable label="Runs" kind="" columns={["Due", "Outcome", "Took", "Note"]} numbers={["Took"]}>
            {runs.map(({ dueAt, outcome, jobId, triggered }) => {
              const { took = null, error = null } = jobs[jobId ?? ""] ?? {};
              const due = <Time at={dueAt} now={now} />;
              return (
                <tr key={jobId ?? dueAt}>
                  <th scope="row" class="fit span8 plain">
                    {jobId === null || outcome === "removed" ? due : (
                      <a
                        class="link"
                        href={`${base}/admin/jobs/${encodeURIComponent(jobId)}`}
                        aria-current="false"
                      >
                        {due}
                      </a>
                    )}
                    {triggered && (
                      <>
                        {" "}
                        <span class="tag">by hand</span>
                      </>
                    )}
                  </th>
                  <td class="fit">
                    <Outcome outcome={outcome} />
                  </td>
                  <td class="num" data-label="Took">{took === null ? "–" : formatDuration(took)}</td>
                  <td class="grow cut span8 soft" title={error ?? undefined}>
                    {error ?? WHY[outcome] ?? ""}
                  </td>
                </tr>
              );
            })}
          </DataTable>
        )}
    </section>
  );
}

/** Why a run has no job. */
const WHY: Partial<Record<ScheduleRun["outcome"], string>> = {
  skipped: "the run before had not ended",
  missed: "nothing ran at that time",
  refused: "its job could not be made",
  removed: "its job is gone",
};

function Outcome({ outcome }: Pick<ScheduleRun, "outcome">) {
  switch (outcome) {
    case "missed":
    case "skipped":
    case "removed":
      return (
        <span class="status" data-status="cancelled">
          <Icon name="cancelled" />
          {outcome[0]?.toUpperCase() + outcome.slice(1)}
        </span>
      );
    case "refused":
      return (
        <span class="status" data-status="failed">
          <Icon name="failed" />Refused
        </span>
      );
    default:
      return <Status status={outcome} />;
  }
}
