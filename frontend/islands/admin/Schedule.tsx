/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { Json } from "../../components/Json.tsx";
import { Note } from "../../components/Note.tsx";
import { NextTimes, ScheduleFacts } from "../../components/ScheduleFacts.tsx";
import { ScheduleHistory } from "../../components/ScheduleHistory.tsx";
import { RunNow, ScheduleMarks, ScheduleSwitch } from "../../components/ScheduleParts.tsx";
import { ScheduleRuns } from "../../components/ScheduleRuns.tsx";
import { Spark } from "../../components/Spark.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatUtc } from "../../lib/format.ts";
import { reasonOf, useFreshData } from "../../lib/fresh-data.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { loadSchedule } from "../../lib/schedule.ts";
import { scheduleActions } from "../../lib/schedule-actions.ts";
import { whatCodeSays } from "../../lib/schedule-code.ts";
import { formatDue, formatFromNow, formatNear, whyNone, wordsOf } from "../../lib/schedule-words.ts";
import { addressOfOne, isOfSchedules, type ScheduleData } from "../../lib/schedules.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** What asks before it goes: loaded once somebody wants that. */
type Removal = typeof import("../../components/RemoveSchedule.tsx");

/** Everything about one schedule: when it runs, how its runs went, what it adds, and who changed it. */
export default function Schedule({ initial, isEditing, now: renderedAt }: {
  initial: ScheduleData;
  isEditing: boolean;
  now: number;
}) {
  const { base, role, zone } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { name } = initial.schedule;
  const { data, act } = useFreshData(initial, {
    load: () => loadSchedule(api, name),
    on: (event, data) => isOfSchedules(event, data, name),
  });
  const removal = useSignal<Removal | null>(null);
  const { schedule, next, clockChanges } = data.value;
  const { run, toggle, remove } = scheduleActions(
    base,
    (what, _, change, send) =>
      act(what, (current) => ({ ...current, schedule: change(current.schedule) ?? current.schedule }), send),
  );
  const isAdmin = role === "admin";
  const why = whyNone(schedule);
  const [last] = schedule.runs;

  async function ask() {
    try {
      removal.value = await import("../../components/RemoveSchedule.tsx");
    } catch (error) {
      toast("bad", `Cannot remove ${name}: ${reasonOf(error)}`);
    }
  }

  async function revert() {
    const param = { name };
    const isDone = await act(
      "Cannot go back to code",
      (current) => current,
      () => api.schedules[":name"].revert.$post({ param }),
    );
    if (isDone) toast("good", `${name} is as code says`);
  }

  return (
    <div class="stack">
      <section class="panel" aria-label="Now">
        <header>
          <p>
            {schedule.broken === null
              ? <strong>{wordsOf(schedule)}</strong>
              : <strong class="bad">It cannot be read</strong>}{" "}
            <span class="mono soft">{schedule.expression}</span> <span class="soft">{schedule.timezone}</span>
            {" "}
            <ScheduleMarks schedule={schedule} />
          </p>
          <div class="row end">
            <ScheduleSwitch schedule={schedule} onToggle={() => void toggle(schedule)} />
            {isAdmin && <RunNow name={name} onRun={() => void run(name)} />}
            <a class="btn" href={`${addressOfOne(base, name)}?edit#edit`} aria-current="false">
              <Icon name={isAdmin ? "edit" : "scheduled"} />
              {isAdmin ? "Edit" : "Try another time"}
            </a>
            {isAdmin && (
              <button class="btn danger" type="button" onClick={() => void ask()}>
                <Icon name="trash" />Remove…
              </button>
            )}
          </div>
        </header>
        <dl class="body tiles">
          <div>
            <dt>Next run</dt>
            <dd>
              {schedule.nextTickAt === null || why !== null
                ? why ?? "–"
                : <Moment at={schedule.nextTickAt} words={formatDue} now={now.value} />}
            </dd>
          </div>
          <div>
            <dt>Last run</dt>
            <dd>
              {last === undefined
                ? "never"
                : <Moment at={last.dueAt} words={formatFromNow} now={now.value} />}
            </dd>
          </div>
          <div>
            <dt>Runs by its times</dt>
            <dd>{formatCount(schedule.runCount)}</dd>
          </div>
          {schedule.lastOutcomes.length > 0 && (
            <div>
              <dt>Last 20 runs</dt>
              <dd>
                <Spark outcomes={schedule.lastOutcomes} />
              </dd>
            </div>
          )}
        </dl>
      </section>
      {schedule.broken !== null && (
        <Note status="failed" icon="failed" title="It fires nothing until it is mended">
          {schedule.broken}
        </Note>
      )}
      {schedule.state === "not in code" && (
        <Note status="warn" icon="errors" title="It is not in code">
          No running program declares it any more, so that it fires nothing. It goes on when code declares it
          again.
        </Note>
      )}
      {schedule.warnings.map((warning) => <Note key={warning} status="warn" icon="errors" title={warning} />)}
      {schedule.edited !== null && (
        <Note
          status="warn"
          icon="edit"
          title="It is not as code says"
          action={isAdmin && (
            <button class="btn" type="button" onClick={() => void revert()}>Back to code</button>
          )}
        >
          {whatCodeSays(schedule, zone, now.value)}
        </Note>
      )}
      <div class={isEditing ? "stack" : "two aside"}>
        <div class="stack">
          <ScheduleRuns runs={schedule.runs} jobs={data.value.jobs} now={now.value} />
          <ScheduleHistory data={data.value} now={now.value} />
        </div>
        <div class="stack">
          <NextTimes schedule={schedule} next={next} now={now.value} clockChanges={clockChanges} />
          <ScheduleFacts schedule={schedule} now={now.value} />
          <section class="panel" aria-labelledby="job">
            <header>
              <h2 id="job">Job</h2>
              <a
                class="mono end"
                href={`${base}/admin/jobs?type=${encodeURIComponent(schedule.type)}`}
                aria-current="false"
              >
                {schedule.type}
              </a>
            </header>
            <div class="body stack">
              {schedule.job === null ? <p class="soft">Its handler is in code.</p> : (
                <>
                  <Json value={schedule.job.data} label="Data" />
                  {Object.keys(schedule.job.options).length > 0 && (
                    <Json value={schedule.job.options} label="Options" />
                  )}
                </>
              )}
            </div>
          </section>
        </div>
      </div>
      {removal.value && (
        <removal.value.RemoveSchedule
          schedule={schedule}
          onClose={() => removal.value = null}
          onRemove={async () => {
            removal.value = null;
            if (await remove(name)) location.assign(`${base}/admin/schedules`);
          }}
        />
      )}
    </div>
  );
}

/** How far a moment is, and when it is. */
function Moment({ at, words, now }: { at: string; words: typeof formatFromNow; now: number }) {
  const { zone } = usePage();
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {words(at, now)} <span class="soft">{formatNear(at, zone, now)}</span>
    </time>
  );
}
