/** @jsxImportSource preact */
import type { ErrorsData, OpenCause } from "../lib/errors.ts";
import { formatCount, formatDuration, formatJobs } from "../lib/format.ts";
import { usePage } from "../lib/page-info.ts";
import { Trace } from "./Attempt.tsx";
import { Text } from "./Text.tsx";
import { Time } from "./Time.tsx";

/** The last failure of a cause, and what its failures have in common. */
export function Sample(
  { cause, release, now }: { cause: OpenCause; release: ErrorsData["release"]; now: number },
) {
  const { base } = usePage();
  const { name, type, count, jobs, fingerprint, firstAt, lastAt, isNew, workers } = cause;
  const { jobId, message, stack, workerId } = cause.sample;
  const named = workers.reduce((sum, worker) => sum + worker.count, 0);
  const list = new URLSearchParams([["status", "retrying"], ["status", "failed"], ["type", type], [
    "fingerprint",
    fingerprint,
  ]]);
  return (
    <section class="panel" id="sample" aria-labelledby="sample-title">
      <header>
        <h2 id="sample-title">
          <Text>{name}</Text>, latest of {formatCount(count)}
        </h2>
        <span class="soft">
          <Time at={lastAt} now={now} isBrief />
          {workerId !== null && ` on ${workerId}`}
        </span>
        <span class="row end">
          <a class="btn" href={`${base}/admin/jobs?${list}`} aria-current="false">Show its jobs</a>
          <a class="btn" href={`${base}/admin/jobs/${encodeURIComponent(jobId)}`} aria-current="false">
            Open job
          </a>
        </span>
      </header>
      <div class="body stack">
        <Trace error={{ name, message, ...(stack === null ? {} : { stack }) }} />
        <dl class="facts">
          <dt>Type</dt>
          <dd>
            <code>
              <Text>{type}</Text>
            </code>, {formatJobs(jobs)}
          </dd>
          {workers.length > 0 && (
            <>
              <dt>Workers</dt>
              <dd>
                {workers.map(({ id, count }) => `${id} (${formatCount(count)})`).join(", ")}
                {named < count && `, others (${formatCount(count - named)})`}
              </dd>
            </>
          )}
          <dt>First seen</dt>
          <dd>
            <Time at={firstAt} now={now} />
            {isNew && release !== null && (
              <>
                , {formatDuration(Date.parse(firstAt) - Date.parse(release.at))} after{" "}
                <Text>{release.version}</Text> was started
              </>
            )}
          </dd>
        </dl>
      </div>
    </section>
  );
}
