/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { formatDuration } from "../../lib/format.ts";
import type { Percentiles, WholeJob } from "../../lib/job.ts";
import { useBase } from "../../lib/page-info.ts";
import { Text } from "../Text.tsx";
import { Time } from "../Time.tsx";

interface JobFactsProps {
  job: WholeJob;
  times: { wait: Percentiles; run: Percentiles };
  now: number;
}

/** What is known of a job besides its life and data. */
export function JobFacts(props: JobFactsProps) {
  return (
    <section class="panel" aria-labelledby="facts">
      <header>
        <h2 id="facts">Facts</h2>
      </header>
      <FactList {...props} />
    </section>
  );
}

function FactList({ job, times, now }: JobFactsProps) {
  const base = useBase();
  const list = (name: string, value: string) => (
    <a
      class="link"
      href={`${base}/admin/jobs?${new URLSearchParams({ [name]: value })}`}
      aria-current="false"
    >
      <Text>{value}</Text>
    </a>
  );
  const started = job.startedAt === null ? null : Date.parse(job.startedAt);
  const ended = Date.parse(job.finishedAt ?? job.errors.at(-1)?.at ?? "");
  const due = Math.max(Date.parse(job.scheduledAt), Date.parse(job.createdAt));
  const waits = job.status === "pending" ? now : started;
  const runs = job.status === "running" ? now : ended;
  const workerId = job.workerId ?? job.errors.at(-1)?.workerId ?? null;
  const [, trace] = /^\w\w-(\w{32})-/.exec(job.traceContext ?? "") ?? [];
  const keptUntil = job.finishedAt !== null && job.keepFor !== null
    ? new Date(Date.parse(job.finishedAt) + job.keepFor)
    : null;
  return (
    <dl class="body facts">
      <Fact name="Id" isMono>{job.id}</Fact>
      <Fact name="Type">{list("type", job.type)}</Fact>
      <Fact name="Queue">{list("queue", job.queue)}</Fact>
      <Fact name="Priority">{job.priority}</Fact>
      <Fact name="Attempts">{job.attempt} of {job.maxAttempts}</Fact>
      {job.deaths > 0 && <Fact name="Deaths">{job.deaths} of the processes that ran it</Fact>}
      {job.tags.length > 0 && (
        <Fact name="Tags">
          <span class="row">
            {job.tags.map((tag) => (
              <a
                key={tag}
                class="tag"
                href={`${base}/admin/jobs?${new URLSearchParams({ tag })}`}
                aria-current="false"
              >
                <Text>{tag}</Text>
              </a>
            ))}
          </span>
        </Fact>
      )}
      <Fact name="Added">
        <Time at={job.createdAt} now={now} isBrief />
        {job.createdBy !== null && (
          <>
            {" by "}
            <Author by={job.createdBy} />
          </>
        )}
      </Fact>
      {job.scheduledAt !== job.createdAt && (
        <Fact name="Due">
          <Time at={job.scheduledAt} now={now} isBrief />
        </Fact>
      )}
      {waits !== null && waits >= due && (
        <Fact name={job.status === "pending" ? "Waits for" : "Waited"}>
          {formatDuration(waits - due)}
          <Beside of={times.wait} />
        </Fact>
      )}
      {started !== null && runs >= started && (
        <Fact name={job.status === "running" ? "Runs for" : "Ran"}>
          {formatDuration(runs - started)}
          <Beside of={times.run} />
        </Fact>
      )}
      {job.timeout !== null && (
        <Fact name="Time limit">{job.timeout === 0 ? "none" : formatDuration(job.timeout)} an attempt</Fact>
      )}
      {workerId !== null && (
        <Fact name="Worker">
          <a class="link" href={`${base}/admin/workers`} aria-current="false">{workerId}</a>
        </Fact>
      )}
      {job.expiresAt !== null && (
        <Fact name="Expires">
          <Time at={job.expiresAt} now={now} isBrief /> unless it starts before
        </Fact>
      )}
      {keptUntil !== null && (
        <Fact name="Kept until">
          <Time at={keptUntil.toISOString()} now={now} isBrief />
        </Fact>
      )}
      {job.unique !== null && (
        <Fact name="Unique key" isMono>
          <Text>{job.unique.key}</Text>
        </Fact>
      )}
      {job.retryOf !== null && (
        <Fact name="Repeats" isMono>
          <a class="link" href={`${base}/admin/jobs/${encodeURIComponent(job.retryOf)}`}>{job.retryOf}</a>
        </Fact>
      )}
      {trace !== undefined && <Fact name="Trace" isMono>{trace}</Fact>}
    </dl>
  );
}

function Fact({ name, isMono = false, children }: {
  name: string;
  isMono?: boolean;
  children: ComponentChildren;
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd class={isMono ? "mono" : undefined}>{children}</dd>
    </>
  );
}

/** Who added it: a schedule has a page. */
function Author({ by }: { by: string }) {
  const base = useBase();
  const [, schedule] = /^schedule:(.+)/s.exec(by) ?? [];
  if (schedule === undefined) {
    return (
      <span class="mono">
        <Text>{by}</Text>
      </span>
    );
  }
  return (
    <>
      schedule{" "}
      <a class="link" href={`${base}/admin/schedules/${encodeURIComponent(schedule)}`} aria-current="false">
        <Text>{schedule}</Text>
      </a>
    </>
  );
}

/** How long others of its type took. */
function Beside({ of }: { of: Percentiles }) {
  if (of === null) return null;
  return <span class="soft">{` (p95 of this type ${formatDuration(of.p95)})`}</span>;
}
