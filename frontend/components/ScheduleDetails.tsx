/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";
import type { Schedule, ScheduleData } from "../lib/schedules.ts";
import { Json } from "./Json.tsx";
import { NextTimes, ScheduleFacts } from "./ScheduleFacts.tsx";
import { ScheduleHistory } from "./ScheduleHistory.tsx";
import { ScheduleRuns } from "./ScheduleRuns.tsx";

/** What there is to read about a schedule. Rendered by the server alone: the page asks for it again. */
export function ScheduleDetails({ data, isNarrow, now }: {
  data: ScheduleData;
  /** There is something else beside it. */
  isNarrow: boolean;
  now: number;
}) {
  const { schedule, jobs, next, clockChanges } = data;
  return (
    <div class={isNarrow ? "stack" : "two aside"} data-fresh="schedule">
      <div class="stack">
        <ScheduleRuns runs={schedule.runs} jobs={jobs} now={now} />
        <ScheduleHistory data={data} now={now} />
      </div>
      <div class="stack">
        <NextTimes schedule={schedule} next={next} now={now} clockChanges={clockChanges} />
        <ScheduleFacts schedule={schedule} now={now} />
        <AddedJob schedule={schedule} />
      </div>
    </div>
  );
}

/** The job that each run adds. */
function AddedJob({ schedule: { name, type, job } }: { schedule: Schedule }) {
  const { base } = usePage();
  const href = `${base}/api/admin/schedules/${encodeURIComponent(name)}`;
  return (
    <section class="panel" aria-labelledby="job">
      <header>
        <h2 id="job">Job</h2>
        <a
          class="mono end"
          href={`${base}/admin/jobs?type=${encodeURIComponent(type)}`}
          aria-current="false"
        >
          {type}
        </a>
      </header>
      <div class="body stack">
        {job === null ? <p class="soft">Its handler is in code.</p> : (
          <>
            <Json value={job.data} label="Data" href={href} />
            {Object.keys(job.options).length > 0 && <Json value={job.options} label="Options" href={href} />}
          </>
        )}
      </div>
    </section>
  );
}
