/** @jsxImportSource preact */
import { useMemo, useRef } from "preact/hooks";
import { Icon } from "../../components/Icon.tsx";
import { JobActions } from "../../components/job/JobActions.tsx";
import { JobAttempts } from "../../components/job/JobAttempts.tsx";
import type { Asked } from "../../components/job/JobDialogs.tsx";
import { JobFacts } from "../../components/job/JobFacts.tsx";
import { JobNotes } from "../../components/job/JobNotes.tsx";
import { JobRunning } from "../../components/job/JobRunning.tsx";
import { JobValue } from "../../components/job/JobValue.tsx";
import { useLevel } from "../../components/job/LevelFilter.tsx";
import { NoJob } from "../../components/job/NoJob.tsx";
import { PageHead } from "../../components/PageHead.tsx";
import { Text } from "../../components/Text.tsx";
import { Timeline } from "../../components/Timeline.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatDuration } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import {
  isFinal,
  type JobData,
  type JobView,
  loadJob,
  type Percentiles,
  stretchesOf,
  type WholeJob,
} from "../../lib/job.ts";
import { loadLog, type LogPage, useLog } from "../../lib/job-log.ts";
import { useKeys } from "../../lib/keys.ts";
import { type LiveEvent, pageLive } from "../../lib/live.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { visible } from "../../lib/preview.ts";
import { toast } from "../../lib/toasts.ts";

/** Milliseconds between two looks at what no event of the job tells: its place in line, its workers, its removal. */
const LOOK = 5_000;

type Dialogs = typeof import("../../components/job/JobDialogs.tsx");

