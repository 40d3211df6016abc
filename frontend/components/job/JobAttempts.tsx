/** @jsxImportSource preact */
import { formatCount } from "../../lib/format.ts";
import type { JobView, WholeJob } from "../../lib/job.ts";
import { queryWith } from "../../lib/job-address.ts";
import { linesOf, type Run, runsOf } from "../../lib/job-life.ts";
import type { JobLog } from "../../lib/job-log.ts";
import { isFinal } from "../../lib/job-status.ts";
import { Attempt } from "../Attempt.tsx";
import { Log } from "../Log.tsx";
import { LevelFilter, ofLevel } from "./LevelFilter.tsx";

/** The runs of a job that have ended, each with its error and its log, the last one first. */
export function JobAttempts({ job, log, view, now }: {
  job: WholeJob;
  log: JobLog;
  view: JobView;
  now: number;
}) {
  const runs = runsOf(job).filter(({ status }) => status !== "running");
  const isFirst = runs.length === 0 && job.status === "running"; // all there is to tell is told above
  const open = view.open ?? runs.slice(0, 1).map(({ key }) => key); // the last one, until somebody chooses
  if (isFirst && log.nextCursor === null) return null;
  return (
    <section class="panel" aria-labelledby="attempts">
      <header>
        <h2 id="attempts">Attempts</h2>
        <span class="soft">{job.attempt} of {job.maxAttempts}</span>
        {log.lines.length > 0 && job.status !== "running" && <LevelFilter view={view} />}
      </header>
      {runs.map((run) => (
        <Attempt key={run.key} run={run} now={now} isOpen={open.includes(run.key)}>
          <RunLog run={run} log={log} view={view} />
        </Attempt>
      ))}
      {runs.length === 0 && <p class="body soft">{isFinal(job.status) ? "It never ran." : "None so far."}</p>}
      <MoreLog log={log} view={view} />
    </section>
  );
}

function RunLog({ run, log, view }: { run: Run; log: JobLog; view: JobView }) {
  const lines = linesOf(run, log.lines);
  const shown = ofLevel(view.level, lines);
  if (shown.length > 0) return <Log lines={shown} label={`Log of attempt ${run.attempt}`} />;
  if (lines.length > 0) {
    return <p class="soft">Nothing of this level in {formatCount(lines.length)} lines.</p>;
  }
  return (
    <p class="soft">
      {log.nextCursor === null ? "It wrote nothing to its log." : "Its log comes further on."}
    </p>
  );
}

/** Leads to the pages of the log that have not been read. */
function MoreLog({ log: { nextCursor, lines }, view }: { log: JobLog; view: JobView }) {
  if (nextCursor === null && view.after === "") return null;
  return (
    <p class="body row soft">
      {formatCount(lines.length)} lines of the log are here.
      {nextCursor !== null && (
        <a class="link" href={queryWith(view.search, "log", [nextCursor])} aria-current="false">Read on</a>
      )}
      {view.after !== "" && (
        <a class="link" href={queryWith(view.search, "log", [])} aria-current="false">From the beginning</a>
      )}
    </p>
  );
}
