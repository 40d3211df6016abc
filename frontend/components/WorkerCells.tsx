/** @jsxImportSource preact */
import { formatCount, formatDuration, formatJobs } from "../lib/format.ts";
import { useBase } from "../lib/page-info.ts";
import { busySlots, type HeldJob, type Worker } from "../lib/workers.ts";
import { Text } from "./Text.tsx";

/** As many slots as are drawn one by one. */
const MOST_SLOTS = 20;
/** As many types as are named at once. */
const MOST_TYPES = 6;
/** An id that nobody has chosen tells nothing. */
const UUID = /^[\da-f-]{36}$/;

/** The slots of a live worker and, folded, the jobs in them. */
export function Slots({ worker, running, isOpen, now, onToggle }: {
  worker: Worker;
  /** Those of its jobs that are known by name. */
  running: readonly HeldJob[];
  isOpen: boolean;
  now: number;
  onToggle: (isOpen: boolean) => void;
}) {
  const base = useBase();
  const { id, jobs, concurrency } = worker;
  const busy = busySlots(worker);
  const waiting = jobs.length - busy;
  const others = jobs.length - running.length;
  const bar = (
    <span class="row flat">
      <SlotBar busy={busy} of={concurrency} />
      <span class="fit">
        {formatCount(busy)} / {formatCount(concurrency)}{" "}
        {waiting > 0 && <span class="soft">· {formatCount(waiting)} next</span>}
      </span>
    </span>
  );
  if (jobs.length === 0) return bar;
  return (
    <details
      class="held"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== isOpen) onToggle(currentTarget.open);
      }}
    >
      <summary aria-label={`${formatCount(busy)} of ${formatCount(concurrency)} slots of ${id} busy`}>
        {bar}
      </summary>
      <ul aria-label={`Jobs of ${id}`}>
        {running.map((job) => (
          <li key={job.id}>
            <a class="link" href={`${base}/admin/jobs/${encodeURIComponent(job.id)}`}>
              <Text>{job.type}</Text>
            </a>{" "}
            {!UUID.test(job.id) && <span class="soft mono cut">{job.id}</span>}{" "}
            <span class="soft fit">{stateOf(job, now)}</span>
          </li>
        ))}
        {others > 0 && (
          <li>
            <a class="link" href={`${base}/admin/jobs?status=running`}>
              {running.length === 0 ? formatJobs(others) : `${formatCount(others)} more`}
            </a>
          </li>
        )}
      </ul>
    </details>
  );
}

function stateOf({ startedAt, percent }: HeldJob, now: number): string {
  if (startedAt === null) return "next";
  const age = formatDuration(Math.max(0, now - Date.parse(startedAt)));
  return percent === null ? age : `${Math.floor(percent)} % · ${age}`;
}

/** A rectangle a slot, filled while it is busy; where there are too many, one bar. */
function SlotBar({ busy, of }: { busy: number; of: number }) {
  const label = `${formatCount(busy)} of ${formatCount(of)} slots busy`;
  if (of > MOST_SLOTS) return <progress class="slots-bar" value={busy} max={of} aria-label={label} />;
  return (
    <svg class="slotbar strata" width={of * 11} role="img" aria-label={label}>
      {Array.from({ length: of }, (_, i) => (
        <rect
          key={i}
          class={i < busy ? undefined : "free"}
          data-status={i < busy ? "running" : undefined}
          x={i * 11 + 0.5}
          y={1.5}
          width={8}
          height={11}
          rx={2}
        />
      ))}
    </svg>
  );
}

/** The types a worker runs: the first few, the rest folded. */
export function Types({ types }: { types: readonly string[] }) {
  if (types.length === 0) return <>none: it only adds jobs</>;
  const shown = types.slice(0, MOST_TYPES);
  const rest = types.slice(MOST_TYPES);
  return (
    <>
      <Names names={shown} />
      {rest.length > 0 && (
        <details class="rest">
          <summary class="link">and {formatCount(rest.length)} more</summary>
          <Names names={rest} />
        </details>
      )}
    </>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return <>{names.map((name, i) => [i > 0 && ", ", <Text key={name}>{name}</Text>])}</>;
}
