/** @jsxImportSource preact */
import { formatCount, formatDuration } from "../../lib/format.ts";
import type { LogLine, WholeJob } from "../../lib/job.ts";
import { linesOf, runsOf } from "../../lib/job-life.ts";
import { Log } from "../Log.tsx";
import { Text } from "../Text.tsx";
import { Time } from "../Time.tsx";
import { type LevelChoice, LevelFilter } from "./LevelFilter.tsx";

/** How far a running job is, and what it writes just now. */
export function JobRunning({ job, lines, level, now }: {
  job: WholeJob;
  lines: readonly LogLine[];
  level: LevelChoice;
  now: number;
}) {
  const [run] = runsOf(job);
  const shown = level.filter(run === undefined ? lines : linesOf(run, lines));
  const { progress, estimatedFinishAt } = job;
  const isOfRun = progress !== null && job.startedAt !== null && progress.at >= job.startedAt;
  return (
    <section class="panel" aria-labelledby="running">
      <header>
        <h2 id="running">Running</h2>
        <span class="soft">attempt {job.attempt} of {job.maxAttempts}</span>
        <LevelFilter level={level} />
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
                  {formatDuration(Date.parse(estimatedFinishAt) - now)}
                </span>
              )}
            </p>
            <progress max={100} value={progress.percent} aria-label={`Progress of ${job.type}`} />
          </div>
        )}
        {shown.length === 0
          ? (
            <p class="soft">
              {lines.length === 0 ? "Nothing in its log so far." : "Nothing of this level so far."}
            </p>
          )
          : <Log lines={shown} label="Live log" isFollowed />}
      </div>
    </section>
  );
}
