/** @jsxImportSource preact */
import { formatCount, formatDuration } from "../lib/format.ts";
import { DST } from "../lib/schedule-times.ts";
import { MISSED, OVERLAP } from "../lib/schedule-words.ts";
import type { Schedule, ScheduleData } from "../lib/schedules.ts";
import { ClockNotes, Ticks } from "./Ticks.tsx";
import { Time } from "./Time.tsx";

/** When a schedule will run. */
export function NextTimes(
  { schedule, next, clockChanges, now }: Omit<ScheduleData, "audit" | "jobs"> & { now: number },
) {
  const { timezone, queued, state } = schedule;
  const days = { clockChanges, zone: timezone, now };
  return (
    <section class="panel" aria-labelledby="next">
      <header>
        <h2 id="next">{state === "disabled" ? "It would run" : "Next times"}</h2>
        <p class="soft end">{timezone}</p>
      </header>
      <div class="body stack">
        {queued.length > 0 && (
          <p>{formatCount(queued.length)} {queued.length === 1 ? "waits" : "wait"} for a run to end.</p>
        )}
        {next.length === 0 ? <p class="soft">None.</p> : <Ticks times={next} {...days} />}
        <ClockNotes {...days} />
      </div>
    </section>
  );
}

/** What else is set. */
export function ScheduleFacts({ schedule, now }: { schedule: Schedule; now: number }) {
  const { missed, missedLimit, overlap, dst, jitter, startAt, endAt, maxRuns, createdAt, createdBy } =
    schedule;
  return (
    <section class="panel" aria-labelledby="facts">
      <header>
        <h2 id="facts">Facts</h2>
      </header>
      <dl class="body facts">
        <dt>Missed while down</dt>
        <dd>{MISSED[missed]}{missed === "all" && `, at most ${formatCount(missedLimit)}`}</dd>
        <dt>Still running</dt>
        <dd>{OVERLAP[overlap]}</dd>
        <dt>Clock changes</dt>
        <dd>{DST[dst]}</dd>
        {jitter > 0 && (
          <>
            <dt>Later by up to</dt>
            <dd>{formatDuration(jitter)}</dd>
          </>
        )}
        {startAt !== null && (
          <>
            <dt>Not before</dt>
            <dd>
              <Time at={startAt} now={now} />
            </dd>
          </>
        )}
        {endAt !== null && (
          <>
            <dt>Not after</dt>
            <dd>
              <Time at={endAt} now={now} />
            </dd>
          </>
        )}
        {maxRuns !== null && (
          <>
            <dt>Runs at most</dt>
            <dd>{formatCount(maxRuns)}</dd>
          </>
        )}
        <dt>Made</dt>
        <dd>
          <Time at={createdAt} now={now} />{" "}
          {schedule.code !== null ? "by code" : createdBy !== null && `by ${createdBy}`}
        </dd>
      </dl>
    </section>
  );
}
