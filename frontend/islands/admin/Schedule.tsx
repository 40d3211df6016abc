/** @jsxImportSource preact */
import { useRef } from "preact/hooks";
import { Icon } from "../../components/Icon.tsx";
import { RunNow, ScheduleMarks } from "../../components/ScheduleParts.tsx";
import { ServerPart } from "../../components/ServerPart.tsx";
import { Spark } from "../../components/Spark.tsx";
import { Switch } from "../../components/Switch.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatUtc } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { refreshParts } from "../../lib/fresh-parts.ts";
import { useLater } from "../../lib/later.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { getSchedule } from "../../lib/schedule.ts";
import { scheduleActions } from "../../lib/schedule-actions.ts";
import { formatDue, formatFromNow, formatNear, whyNone, wordsOf } from "../../lib/schedule-words.ts";
import { addressOfOne, isOfSchedules, type Schedule as OneSchedule } from "../../lib/schedules.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** What changes most about one schedule, and what can be done with it. It keeps the rest of the page fresh, too. */
export default function Schedule({ initial, now: renderedAt }: { initial: OneSchedule; now: number }) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { name } = initial;
  const isGone = useRef(false);
  const { data, act } = useFreshData<OneSchedule>(initial, {
    load: async (): Promise<OneSchedule> => {
      if (isGone.current) return data.value; // who asks for it is told that there is none
      return (await Promise.all([getSchedule(api, name), refreshParts()]))[0];
    },
    on: (event, data) => isOfSchedules(event, data, name),
  });
  const isLeaving = useSignal(false);
  const removal = useLater(
    () => import("../../components/RemoveSchedule.tsx"),
    isLeaving.value,
    () => isLeaving.value = false,
  );
  const schedule = data.value;
  const { run, toggle, remove } = scheduleActions(
    base,
    (what, _, change, send) => act(what, (current) => change(current) ?? current, send),
  );
  const isAdmin = role === "admin";
  const why = whyNone(schedule);
  const [last] = schedule.runs;

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
    <div
      class="stack"
      onClick={({ target }) => (target as Element).closest("[data-revert]") && void revert()}
    >
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
            <Switch name={schedule.name} isOn={schedule.enabled} onToggle={() => void toggle(schedule)} />
            {isAdmin && <RunNow name={name} onRun={() => void run(name)} />}
            <a class="btn" href={`${addressOfOne(base, name)}?edit#edit`} aria-current="false">
              <Icon name={isAdmin ? "edit" : "scheduled"} />
              {isAdmin ? "Edit" : "Try another time"}
            </a>
            {isAdmin && (
              <button class="btn danger" type="button" onClick={() => isLeaving.value = true}>
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
      <ServerPart name="notes" />
      {removal && isLeaving.value && (
        <removal.RemoveSchedule
          schedule={schedule}
          onClose={() => isLeaving.value = false}
          onRemove={async () => {
            isLeaving.value = false;
            isGone.current = true;
            isGone.current = await remove(name);
            if (isGone.current) location.assign(`${base}/admin/schedules`);
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
