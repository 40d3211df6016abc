/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { Empty } from "../../components/Empty.tsx";
import { Note } from "../../components/Note.tsx";
import { Text } from "../../components/Text.tsx";
import { WorkerRow } from "../../components/WorkerRow.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatJobs } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { noteInAddress } from "../../lib/job-address.ts";
import { useLater } from "../../lib/later.ts";
import { pageLive } from "../../lib/live.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";
import { summaryOf, whatNext } from "../../lib/worker-words.ts";
import { isLive, loadWorkers, usualVersion, type Worker, type WorkersData } from "../../lib/workers.ts";

/** Milliseconds between two looks at what no event tells: heartbeats, memory, lag. */
const LOOK = 5000;
/** As many types without a worker as have a note of their own. */
const MOST_ORPHANS = 3;

const COLUMNS = ["Worker", "Version", "Types", "Busy slots"];
const NUMBERS = ["Processed", "Succeeded", "Failed", "Heartbeat", "Loop lag", "Memory"];

/** Every worker: whether it lives, what it runs and how it fares. */
export default function Workers({ initial, open: openAtFirst, now: renderedAt }: {
  initial: WorkersData;
  /** Workers whose jobs are folded out. */
  open: readonly string[];
  now: number;
}) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { data, act } = useFreshData(initial, { load: () => loadWorkers(api), on: ["worker.", "stats"] });
  const open = useSignal(openAtFirst);
  const stopping = useSignal<readonly string[]>([]);
  const asked = useSignal<Worker | null>(null);
  const dialog = useLater(
    () => import("../../components/StopWorker.tsx"),
    asked.value !== null,
    () => asked.value = null,
  );
  const { workers, running, orphans } = data.value;
  const dead = workers.filter((worker) => !isLive(worker));
  const usual = usualVersion(workers);
  const isAdmin = role === "admin";

  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") pageLive(base).refresh();
    }, LOOK);
    return () => clearInterval(timer);
  }, []);

  function toggle(id: string, isOpen: boolean) {
    open.value = [...open.value.filter((other) => other !== id), ...isOpen ? [id] : []];
    noteInAddress("open", open.value);
  }

  async function stop({ id }: Worker) {
    asked.value = null;
    stopping.value = [...stopping.value, id];
    const isDone = await act(
      `Cannot stop ${id}`,
      (now) => now,
      () => api.workers[":id"].$delete({ param: { id } }),
    );
    if (!isDone) stopping.value = stopping.value.filter((other) => other !== id);
  }

  async function cleanUp() {
    await act(
      `Cannot clean up ${workersOf(dead.length)}`,
      (now) => ({ ...now, workers: now.workers.filter(isLive) }),
      async () => {
        const { removed } = await (await api.workers.cleanup.$post({})).json();
        toast("good", `Cleaned up ${workersOf(removed.length)}`);
      },
    );
  }

  async function cleanUpOne({ id }: Worker) {
    await act(
      `Cannot clean up ${id}`,
      (now) => ({ ...now, workers: now.workers.filter((worker) => worker.id !== id) }),
      () => api.workers[":id"].$delete({ param: { id } }),
    );
  }

  return (
    <>
      {dead.length > 0 && (
        <Note
          status="warn"
          icon="offline"
          title={dead.length === 1
            ? `${dead[0]?.id} is dead`
            : `${formatCount(dead.length)} workers are dead`}
          action={isAdmin && (
            <button class="btn" type="button" onClick={() => void cleanUp()}>
              Clean up {workersOf(dead.length)}
            </button>
          )}
        >
          {whatNext(dead, now.value)}
        </Note>
      )}
      {orphans.slice(0, MOST_ORPHANS).map(({ type, pending }) => (
        <Note
          key={type}
          status="warn"
          icon="workers"
          title={
            <>
              No worker for <Text>{type}</Text>
            </>
          }
          action={
            <a
              class="btn"
              href={`${base}/admin/jobs?status=pending&type=${encodeURIComponent(type)}`}
              aria-label={`See the ${formatJobs(pending)} of type ${type}`}
            >
              See the {formatJobs(pending)}
            </a>
          }
        >
          {formatJobs(pending)} {pending === 1 ? "waits" : "wait"} until a process that runs this type starts.
          {type === orphans[MOST_ORPHANS - 1]?.type && orphans.length > MOST_ORPHANS && (
            <>{" "}So do jobs of {formatCount(orphans.length - MOST_ORPHANS)} more types.</>
          )}
        </Note>
      ))}
      <section class="panel" aria-labelledby="all-workers">
        <header>
          <h2 id="all-workers">Registered workers</h2>
          <p class="soft">{summaryOf(workers)}</p>
        </header>
        {workers.length === 0
          ? (
            <Empty icon="workers" title="No workers so far">
              <p>
                A process shows up here when it starts: <code>deno task worker</code>, or{" "}
                <code>await jobs.start()</code> in an app.
              </p>
            </Empty>
          )
          : (
            <div class="scroll" tabIndex={0} role="region" aria-label="Workers">
              <table class="cards tall workers">
                <thead>
                  <tr>
                    {COLUMNS.map((name) => <th key={name} scope="col">{name}</th>)}
                    {NUMBERS.map((name) => <th key={name} scope="col" class="num">{name}</th>)}
                    {isAdmin && <td />}
                  </tr>
                </thead>
                <tbody>
                  {workers.map((worker) => (
                    <WorkerRow
                      key={worker.id}
                      worker={worker}
                      running={running.filter(({ workerId }) => workerId === worker.id)}
                      usualVersion={usual}
                      isStopping={stopping.value.includes(worker.id)}
                      isOpen={open.value.includes(worker.id)}
                      now={now.value}
                      onToggle={(isOpen) => toggle(worker.id, isOpen)}
                      onEnd={() => isLive(worker) ? asked.value = worker : void cleanUpOne(worker)}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
      </section>
      {dialog && asked.value && (
        <dialog.StopWorker
          worker={asked.value}
          onStop={(worker) => void stop(worker)}
          onClose={() => asked.value = null}
        />
      )}
    </>
  );
}

function workersOf(count: number): string {
  return `${formatCount(count)} dead ${count === 1 ? "worker" : "workers"}`;
}
