/** @jsxImportSource preact */
import { formatCount } from "../../lib/format.ts";
import type { LogView, WholeJob } from "../../lib/job.ts";
import { linesOf, runsOf } from "../../lib/job-life.ts";
import { type JobLog, knownOf } from "../../lib/job-log.ts";
import { Log } from "../Log.tsx";
import { Text } from "../Text.tsx";
import { Time, Until } from "../Time.tsx";
import { LevelFilter, ofLevel } from "./LevelFilter.tsx";

/** How far a running job is, and what it writes just now. */
export function JobRunning({ job, log, view, now }: {
  job: WholeJob;
  log: JobLog;
  view: LogView;
  now: number;
}) {
  const [run] = runsOf(job);
  const lines = run === undefined ? log.lines : linesOf(run, log.lines);
  const { progress, estimatedFinishAt } = job;
  const isOfRun = progress !== null && job.startedAt !== null && progress.at >= job.startedAt;
  return (
    <section class="panel" aria-labelledby="running">
      <header>
        <h2 id="running">Running</h2>
        <span class="soft">attempt {job.attempt} of {job.maxAttempts}</span>
        <LevelFilter view={view} />
      </header>
      <div class="body stack">
        {isOfRun && (
          <div>
            <p class="row gap">
              <strong>{formatCount(progress.percent)} %</strong>
              {progress.note !== null && (
                <span class="soft">
                  <Text>{progress.note}</Text>
                </span>
              )}
              {estimatedFinishAt !== null && (
                <span class="soft end">
                  ends about <Time at={estimatedFinishAt} now={now} isBrief />, in{" "}
                  <Until at={estimatedFinishAt} now={now} />
                </span>
              )}
            </p>
            <progress max={100} value={progress.percent} aria-label={`Progress of ${job.type}`} />
          </div>
        )}
        <Log
          lines={ofLevel(view.level, lines)}
          label="Live log"
          growth={{
            known: log.known,
            next: knownOf(job, view.level, log.end),
            nothing: view.level === "debug" ? "Nothing in its log so far." : "Nothing of this level so far.",
          }}
        />
        <button class="btn bare follow" type="button" data-step="follow">Follow the end</button>
      </div>
    </section>
  );
}
