import { useEffect, useRef } from "preact/hooks";
import { apiAt } from "./api.ts";
import { useComputed } from "./computed.ts";
import { type FreshData, reasonOf, useFreshData } from "./fresh-data.ts";
import { type JobList, type JobRow, type JobsData, loadAround, loadJobs, loadList, rowOf } from "./jobs.ts";
import { isFinal } from "./job-status.ts";
import { isByAge, type JobsQuery } from "./jobs-query.ts";
import { type LiveEvent, pageLive } from "./live.ts";
import { type ReadonlySignal, useSignal } from "./signal.ts";
import { toast } from "./toasts.ts";

/** What an event tells of a job. */
export interface JobEvent extends
  Pick<
    JobRow,
    | "id"
    | "status"
    | "priority"
    | "attempt"
    | "maxAttempts"
    | "scheduledAt"
    | "startedAt"
    | "finishedAt"
  > {
  progress: { percent: number; at: string } | null;
  at: string;
}

/** A page of the list that stays true and does not move. */
export interface LiveJobList {
  data: ReadonlySignal<JobsData>;
  /** The rows as they are now, in the order in which they were first shown. */
  rows: ReadonlySignal<readonly JobRow[]>;
  /** Rows that the list does not have any more. */
  gone: ReadonlySignal<ReadonlySet<string>>;
  /** Jobs that the page would have besides; `isMore`: there are still others behind them. */
  news: ReadonlySignal<{ count: number; isMore: boolean }>;
  /** Shows the page as it is now, with what is new. */
  showNews(): Promise<void>;
  act: FreshData<JobsData>["act"];
}

/** Milliseconds after which it is looked again at queues and workers. */
const AROUND_INTERVAL = 5000;
/** The most jobs that are read one by one, in one go. */
const MOST_SINGLE = 20;

const NO_NEWS = { count: 0, isMore: false };

/**
 * Keeps the rows of a page fresh: by events at once, and by reading the page anew, at most once a second. Rows keep
 * their places until somebody asks for what is new, however much happens; of events only the last one of each row is
 * kept, and many of them are shown together.
 */
export function useJobList(base: string, initial: JobsData, query: JobsQuery): LiveJobList {
  const api = apiAt(base);
  const news = useSignal(NO_NEWS);
  const gone = useSignal<ReadonlySet<string>>(new Set());
  const events = useSignal<ReadonlyMap<string, JobEvent>>(new Map());
  const touched = useRef(new Set<string>()).current;
  const aroundAt = useRef(0);
  const { data, act } = useFreshData(initial, { load, on: ["job.", "worker."] });
  const ids = useComputed(() => new Set(data.value.list.rows.map(({ id }) => id)), [data]);
  const merge = useRef(mergeCached()).current;
  const rows = useComputed(() => data.value.list.rows.map((row) => merge(row, events.value.get(row.id))), [
    data,
    events,
  ]);

  async function load(): Promise<JobsData> {
    await null; // until every listener has been told of the event
    if (data.value.list.refusal !== null) return data.value;
    const changed = new Set(touched);
    touched.clear();
    const isOld = performance.now() - aroundAt.current > AROUND_INTERVAL;
    if (isOld) aroundAt.current = performance.now();
    const [fresh, around] = await Promise.all([
      loadList(api, query),
      isOld ? loadAround(api, query.conditions) : data.value.around,
    ]);
    if (data.value.list.rows.length === 0) return { list: fresh, around };
    const found = new Map(fresh.rows.map((row) => [row.id, row]));
    const isKept = keptBy(fresh, data.value.list.rows, query);
    const missing = data.value.list.rows.filter((row) =>
      !found.has(row.id) && changed.has(row.id) && isKept(row)
    );
    await Promise.all(
      missing.slice(0, MOST_SINGLE).map(async ({ id }) => {
        const row = await readOne(id);
        if (row !== null) found.set(id, row);
      }),
    );

    const { list } = data.value;
    const others = fresh.rows.filter(({ id }) => !ids.value.has(id)).length;
    news.value = { count: others, isMore: others === query.limit && fresh.nextCursor !== null };
    gone.value = new Set(list.rows.filter((row) => !isKept(row)).map(({ id }) => id));
    return { list: { ...list, rows: list.rows.map((row) => same(row, found.get(row.id) ?? row)) }, around };
  }

  async function readOne(id: string): Promise<JobRow | null> {
    return await api.jobs[":id"].$get({ param: { id }, query: { brief: "true" } })
      .then(async (answer) => rowOf(await answer.json()), () => null);
  }

  async function showNews(): Promise<void> {
    try {
      const fresh = await loadJobs(api, query);
      news.value = NO_NEWS;
      gone.value = new Set();
      await act("Cannot show the new jobs", () => fresh, () => Promise.resolve());
    } catch (error) {
      toast("bad", `Cannot show the new jobs: ${reasonOf(error)}`);
    }
  }

  useEffect(() => {
    let waiting = new Map<string, JobEvent>();
    const show = () => {
      events.value = new Map([...events.value, ...waiting].filter(([id]) => ids.value.has(id)));
      waiting = new Map();
    };
    return pageLive(base).listen({
      onEvent(event: LiveEvent, detail) {
        if (!event.startsWith("job.")) return;
        if (event === "job.many") {
          // Which of them nobody has said. One that has come to an end is hardly among them.
          for (const { id, status } of rows.value) if (!isFinal(status)) touched.add(id);
          return;
        }
        const job = detail as JobEvent;
        if (!ids.value.has(job.id)) return;
        touched.add(job.id);
        if (waiting.size === 0) requestAnimationFrame(show);
        waiting.set(job.id, job);
      },
      onReload() {
        aroundAt.current = -AROUND_INTERVAL;
        for (const id of ids.value) touched.add(id);
      },
    });
  }, []);

  return { data, rows, gone, news, showNews, act };
}

