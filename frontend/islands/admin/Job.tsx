/** @jsxImportSource preact */
import type { TargetedMouseEvent } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Icon } from "../../components/Icon.tsx";
import { JobActions } from "../../components/job/JobActions.tsx";
import type { Asked } from "../../components/job/JobDialogs.tsx";
import type { JobStep } from "../../components/job/JobNotes.tsx";
import { PageHead } from "../../components/PageHead.tsx";
import { ServerPart } from "../../components/ServerPart.tsx";
import { Text } from "../../components/Text.tsx";
import { apiAt } from "../../lib/api.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { refreshParts, tickParts } from "../../lib/fresh-parts.ts";
import { type JobData, type JobView, loadJob, type WholeJob } from "../../lib/job.ts";
import { noteInAddress } from "../../lib/job-address.ts";
import { isNews, isStale } from "../../lib/job-news.ts";
import { useKeys } from "../../lib/keys.ts";
import { useLater } from "../../lib/later.ts";
import { useNow } from "../../lib/now.ts";
import { pageLive } from "../../lib/live.ts";
import { isAway, showEnd } from "../../lib/log-end.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** Data and result that can be shown piece by piece: loaded once somebody wants more than the server has rendered. */
type Values = typeof import("../../components/job/JobValue.tsx");

/**
 * One job: what to know of it now, and what can be done about it. The server renders the rest, of a job that runs its
 * progress and its log second by second.
 */
