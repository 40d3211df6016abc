/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { formatDuration } from "../lib/format.ts";
import type { Run } from "../lib/job-life.ts";
import { Icon } from "./Icon.tsx";
import { Status } from "./Status.tsx";
import { Text } from "./Text.tsx";
import { Time } from "./Time.tsx";

/** One run of a job, to fold out: how it ended, its error with where that was thrown, and in `children` its log. */
export function Attempt({ run, now, isOpen, children }: {
  run: Run;
  now: number;
  isOpen: boolean;
  children: ComponentChildren;
}) {
  const { attempt, status, startedAt, endedAt, workerId, error } = run;
  const began = startedAt ?? endedAt;
  return (
    <details class="fold" open={isOpen} data-run={run.key}>
      <summary>
        <strong>{attempt === 0 ? "Before the first attempt" : `Attempt ${attempt}`}</strong>
        <span class="soft">
          {began !== null && <Time at={new Date(began).toISOString()} now={now} isBrief />}
          {workerId !== null && ` on ${workerId}`}
          {startedAt !== null &&
            `, ${endedAt === null ? "runs for" : "ran"} ${formatDuration((endedAt ?? now) - startedAt)}`}
        </span>
        <span class="end">
          {error === null ? <Status status={status} /> : (
            <span class="status" data-status={status}>
              <Icon name={status} />
              <Text>{error.name}</Text>
            </span>
          )}
        </span>
      </summary>
      <div class="body">
        {error !== null && <Trace error={error} />}
        {children}
      </div>
    </details>
  );
}

/** Frames of what others have written. */
const FOREIGN = /npm:|jsr:|node:|ext:|node_modules|\/backend\/lib\/|https?:\/\//;

/** A stack: its message and the frames in code of one's own stand out. */
export function Trace({ error: { name, message, stack } }: {
  error: Pick<NonNullable<Run["error"]>, "name" | "message" | "stack">;
}) {
  const lines = (stack ?? `${name}: ${message}`).split("\n");
  return (
    <pre class="well trace" tabIndex={0} role="region" aria-label="Stack">
      {lines.map((line, i) => {
        const text = i < lines.length - 1 ? `${line}\n` : line;
        const isFrame = /^\s+at /.test(line);
        return isFrame && FOREIGN.test(line) ? <Text key={i}>{text}</Text> : (
          <b key={i}><Text>{text}</Text></b>
        );
      })}
    </pre>
  );
}