/**
 * Tells of a row whether the list may still have it: one that is not on the fresh page may have been pushed off its end
 * by others. Where nothing was, or nothing can be that stood before one that is still there, it is gone.
 */
export function keptBy(fresh: JobList, rows: readonly JobRow[], query: JobsQuery): (row: JobRow) => boolean {
  const ids = new Set(fresh.rows.map(({ id }) => id));
  const last = rows.findLastIndex(({ id }) => ids.has(id));
  const end = query.cursor === null && fresh.nextCursor === null ? rows.length : isByAge(query) ? last : 0;
  const before = new Set(rows.slice(0, Math.max(0, end)).map(({ id }) => id));
  return ({ id }) => ids.has(id) || !before.has(id);
}

/** Returns `row` itself if `fresh` says nothing else: what has not changed is not drawn again. */
function same(row: JobRow, fresh: JobRow): JobRow {
  return JSON.stringify(fresh) === JSON.stringify(row) ? row : fresh;
}

/** Returns what merges rows with events, and gives the same rows for the same of both. */
function mergeCached(): (row: JobRow, event: JobEvent | undefined) => JobRow {
  const known = new WeakMap<JobRow, { event: JobEvent; merged: JobRow }>();
  return (row, event) => {
    if (event === undefined) return row;
    const last = known.get(row);
    if (last?.event === event) return last.merged;
    const merged = mergeEvent(row, event);
    known.set(row, { event, merged });
    return merged;
  };
}

/** Returns `row` as it is after `event`, unless it was read later. */
export function mergeEvent(row: JobRow, event: JobEvent): JobRow {
  if (event.at < row.updatedAt) return row;
  const { status, priority, attempt, maxAttempts, scheduledAt, startedAt, finishedAt, progress } = event;
  const isRunning = status === "running";
  return {
    ...row,
    status,
    priority,
    attempt,
    maxAttempts,
    scheduledAt,
    startedAt,
    finishedAt,
    percent: progress?.percent ?? null,
    progressAt: progress?.at ?? null,
    isStopping: isRunning && row.isStopping,
    workerId: isRunning ? row.workerId : null,
  };
}
