/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { formatRate, HourBars } from "../../components/HourBars.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Note } from "../../components/Note.tsx";
import { PausedBy } from "../../components/PausedBy.tsx";
import { type JobStatus, Status } from "../../components/Status.tsx";
import { Text } from "../../components/Text.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatDuration, formatJobs } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useLater } from "../../lib/later.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { loadQueues, type QueueRow, type QueuesData } from "../../lib/queues.ts";
import { useSignal } from "../../lib/signal.ts";

/** What a queue still has to do, in the order of its bar. */
const UNFINISHED = ["running", "retrying", "pending", "scheduled"] as const satisfies JobStatus[];

const NUMBERS = ["Pending", "Running", "Retrying", "Scheduled", "Oldest waits", "Failed"];
const COLUMNS = ["Queue", "Composition", ...NUMBERS, "Finished, 24 h"];

/** Every queue: what waits in it and for how long, and whether it runs. */
export default function Queues({ initial, now: renderedAt }: { initial: QueuesData; now: number }) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { data, act } = useFreshData(initial, { load: () => loadQueues(api), on: ["stats"] });
  const asked = useSignal<QueueRow | null>(null);
  const dialog = useLater(
    () => import("../../components/PauseQueue.tsx"),
    asked.value !== null,
    () => asked.value = null,
  );
  const { [":name"]: path } = api.queues;
  const { queues, throughput, failedLastHour } = data.value;
  const paused = queues.filter((queue) => queue.paused);
  const unfinished = queues.map(unfinishedOf).reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...queues.map(unfinishedOf));

  const show = (name: string, pause: QueueRow["pause"]) => (data: QueuesData): QueuesData => {
    const change = (row: QueueRow) => row.name === name ? { ...row, paused: pause !== null, pause } : row;
    return { ...data, queues: data.queues.map(change) };
  };

  function pause(name: string, note: string) {
    asked.value = null;
    const at = new Date(now.value).toISOString();
    void act(
      `Cannot pause ${name}`,
      show(name, { at, by: role, note: note || null }),
      () => path.pause.$post({ param: { name }, json: note === "" ? {} : { note } }),
    );
  }

  function resume(name: string) {
    void act(`Cannot resume ${name}`, show(name, null), () => path.resume.$post({ param: { name } }));
  }

  const resumeButton = ({ name }: QueueRow, text: ComponentChildren) => (
    <button
      class="btn"
      type="button"
      aria-label={`Resume ${name}`}
      onClick={() => resume(name)}
    >
      <Icon name="play" />
      {text}
    </button>
  );

  if (queues.length === 0) {
    return (
      <section class="panel" aria-labelledby="all-queues">
        <header>
          <h2 id="all-queues">Unfinished jobs</h2>
        </header>
        <Empty title="No queues so far">
          <p>A queue shows up here when its first job is added.</p>
        </Empty>
      </section>
    );
  }
  return (
    <>
      {paused.map((queue) => (
        <Note
          key={queue.name}
          status="warn"
          icon="pause"
          title={
            <>
              <Text>{queue.name}</Text> is paused
            </>
          }
          action={role === "admin" && resumeButton(
            queue,
            <span class="cut">
              Resume <Text>{queue.name}</Text>
            </span>,
          )}
        >
          <PausedBy pause={queue.pause} now={now.value} />
          {formatJobs(waitingIn(queue))} {waitingIn(queue) === 1 ? "waits" : "wait"}; new ones are accepted.
        </Note>
      ))}
      <section class="panel" aria-labelledby="all-queues">
        <header>
          <h2 id="all-queues">Unfinished jobs</h2>
          <p class="soft">
            {formatCount(unfinished)} in {formatCount(queues.length)}{" "}
            {queues.length === 1 ? "queue" : "queues"} · {formatCount(throughput)} completed a minute,{" "}
            {formatCount(failedLastHour)} failed, last hour
          </p>
          <ul class="row soft end" aria-label="Colours">
            {UNFINISHED.map((status) => (
              <li key={status}>
                <Status status={status} />
              </li>
            ))}
          </ul>
        </header>
        <DataTable
          label="Queues"
          kind="tall queues"
          columns={COLUMNS}
          numbers={NUMBERS}
          hasActions={role === "admin"}
        >
          {queues.map((queue) => (
            <tr key={queue.name} data-queue={queue.name}>
              <th scope="row" class="span8 fit">
                <a
                  href={`${base}/admin/jobs?queue=${encodeURIComponent(queue.name)}`}
                  aria-current="false"
                >
                  <Text>{queue.name}</Text>
                </a>{" "}
                {queue.paused && (
                  <span class="tag" data-status="warn">
                    <Icon name="pause" />paused
                  </span>
                )}
              </th>
              <td class="grow full">
                <Composition queue={queue} most={most} />
              </td>
              <td class="num" data-label="Pending">
                <strong>{formatCount(queue.counts.pending)}</strong>
              </td>
              <td class="num" data-label="Running">{formatCount(queue.counts.running)}</td>
              <td class="num" data-label="Retrying">{formatCount(queue.counts.retrying)}</td>
              <td class="num" data-label="Scheduled">{formatCount(queue.counts.scheduled)}</td>
              <td class="num" data-label="Oldest waits">
                {queue.counts.pending === 0
                  ? "–"
                  : <span class={queue.paused ? "warn" : undefined}>{formatDuration(queue.latency)}</span>}
              </td>
              <td class="num" data-label="Failed">{formatCount(queue.counts.failed)}</td>
              <td class="span8" data-label="Finished, 24 h">
                <span class="row flat">
                  <HourBars counts={queue.endedByHour} what={`${queue.name}, finished jobs by hour`} />
                  <span class="fit">{formatRate(queue.throughput)} / min</span>
                </span>
              </td>
              {role === "admin" && (
                <td class="act top">
                  {queue.paused ? resumeButton(queue, "Resume") : (
                    <button
                      class="btn"
                      type="button"
                      aria-label={`Pause ${queue.name}…`}
                      onClick={() => asked.value = queue}
                    >
                      <Icon name="pause" />Pause…
                    </button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </DataTable>
      </section>
      {dialog !== null && asked.value !== null && (
        <dialog.PauseQueue
          queue={asked.value}
          onPause={pause}
          onClose={() => asked.value = null}
        />
      )}
      <p class="soft">
        Bars grow with the square root of the size, so that a queue of 20 is still seen beside one of 1,500.
      </p>
    </>
  );
}

function unfinishedOf({ counts }: QueueRow): number {
  return UNFINISHED.reduce((sum, status) => sum + counts[status], 0);
}

function waitingIn(queue: QueueRow): number {
  return unfinishedOf(queue) - queue.counts.running;
}

/** A bar as long as the root of the queue beside that of the longest one. What runs is tall, what waits is thin. */
function Composition({ queue, most }: { queue: QueueRow; most: number }) {
  const all = unfinishedOf(queue);
  if (all === 0) return null;
  const scale = 97 * Math.sqrt(all / most) / all;
  const label = UNFINISHED.map((status) => `${queue.counts[status]} ${status}`).join(", ");
  let from = 0;
  const parts = UNFINISHED.filter((status) => queue.counts[status] > 0).map((status) => {
    const width = Math.max(0.7, queue.counts[status] * scale);
    const x = from;
    from += width + 0.5;
    return { status, x, width };
  });
  return (
    <svg class="strata" role="img" aria-label={label}>
      {parts.map(({ status, x, width }) => (
        <rect
          key={status}
          data-status={status}
          x={`${x.toFixed(2)}%`}
          width={`${width.toFixed(2)}%`}
          y={status === "running" ? 0 : 3}
          height={status === "running" ? 14 : 8}
          rx={2}
        />
      ))}
    </svg>
  );
}
