/** @jsxImportSource preact */
import { formatDuration } from "../../lib/format.ts";
import type { LogView, WholeJob } from "../../lib/job.ts";
import { stretchesOf } from "../../lib/job-life.ts";
import type { JobLog } from "../../lib/job-log.ts";
import { isFinal } from "../../lib/job-status.ts";
import { Timeline } from "../Timeline.tsx";
import { JobRunning } from "./JobRunning.tsx";

/** What changes most of a job that runs: what it does just now, and its states. */
export function JobRuns({ job, log, view, now }: {
  job: WholeJob;
  log: JobLog;
  view: LogView;
  now: number;
}) {
  const stretches = stretchesOf(job, now);
  const lived = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <>
      {job.status === "running" && <JobRunning job={job} log={log} view={view} now={now} />}
      <section class="panel" aria-labelledby="timeline">
        <header>
          <h2 id="timeline">Timeline</h2>
          <span class="soft end">
            {formatDuration(lived)}{" "}
            {isFinal(job.status) ? `from added to ${job.status}` : "since it was added"}
          </span>
        </header>
        <Timeline
          stretches={stretches}
          end={isFinal(job.status) && job.finishedAt !== null
            ? { status: job.status, at: job.finishedAt }
            : null}
          now={now}
        />
      </section>
    </>
  );
}
