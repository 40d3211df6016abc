/** @jsxImportSource preact */
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { RunNow, ScheduleMarks } from "../../components/ScheduleParts.tsx";
import { Spark } from "../../components/Spark.tsx";
import { Switch } from "../../components/Switch.tsx";
import { Text } from "../../components/Text.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatUtc } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useLater } from "../../lib/later.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { scheduleActions } from "../../lib/schedule-actions.ts";
import {
  formatDue,
  formatFromNow,
  formatNear,
  MISSED,
  OVERLAP,
  reasonIn,
  whyNone,
  wordsOf,
} from "../../lib/schedule-words.ts";
import { useSignal } from "../../lib/signal.ts";
import {
  addressOf,
  addressOfOne,
  isOfSchedules,
  loadSchedules,
  type ScheduleFilter,
  type ScheduleRow,
  type SchedulesData,
} from "../../lib/schedules.ts";

const COLUMNS = ["Name", "Runs", "Next run", "Last 20 runs", "On"];

/** Every schedule: when it runs, how its runs went, and whether it is on. */
export default function Schedules({ initial, filter, editing, now: renderedAt }: {
  initial: SchedulesData;
  filter: ScheduleFilter;
  /** The one in the editor. */
  editing: string | null;
  now: number;
}) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { data, act } = useFreshData(initial, {
    load: () => loadSchedules(api, filter),
    on: (event, data) => isOfSchedules(event, data),
  });
  const leaving = useSignal<ScheduleRow | null>(null);
  const removal = useLater(
    () => import("../../components/RemoveSchedule.tsx"),
    leaving.value !== null,
    () => leaving.value = null,
  );
  const { schedules } = data.value;
  const isAdmin = role === "admin";
  const actions = scheduleActions(base, (what, name, change, send) =>
    act(
      what,
      (current) => ({
        ...current,
        schedules: current.schedules.flatMap((row) => row.name === name ? change(row) ?? [] : [row]),
      }),
      send,
    ));
  const isFiltered = filter.q !== "" || filter.state !== null || filter.cursor !== null;

  return (
    <section class="panel" aria-label="All schedules">
      {schedules.length > 0 && (
        <header>
          <p class="soft">{summaryOf(data.value, filter, now.value)}</p>
        </header>
      )}
      {schedules.length === 0
        ? (
          <Empty icon="schedules" title={isFiltered ? "No such schedules" : "No schedules so far"}>
            {isFiltered
              ? (
                <p>
                  <a href={`${base}/admin/schedules`} aria-current="false">Show all</a>
                </p>
              )
              : (
                <p>
                  Declare one in code with <code>scheduler.schedule("nightly", "0 3 * * *", …)</code>
                  {isAdmin && (
                    <>
                      , or <a href={addressOf(base, filter, { new: "1" })}>make one here</a>
                    </>
                  )}.
                </p>
              )}
          </Empty>
        )
        : (
          <DataTable label="Schedules" kind="tall schedules" columns={COLUMNS} hasActions>
            {schedules.map((row) => (
              <tr
                key={row.name}
                data-schedule={row.name}
                data-cursor={row.name === editing ? "" : undefined}
              >
                <th scope="row" class="span8 name">
                  <a href={addressOfOne(base, row.name)} aria-current="false">
                    <Text>{row.name}</Text>
                  </a>{" "}
                  <ScheduleMarks schedule={row} />
                </th>
                <td class="full">
                  <Expression row={row} />
                </td>
                <td class="fit span4" data-label="Next run">
                  <NextRun row={row} now={now.value} />
                </td>
                <td class="span8 fit" data-label="Last 20 runs">
                  {row.lastOutcomes.length > 0 && <Spark outcomes={row.lastOutcomes} />}
                  <LastRun row={row} now={now.value} />
                </td>
                <td class="top">
                  <Switch name={row.name} isOn={row.enabled} onToggle={() => void actions.toggle(row)} />
                </td>
                <td class="act full">
                  <span class="row">
                    {isAdmin && <RunNow name={row.name} onRun={() => void actions.run(row.name)} />}
                    <a
                      class="btn bare square"
                      href={addressOf(base, filter, { edit: row.name })}
                      aria-label={`${isAdmin ? "Edit" : "Try another time for"} ${row.name}`}
                      aria-current={row.name === editing ? "true" : "false"}
                    >
                      <Icon name={isAdmin ? "edit" : "scheduled"} />
                    </a>
                    {isAdmin && (
                      <button
                        class="btn bare square"
                        type="button"
                        aria-label={`Remove ${row.name}…`}
                        onClick={() => leaving.value = row}
                      >
                        <Icon name="trash" />
                      </button>
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      {leaving.value && removal && (
        <removal.RemoveSchedule
          schedule={leaving.value}
          onClose={() => leaving.value = null}
          onRemove={(name) => {
            leaving.value = null;
            void actions.remove(name);
          }}
        />
      )}
    </section>
  );
}

/** "8 schedules, next run in 2 min". */
function summaryOf(
  { schedules, nextCursor }: SchedulesData,
  { cursor }: ScheduleFilter,
  now: number,
): string {
  const count = `${formatCount(schedules.length)} ${schedules.length === 1 ? "schedule" : "schedules"}`;
  const [next] = schedules.flatMap(({ nextTickAt, state }) => state === "active" ? nextTickAt ?? [] : [])
    .sort();
  return [
    nextCursor === null && cursor === null ? count : `${count} on this page`,
    ...(next === undefined ? [] : [`next run ${formatDue(next, now)}`]),
  ].join(", ");
}

function Expression({ row }: { row: ScheduleRow }) {
  return (
    <>
      {row.broken === null ? wordsOf(row) : <span class="bad">{reasonIn(row.broken)}</span>}
      <br />
      <span class="mono soft">{row.expression}</span> <span class="soft">{row.timezone}</span>
      <br />
      <small title={`Missed while down: ${MISSED[row.missed]}. Still running: ${OVERLAP[row.overlap]}.`}>
        <span class="fit">missed {row.missed} ·</span> <span class="fit">overlap {row.overlap}</span>
      </small>
    </>
  );
}

function NextRun({ row, now }: { row: ScheduleRow; now: number }) {
  const { zone } = usePage();
  const { nextTickAt } = row;
  const why = whyNone(row);
  if (nextTickAt === null || why !== null) return <span class="soft">{why ?? "–"}</span>;
  return (
    <time dateTime={nextTickAt} title={formatUtc(nextTickAt)}>
      {formatDue(nextTickAt, now)}
      <br />
      <span class="soft">{formatNear(nextTickAt, zone, now)}</span>
    </time>
  );
}

function LastRun({ row: { lastTickAt, lastOutcomes }, now }: { row: ScheduleRow; now: number }) {
  if (lastTickAt === null) return lastOutcomes.length === 0 ? <span class="soft">never</span> : null;
  return (
    <time class="soft" dateTime={lastTickAt} title={formatUtc(lastTickAt)}>
      {formatFromNow(lastTickAt, now)}
    </time>
  );
}
