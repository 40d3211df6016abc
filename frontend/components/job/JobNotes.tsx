/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { formatCount, formatJobs, formatUtc } from "../../lib/format.ts";
import type { WholeJob } from "../../lib/job.ts";
import { useBase, usePage } from "../../lib/page-info.ts";
import type { SameFailures } from "../../lib/same-failures.ts";
import { Note } from "../Note.tsx";
import { PausedBy } from "../PausedBy.tsx";
import { Text } from "../Text.tsx";
import { Time, Until } from "../Time.tsx";

/** What a button does that the server renders. */
export type JobStep = "run" | "resume" | "priority" | "follow";

type Reason = WholeJob["waitsFor"][number];

interface NoteProps {
  job: WholeJob;
  now: number;
}

/**
 * The answer to "what now": why a job waits, failed or was cancelled. Nothing while all goes well. Its buttons have
 * `data-step`, and no listeners of their own.
 */
export function JobNotes({ job, same, now }: NoteProps & {
  /** Failures of the same cause, where they are known. */
  same: SameFailures | null;
}) {
  if (job.status === "failed") return <FailedNote job={job} same={same} now={now} />;
  if (job.status === "cancelled") return <CancelledNote job={job} now={now} />;
  return (
    <>
      {job.waitsFor.map((reason) => <WaitNote key={reason.reason} reason={reason} job={job} now={now} />)}
    </>
  );
}

/** What is shown once the job is not there any more. */
export function GoneNote() {
  return (
    <Note status="cancelled" icon="trash" title="This job was removed">
      Somebody removed it, or it was older than finished jobs are kept.
    </Note>
  );
}

function FailedNote({ job, same, now }: NoteProps & { same: SameFailures | null }) {
  const base = useBase();
  const error = job.errors.at(-1);
  const query = new URLSearchParams({ type: job.type, open: job.fingerprint ?? "" });
  const errors = `${base}/admin/errors?${query}`;
  const others = same !== null && same.jobs > 1 ? same : null;
  const left = job.attempt < job.maxAttempts
    ? `It is not tried again, though ${job.attempt} of ${job.maxAttempts} attempts were made.`
    : `No attempts left after ${job.attempt}.`;
  return (
    <Note
      status="failed"
      icon="failed"
      title={error === undefined ? "It failed" : <Text>{`${error.name}: ${error.message}`}</Text>}
      action={error && (
        <a class="btn" href={errors} aria-current="false">
          {others === null ? "See it in Errors" : `See all ${formatCount(others.jobs)}`}
        </a>
      )}
    >
      {left}
      {others && (
        <>
          {" "}The same error hit{" "}
          <a href={errors} aria-current="false">{formatJobs(others.jobs)}</a>, first at{" "}
          <Time at={others.firstAt} now={now} isBrief />.
        </>
      )}
    </Note>
  );
}

function CancelledNote({ job, now }: NoteProps) {
  const error = job.errors.at(-1);
  const isWhy = error !== undefined && error.at === job.finishedAt;
  return (
    <Note
      status="cancelled"
      icon="cancelled"
      title={isWhy ? <Text>{`${error.name}: ${error.message}`}</Text> : "It was cancelled"}
    >
      {job.startedAt === null ? "Before it ran" : "While it ran, or between two attempts"}
      {job.finishedAt !== null && (
        <>
          , <Time at={job.finishedAt} now={now} isBrief />
        </>
      )}.
    </Note>
  );
}

function WaitNote({ reason, job, now }: NoteProps & { reason: Reason }) {
  const { base, role } = usePage();
  const button = (text: ComponentChildren, step: JobStep) =>
    role === "admin" ? <button class="btn" type="button" data-step={step}>{text}</button> : null;
  switch (reason.reason) {
    case "due_time":
    case "retry_time": {
      const isRetry = reason.reason === "retry_time";
      return (
        <Note
          status={isRetry ? "retrying" : "scheduled"}
          icon={isRetry ? "retrying" : "scheduled"}
          title={
            <>
              {isRetry ? "Next attempt at" : "Scheduled for"} <Time at={job.scheduledAt} now={now} isBrief />
            </>
          }
          action={button("Run now", "run")}
        >
          In <Until at={job.scheduledAt} now={now} />, {formatUtc(job.scheduledAt)}
          <WhyRetry job={job} isRetry={isRetry} />
        </Note>
      );
    }
    case "queue_paused":
      return (
        <Note
          status="warn"
          icon="pause"
          title={
            <>
              Queue <Text>{job.queue}</Text> is paused
            </>
          }
          action={button(
            <span class="cut">
              Resume <Text>{job.queue}</Text>
            </span>,
            "resume",
          )}
        >
          <PausedBy pause={reason.pause ?? null} now={now} />
          None of its jobs starts until somebody resumes it; new ones are accepted.
        </Note>
      );
    case "no_worker":
      return (
        <Note
          status="warn"
          icon="workers"
          title={
            <>
              No worker for <Text>{job.type}</Text>
            </>
          }
          action={<a class="btn" href={`${base}/admin/workers`} aria-current="false">Workers</a>}
        >
          None of the workers that run now handles this type.
        </Note>
      );
    default:
      return <LineNote reason={reason} action={button("Priority…", "priority")} />;
  }
}

function WhyRetry({ job, isRetry }: { job: WholeJob; isRetry: boolean }) {
  const error = job.errors.at(-1);
  if (!isRetry || error === undefined) return <>.</>;
  return (
    <>
      . Attempt {job.attempt} of {job.maxAttempts} failed: <Text>{`${error.name}: ${error.message}`}</Text>
    </>
  );
}

function LineNote({ reason, action }: { reason: Reason; action: ComponentChildren }) {
  const { ahead } = reason;
  const isBusy = reason.reason === "busy_workers";
  const isBehind = ahead !== undefined && ahead.jobs > 0;
  const behind = isBehind ? `Behind ${ahead.isMore ? "more than " : ""}${formatJobs(ahead.jobs)}` : null;
  const title = behind ?? (isBusy ? "All workers that handle it are busy" : "It starts in a moment");
  return (
    <Note status="pending" icon="pending" title={title} action={isBehind ? action : null}>
      {isBusy
        ? "All workers that handle it are busy: it starts when one of them is free"
        : "A worker will claim it in its turn"}
      {isBehind ? ". A higher priority passes others of its queue." : "."}
    </Note>
  );
}
