/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { Ask, type Question } from "../../components/jobs/Ask.tsx";
import { BulkBar, BulkProgressBar } from "../../components/jobs/BulkBar.tsx";
import type { JobAction } from "../../components/jobs/JobRow.tsx";
import { JobTable } from "../../components/jobs/JobTable.tsx";
import { NoJobs } from "../../components/jobs/NoJobs.tsx";
import { Paging } from "../../components/jobs/Paging.tsx";
import { apiAt } from "../../lib/api.ts";
import {
  BULK,
  type BulkAction,
  type BulkCounts,
  countMatching,
  countRows,
  filterFor,
  formatBulkCount,
  isFor,
} from "../../lib/bulk.ts";
import { useBulk } from "../../lib/bulk-run.ts";
import { formatCount } from "../../lib/format.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { useJobList } from "../../lib/job-list.ts";
import { useKeys } from "../../lib/keys.ts";
import type { JobRow, JobsData } from "../../lib/jobs.ts";
import type { JobsQuery } from "../../lib/jobs-query.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** The list of jobs: live, with keys, and with what can be done to one, to some, or to all that match. */
export default function JobDashboard({ initial, query, renderedAt }: {
  initial: JobsData;
  query: JobsQuery;
  renderedAt: number;
}) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { data, rows, gone, news, showNews, act } = useJobList(base, initial, query);
  const bulk = useBulk(base, (action) => {
    if (action === "remove") void showNews(); // others take the places of those that went
  });
  const selected = useSignal<ReadonlySet<string>>(new Set());
  const isAll = useSignal(false);
  const counts = useSignal<BulkCounts | null>(null);
  const question = useSignal<Question | null>(null);
  const isAdmin = role === "admin";
  const shown = rows.value;
  const chosen = shown.filter(({ id }) => selected.value.has(id));

  function select(ids: readonly string[], isSelected: boolean) {
    const next = new Set(selected.value);
    for (const id of ids) isSelected ? next.add(id) : next.delete(id);
    selected.value = next;
    isAll.value = false;
  }

  async function selectAll() {
    isAll.value = true;
    counts.value = null;
    try {
      counts.value = await countMatching(api, query.conditions);
    } catch (error) {
      isAll.value = false;
      toast("bad", `Cannot count the jobs: ${reasonOf(error)}`);
    }
  }

  function clear() {
    selected.value = new Set();
    isAll.value = false;
  }

  /** Does something to one job; what destroys asks first. */
  function actOn(job: JobRow, action: JobAction, isSure = false) {
    const { type, id } = job;
    if (action === "remove" && !isSure) {
      question.value = {
        title: "Remove 1 job?",
        text: `${type}, job ${id}, with its log. This cannot be undone.`,
        yes: "Remove 1 job",
        no: "Keep it",
        act: () => actOn(job, action, true),
      };
      return;
    }
    const param = { id };
    const isDone = act(
      `Cannot ${action === "retry" ? "run" : action} job ${id}${action === "retry" ? " again" : ""}`,
      ({ list, around }) => ({ list: { ...list, rows: changed(list.rows, job, action, now.value) }, around }),
      () => {
        if (action === "retry") return api.jobs[":id"].retry.$post({ param, json: {} });
        if (action === "cancel") return api.jobs[":id"].cancel.$post({ param, json: {} });
        return api.jobs[":id"].$delete({ param, query: {} });
      },
    );
    if (action === "remove") void isDone.then((done) => done ? showNews() : undefined);
  }

  /** Does something to all that are selected. */
  function actOnAll(action: BulkAction, isSure = false) {
    const { verb, which } = BULK[action];
    const count = (isAll.value ? counts.value : countRows(chosen))?.[action];
    if (count === undefined) return;
    const jobs = `${formatBulkCount(count)} ${which} ${
      count.matched === 1 && count.complete ? "job" : "jobs"
    }`;
    if (action !== "retry" && !isSure) {
      question.value = {
        title: `${verb} ${jobs}?`,
        text: action === "remove"
          ? "They go with their logs. This cannot be undone. Unfinished jobs stay."
          : "Those that wait do not run; those that run are asked to stop. They can be run again.",
        yes: `${verb} ${jobs.replace(` ${which}`, "")}`,
        no: "Keep them",
        act: () => actOnAll(action, true),
      };
      return;
    }
    const filter = isAll.value ? filterFor(action, query.conditions) ?? undefined : undefined;
    const ids = chosen.filter((row) => isFor(action, row)).map(({ id }) => id);
    void bulk.start(isAll.value ? { action, filter } : { action, ids });
    clear();
  }

  useKeys((key, event) => {
    const row = document.activeElement?.closest<HTMLElement>("tr[data-id]") ?? null;
    if (key === "j" || key === "k") return focusRow(row, key === "j" ? 1 : -1);
    if (key === "Enter" && document.activeElement?.matches("input")) row?.querySelector("a")?.click();
    const job = rows.value.find(({ id }) => id === row?.dataset.id);
    if (job === undefined || !isAdmin) return;
    if (key === "x") select([job.id], !selected.value.has(job.id));
    else if (key === "r" && job.finishedAt !== null) actOn(job, "retry");
    else return;
    event.preventDefault();
  });

  // What is not shown any more cannot be seen to be selected.
  useEffect(() => {
    const ids = new Set(shown.map(({ id }) => id));
    if ([...selected.value].some((id) => !ids.has(id))) {
      selected.value = new Set([...selected.value].filter((id) => ids.has(id)));
    }
  }, [shown]);

  const { list, around } = data.value;
  const isWholePage = chosen.length > 0 && chosen.length === shown.length;
  const hasOthers = list.nextCursor !== null || query.page > 1;
  return (
    <>
      {shown.length === 0 ? <NoJobs data={data.value} query={query} /> : (
        <JobTable
          rows={shown}
          gone={gone.value}
          around={around}
          query={query}
          now={now.value}
          selected={isAdmin ? (isAll.value ? new Set(shown.map(({ id }) => id)) : selected.value) : null}
          onSelect={select}
          onAction={actOn}
        >
          <div class="news" role="status">
            {news.value.count > 0 && (
              <button class="btn" type="button" onClick={() => void showNews()}>
                {formatCount(news.value.count)}
                {news.value.isMore ? "+" : ""} new {news.value.count === 1 ? "job" : "jobs"} – show
              </button>
            )}
          </div>
        </JobTable>
      )}
      {(shown.length > 0 || hasOthers) && <Paging data={data.value} query={query} />}
      {bulk.progress.value !== null
        ? <BulkProgressBar bulk={bulk.progress.value} onClose={bulk.hide} />
        : (chosen.length > 0 || isAll.value) && (
          <BulkBar
            count={chosen.length}
            isAll={isAll.value}
            counts={isAll.value ? counts.value : countRows(chosen)}
            onAll={isWholePage && hasOthers && !isAll.value ? () => void selectAll() : null}
            onAction={actOnAll}
            onClear={clear}
          />
        )}
      {question.value && <Ask question={question.value} onClose={() => question.value = null} />}
    </>
  );
}

function focusRow(row: HTMLElement | null, step: 1 | -1) {
  const rows = [...document.querySelectorAll<HTMLElement>("tr[data-id]")];
  const at = row === null ? (step > 0 ? 0 : rows.length - 1) : rows.indexOf(row) + step;
  const link = rows[at]?.querySelector<HTMLElement>("th a");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

/** What the rows look like once the action is done, as far as one can tell before. */
function changed(rows: JobRow[], { id }: JobRow, action: JobAction, now: number): JobRow[] {
  if (action === "remove") return rows.filter((row) => row.id !== id);
  const updatedAt = new Date(now).toISOString();
  return rows.map((row): JobRow => {
    if (row.id !== id) return row;
    if (action === "retry") {
      return { ...row, status: "pending", finishedAt: null, startedAt: null, updatedAt };
    }
    return row.status === "running"
      ? { ...row, isStopping: true }
      : { ...row, status: "cancelled", finishedAt: updatedAt, updatedAt };
  });
}