export default function Job({ initial, at, view, list }: {
  initial: WholeJob;
  /** When it was read, epoch milliseconds. */
  at: number;
  view: JobView;
  /** The path of the list it was opened from, behind where the dashboard is mounted. */
  list: string;
}) {
  const { base } = usePage();
  const api = apiAt(base);
  const { id } = view;
  const { [":id"]: path } = api.jobs;
  const param = { id };
  const first = { job: initial, isGone: false, isAhead: false };
  const known = useRef<JobData>(first);
  const reading = useRef<Promise<JobData>>(Promise.resolve(first));
  const readAt = useRef(0);
  const { data, act } = useFreshData<JobData>(first, {
    load: () => reading.current = read(),
    on: (event, about) => isNews(event, about, known.current),
  });
  useKeys((key) => {
    const path = key === "j" ? view.next : key === "k" ? view.previous : null;
    if (path !== null) location.assign(base + path);
  });
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const asked = useSignal<Asked | null>(null);
  const dialogs = useLater(
    () => import("../../components/job/JobDialogs.tsx"),
    asked.value !== null,
    () => asked.value = null,
  );
  const values = useSignal<Values | null>(null);
  const whole = useSignal<WholeJob | null>(null);
  const hasLeft = useSignal(false);
  const now = useNow(at).value;
  const { job, isGone, isAhead } = data.value;
  const isRunning = job.status === "running" && !isGone;
  useEffect(() => {
    tickParts(now);
    const { state, isPaused } = pageLive(base);
    if (isRunning && state.value === "live" && !isPaused.value) void refresh("growing");
  }, [now]);
  useEffect(() => void (hasLeft.value = false), [job.startedAt]);
  // They may be large, and do not change every second.
  const liveValues = useMemo(
    () => values.value && <values.value.JobValues job={job} whole={wholeNow()} onWhole={onWhole} />,
    [job, whole.value, values.value],
  );

  const change = (changes: Partial<WholeJob>) => (now: JobData): JobData => {
    return { ...now, job: { ...now.job, ...changes }, isAhead: true };
  };

  /** Sends one thing after the other: what is shown already may not have been done yet. */
  function inTurn<T>(send: () => Promise<T>): () => Promise<T> {
    return () => {
      const answer = turn.current.then(send);
      turn.current = answer.catch(() => {});
      return answer;
    };
  }

  /** Who looks at the end of a log that grows stays there. */
  async function refresh(what?: "growing"): Promise<void> {
    await refreshParts(what);
    if (!hasLeft.value) showEnd();
  }

  async function read(): Promise<JobData> {
    const before = known.current;
    if (before.isGone) return before; // it does not come back
    const job = await loadJob(api, id);
    if (job === null) return known.current = { ...before, isGone: true };
    const after = known.current = { job, isGone: false, isAhead: false };
    if (isStale(job, before.job, Date.now() - readAt.current)) {
      readAt.current = Date.now();
      await refresh();
    }
    return after;
  }

  async function retry() {
    whole.value = null;
    const fresh = { status: "pending" as const, attempt: 0, result: null, progress: null, waitsFor: [] };
    const pending = { ...fresh, startedAt: null, finishedAt: null, cancelRequestedAt: null };
    await act("Cannot retry the job", change(pending), inTurn(() => path.retry.$post({ param, json: {} })));
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
    await reading.current.catch(() => {}); // who asks for the page of a removed job is told that there is none
    const before = known.current;
    known.current = { ...before, isGone: true }; // that is no news
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
    const name = job.queue;
    await act(
      `Cannot resume ${name}`,
      change({ waitsFor: job.waitsFor.filter(({ reason }) => reason !== "queue_paused") }),
      () => api.queues[":name"].resume.$post({ param: { name } }),
    );
  }

  /** The job with all that is in it, if that was read since it has a result. */
  function wholeNow(): WholeJob | null {
    return whole.value?.finishedAt === job.finishedAt ? whole.value : null;
  }

  async function readWhole(): Promise<WholeJob> {
    const known = job.cuts === undefined ? job : wholeNow();
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

  async function onWhole(): Promise<void> {
    await readWhole();
  }

  /** Data and result as the server rendered them do not grow: what does takes their place, and the click. */
  async function unfold(area: HTMLElement, link: Element) {
    try {
      const loaded = await import("../../components/job/JobValue.tsx");
      await loaded.takeOver(area, link, () => values.value = loaded);
    } catch {
      toast("bad", "Cannot show more: the service did not answer");
    }
  }

  function onValues(event: TargetedMouseEvent<HTMLElement>) {
    const target = event.target as Element;
    const copied = target.closest<HTMLElement>("[data-copy]")?.dataset.copy;
    if (copied === "data" || copied === "result") void copy(copied);
    const link = target.closest(".json a.link");
    if (link === null || values.value !== null) return;
    event.preventDefault();
    void unfold(event.currentTarget, link);
  }

  /** Lets the address tell which attempts are folded out and which lines of logs are shown. */
  function onRuns(event: TargetedMouseEvent<HTMLElement>) {
    const target = event.target as Element;
    const level = target.closest<HTMLAnchorElement>(".segments a");
    if (level !== null && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      for (const each of level.parentElement?.children ?? []) {
        each.setAttribute("aria-current", each === level ? "page" : "false"); // that it keeps the focus
      }
      noteInAddress("level", new URL(level.href).searchParams.getAll("level"));
      void refresh();
    }
    const clicked = target.closest("summary")?.parentElement;
    if (clicked?.dataset.run === undefined) return;
    const folds = [...event.currentTarget.querySelectorAll<HTMLDetailsElement>("[data-run]")];
    const open = folds.filter((fold) => fold.open !== (fold === clicked)); // it changes after this
    noteInAddress("attempt", open.length === 0 ? [""] : open.map(({ dataset: { run = "" } }) => run));
  }

  const steps: Record<JobStep, () => void> = {
    run: () => void runNow(),
    resume: () => void resume(),
    priority: () => asked.value = "priority",
    follow: showEnd,
  };

  function onStep({ target }: TargetedMouseEvent<HTMLElement>) {
    const { step } = (target as Element).closest<HTMLElement>("[data-step]")?.dataset ?? {};
    if (step !== undefined) steps[step as JobStep]();
  }

  const answers = {
    onCancel: cancel,
    onRemove: remove,
    onUpdate: update,
    load: async () => (await readWhole()).data,
  };
  return (
    <>
      <PageHead title={<Text>{job.type}</Text>} now={at}>
        <span class="tag" data-status={job.status}>
          <Icon name={job.status} />
          {job.status[0]?.toUpperCase() + job.status.slice(1)}
        </span>
        {!isGone && (
          <JobActions
            job={job}
            onAsk={(what) => asked.value = what}
            onRetry={retry}
            onRunNow={runNow}
          />
        )}
      </PageHead>
      <div class="stack" onClick={onStep}>
        <ServerPart name="gone" isHidden={!isGone} />
        <ServerPart name="notes" isHidden={isGone || isAhead} />
        <div class="two aside">
          <div
            class={hasLeft.value ? "stack away" : "stack"}
            onClick={onRuns}
            onScrollCapture={() => hasLeft.value = isAway()}
          >
            <ServerPart name="runs" />
            <ServerPart name="attempts" />
          </div>
          <div class="stack" onClick={onValues}>
            <ServerPart name="facts" />
            {liveValues ?? <ServerPart name="values" />}
          </div>
        </div>
      </div>
      {dialogs !== null && asked.value !== null && (
        <dialogs.JobDialog
          asked={asked.value}
          job={job}
          answers={answers}
          onClose={() => asked.value = null}
        />
      )}
    </>
  );
}
