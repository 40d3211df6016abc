/** @jsxImportSource preact */
import { formatBytes, formatCount, formatDuration, formatUtc } from "../lib/format.ts";
import { usePage } from "../lib/page-info.ts";
import { heldBy } from "../lib/worker-words.ts";
import { type HeldJob, isLive, type Worker } from "../lib/workers.ts";
import { Icon } from "./Icon.tsx";
import { Text } from "./Text.tsx";
import { Slots, Types } from "./WorkerCells.tsx";

/** Milliseconds that the event loop may be late, and a heartbeat old, before it is marked. */
const LATE = 100;
const SILENT = 15_000;
/** The share of failed attempts from which it is marked. */
const MANY = 0.01;

/** One worker in the table of all. */
export function WorkerRow({ worker, running, usualVersion, isStopping, isOpen, now, onToggle, onEnd }: {
  worker: Worker;
  /** Those of its jobs that are known by name. */
  running: readonly HeldJob[];
  /** What most others run. */
  usualVersion: string | null;
  /** Somebody here has asked it to stop. */
  isStopping: boolean;
  isOpen: boolean;
  now: number;
  onToggle: (isOpen: boolean) => void;
  /** A live one shall stop, a dead one be cleaned up. */
  onEnd: () => void;
}) {
  const { id, version, processed, succeeded, failed, eventLoopLag, memory } = worker;
  const isAlive = isLive(worker);
  const isLeaving = isAlive && (isStopping || worker.status === "draining");
  const mark = !isAlive
    ? { word: "dead", icon: "offline", status: "warn" }
    : isLeaving
    ? { word: "stopping", icon: "stop", status: "scheduled" }
    : null;
  const lag = formatDuration(eventLoopLag);
  return (
    <tr data-worker={id}>
      <th scope="row" class="span8 fit">
        {id}
        {mark && (
          <>
            {" "}
            <span class="tag" data-status={mark.status}>
              <Icon name={mark.icon} />
              {mark.word}
            </span>
          </>
        )}
        <br />
        <span class="soft plain">
          <Text>{worker.host}</Text> · {worker.pid}
        </span>
      </th>
      <td data-label="Version">
        {isAlive && version !== usualVersion
          ? (
            <span class="tag" data-status="warn" title={`Most others run ${usualVersion}`}>
              <Text>{version}</Text>
            </span>
          )
          : <Text>{version}</Text>}
      </td>
      <td class="span8 soft types" data-label="Types">
        <Types types={worker.types} />
      </td>
      <td class="full" data-label="Busy slots">
        {isAlive
          ? <Slots {...{ worker, running, isOpen, now, onToggle }} />
          : <span class="soft">{heldBy(worker)}</span>}
      </td>
      <td class="num" data-label="Processed">{formatCount(processed)}</td>
      <td class="num" data-label="Succeeded">{formatCount(succeeded)}</td>
      <td class="num" data-label="Failed">
        {failed > processed * MANY ? <strong class="bad">{formatCount(failed)}</strong> : formatCount(failed)}
      </td>
      <td class="num" data-label="Heartbeat">
        <Heartbeat worker={worker} now={now} />
      </td>
      <td class="num" data-label="Loop lag">
        {isAlive && (eventLoopLag >= LATE ? <strong class="warn">{lag}</strong> : lag)}
      </td>
      <td class="num" data-label="Memory">{isAlive && formatBytes(memory)}</td>
      {usePage().role === "admin" && (
        <td class="act top">
          <button
            class="btn"
            type="button"
            aria-label={isLeaving ? `${id} is stopping` : isAlive ? `Stop ${id}…` : `Clean up ${id}`}
            disabled={isLeaving}
            onClick={onEnd}
          >
            {isLeaving ? "Stopping" : isAlive ? "Stop…" : "Clean up"}
          </button>
        </td>
      )}
    </tr>
  );
}

/** How long ago it told of itself, marked where that is too long. */
function Heartbeat({ worker, now }: { worker: Worker; now: number }) {
  const { heartbeatAt } = worker;
  const age = now - Date.parse(heartbeatAt);
  const seconds = Math.max(1, Math.floor(age / 1000));
  const words = (
    <time dateTime={heartbeatAt} title={formatUtc(heartbeatAt)}>{formatDuration(seconds * 1000)} ago</time>
  );
  return isLive(worker) && age < SILENT ? words : <strong class="warn">{words}</strong>;
}