/** One job: its life, its runs with errors and logs, its data, and what can be done about it. */
export default function Job({ initial, log, times, view, list }: {
  initial: JobData;
  log: LogPage;
  times: { wait: Percentiles; run: Percentiles };
  view: JobView;
  /** The path of the list it was opened from, behind where the dashboard is mounted. */
  list: string;
}) {
  const { base } = usePage();
  const api = apiAt(base);
  const { id } = view;
  const { [":id"]: path } = api.jobs;
  const param = { id };
  const known = useRef(initial);
  const { data, act } = useFreshData(initial, {
    load: async () => {
      if (known.current.job === null) return known.current; // it does not come back
      return known.current = await loadJob(api, id, Date.now(), known.current);
    },
    on: (event, about) => isNews(event, about, known.current),
  });
  useKeys((key) => {
    const path = key === "j" ? view.next : key === "k" ? view.previous : null;
    if (path !== null) location.assign(base + path);
  });
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const asked = useSignal<Asked | null>(null);
  const dialogs = useSignal<Dialogs | null>(null);
  const whole = useSignal<WholeJob | null>(null);
  const now = useNow(initial.now).value;
  const { job, same } = data.value;
  const isRunning = job?.status === "running";
  const lines = useLog(log, {
    load: (after) => loadLog(api, id, after),
    isFollowed: isRunning,
    isPaused: () => pageLive(base).isPaused.value,
    version: `${job?.status} ${job?.updatedAt}`,
  });
  const level = useLevel(view);
  // They may be large, and do not change every second.
  const values = useMemo(() => job && valuesOf(job), [job, whole.value]);
  if (job === null) return <NoJob id={id} list={list} wasThere={initial.job !== null} now={initial.now} />;

  const change = (changes: Partial<WholeJob>) => (now: JobData): JobData => {
    return now.job === null ? now : { ...now, job: { ...now.job, ...changes } };
  };

  /** Sends one thing after the other: what is shown already may not have been done yet. */
  function inTurn<T>(send: () => Promise<T>): () => Promise<T> {
    return () => {
      const answer = turn.current.then(send);
      turn.current = answer.catch(() => {});
      return answer;
    };
  }

  /** Few ask: who does, loads the dialogs. */
  async function ask(what: Asked) {
    try {
      dialogs.value ??= await import("../../components/job/JobDialogs.tsx");
      asked.value = what;
    } catch {
      toast("bad", "Cannot open the dialog: the service did not answer");
    }
  }

  async function retry() {
    whole.value = null;
    const fresh = { status: "pending" as const, attempt: 0, result: null, progress: null, waitsFor: [] };
    const pending = { ...fresh, startedAt: null, finishedAt: null, cancelRequestedAt: null };
    await act("Cannot retry the job", change(pending), inTurn(() => path.retry.$post({ param, json: {} })));
  }

  async function retryWith(edited: unknown) {
    const answer = await path.retry.$post({ param, json: { data: edited } });
    location.assign(`${base}/admin/jobs/${encodeURIComponent((await answer.json()).id)}${location.search}`);
  }

  function cancel() {
    const at = new Date().toISOString();
    const ended = { status: "cancelled" as const, finishedAt: at, waitsFor: [] };
    void act(
      "Cannot cancel the job",
      change({ ...(isRunning ? {} : ended), cancelRequestedAt: at }),
      inTurn(() => path.cancel.$post({ param })),
    );
  }

  async function remove() {
    const before = known.current;
    known.current = { ...before, job: null }; // that it is gone is no news
    try {
      await path.$delete({ param });
    } catch (error) {
      known.current = before;
      throw error;
    }
    toast("good", "Removed 1 job");
    location.assign(base + (view.next ?? view.previous ?? list));
  }

  async function update(changes: { priority?: number; scheduledAt?: string }) {
    const after = await (await inTurn(() => path.$patch({ param, json: changes }))()).json();
    await act("Cannot show the job", change(after), () => Promise.resolve());
  }

  async function runNow() {
    const scheduledAt = new Date().toISOString();
    await act(
      "Cannot run the job now",
      change({ status: "pending", scheduledAt, waitsFor: [] }),
      inTurn(() => path.$patch({ param, json: { scheduledAt } })),
    );
  }

  async function resume() {
    const name = job?.queue ?? "";
    await act(
      `Cannot resume ${name}`,
      change({ waitsFor: job?.waitsFor.filter(({ reason }) => reason !== "queue_paused") ?? [] }),
      () => api.queues[":name"].resume.$post({ param: { name } }),
    );
  }

  /** The job with all that is in it, if that was read since it has a result. */
  function wholeNow(): WholeJob | null {
    return whole.value?.finishedAt === job?.finishedAt ? whole.value : null;
  }

  async function readWhole(): Promise<WholeJob> {
    const known = job?.cuts === undefined ? job : wholeNow();
    if (known !== null) return known;
    const answer = await path.$get({ param, query: {} });
    return whole.value = await answer.json();
  }

  async function copy(name: "data" | "result") {
    try {
      await navigator.clipboard.writeText(JSON.stringify((await readWhole())[name], null, 2));
      toast("good", `Copied the ${name}`);
    } catch {
      toast("bad", `Cannot copy the ${name}: the browser does not allow it on this page`);
    }
  }

  function valuesOf(job: WholeJob) {
    const value = {
      job,
      whole: wholeNow(),
      href: `${base}/api/admin/jobs/${encodeURIComponent(id)}`,
      onWhole: async () => void await readWhole(),
      onCopy: (name: "data" | "result") => void copy(name),
    };
    const none = job.status === "completed" ? null : noResult(job.status);
    return (
      <>
        <JobValue name="data" title="Data" none={null} {...value} />
        <JobValue name="result" title="Result" none={none} {...value} />
      </>
    );
  }

  const stretches = stretchesOf(job, now);
  const answers = {
    onCancel: cancel,
    onRemove: remove,
    onUpdate: update,
    onRetryWith: retryWith,
    load: async () => (await readWhole()).data,
  };
  const lived = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <>
      <PageHead title={<Text>{job.type}</Text>} now={initial.now}>
        <span class="tag" data-status={job.status}>
          <Icon name={job.status} />
          {job.status[0]?.toUpperCase() + job.status.slice(1)}
        </span>
        <JobActions job={job} onAsk={(what) => void ask(what)} onRetry={retry} onRunNow={runNow} />
      </PageHead>
      <JobNotes
        job={job}
        same={same}
        now={now}
        steps={{
          onRunNow: () => void runNow(),
          onResume: () => void resume(),
          onPriority: () => void ask("priority"),
        }}
      />
      <div class="two aside">
        <div class="stack">
          {isRunning && <JobRunning job={job} lines={lines.lines} level={level} now={now} />}
          <section class="panel" aria-labelledby="timeline">
            <header>
              <h2 id="timeline">Timeline</h2>
              <span class="soft end">
                {formatDuration(lived)}{" "}
                {isFinal(job.status) ? `from added to ${job.status}` : "since it was added"}
              </span>
            </header>
            <Timeline
              stretches={stretches}
              end={isFinal(job.status) && job.finishedAt !== null
                ? { status: job.status, at: job.finishedAt }
                : null}
              now={now}
            />
          </section>
          <JobAttempts job={job} log={lines} level={level} view={view} now={now} />
        </div>
        <div class="stack">
          <section class="panel" aria-labelledby="facts">
            <header>
              <h2 id="facts">Facts</h2>
            </header>
            <JobFacts job={job} times={times} now={now} />
          </section>
          {values}
        </div>
      </div>
      {dialogs.value !== null && asked.value !== null && (
        <dialogs.value.JobDialog
          asked={asked.value}
          job={job}
          answers={answers}
          type={visible(job.type)}
          onClose={() => asked.value = null}
        />
      )}
    </>
  );
}

let lookedAt = 0;

/** True for what happened to this job; now and then for what may tell of its place in line, or that it is gone. */
function isNews(event: LiveEvent, about: unknown, { job }: JobData): boolean {
  if (job === null) return false;
  if (event.startsWith("job.")) return (about as { id?: unknown }).id === job.id;
  if (event !== "stats" && !event.startsWith("worker.")) return false;
  const isTime = Date.now() - lookedAt >= LOOK;
  if (isTime) lookedAt = Date.now();
  return isTime;
}

function noResult(status: WholeJob["status"]): string {
  return isFinal(status) ? `None: a ${status} job has no result.` : "None yet.";
}
