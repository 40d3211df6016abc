/** @jsxImportSource preact */
import type { Api } from "../../lib/api.ts";
import { formatDuration } from "../../lib/format.ts";
import type { JobView, WholeJob } from "../../lib/job.ts";
import { stretchesOf } from "../../lib/job-life.ts";
import { loadLog, type LogPage, useLog } from "../../lib/job-log.ts";
import { isFinal } from "../../lib/job-status.ts";
import { pageLive } from "../../lib/live.ts";
import { usePage } from "../../lib/page-info.ts";
import { Timeline } from "../Timeline.tsx";
import { JobAttempts } from "./JobAttempts.tsx";
import { JobRunning } from "./JobRunning.tsx";
import { useLevel } from "./LevelFilter.tsx";

/** The life of a job: what it does just now, its states, and its runs with errors and logs. */
export function JobRuns({ api, job, log, view, now }: {
  api: Api;
  job: WholeJob;
  log: LogPage;
  view: JobView;
  now: number;
}) {
  const { base } = usePage();
  const isRunning = job.status === "running";
  const lines = useLog(log, {
    load: (after) => loadLog(api, job.id, after),
    isFollowed: isRunning,
    isPaused: () => pageLive(base).isPaused.value,
    version: `${job.status} ${job.updatedAt}`,
  });
  const level = useLevel(view);
  const stretches = stretchesOf(job, now);
  const lived = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <>
      {isRunning && <JobRunning job={job} lines={lines.lines} level={level} now={now} />}
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
      <JobAttempts job={job} log={lines} level={level} view={view} now={now} />
    </>
  );
}
