/** @jsxImportSource preact */
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Note } from "../../components/Note.tsx";
import { Text } from "../../components/Text.tsx";
import { Age, Time } from "../../components/Time.tsx";
import { Trend } from "../../components/Trend.tsx";
import { apiAt } from "../../lib/api.ts";
import { type Cause, type ErrorsData, type ErrorsQuery, loadErrors, RANGES } from "../../lib/errors.ts";
import { formatCount, formatDuration, formatJobs } from "../../lib/format.ts";
import { reasonOf, useFreshData } from "../../lib/fresh-data.ts";
import { pageLive } from "../../lib/live.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useState } from "preact/hooks";
import { toast } from "../../lib/toasts.ts";
import { withParam } from "../../lib/urls.ts";

/** Milliseconds between two reads: each looks at up to five hundred jobs. */
const SPACING = 5000;

/** What makes jobs fail: each cause with when and how often, and a way to run its jobs again. */
export default function Errors({ initial, query, search }: {
  initial: Omit<ErrorsData, "opened">;
  query: ErrorsQuery;
  /** What is behind the page's path. */
  search: string;
}) {
  const { base, role } = usePage();
  const { data } = useFreshData<Omit<ErrorsData, "opened">>(initial, {
    load: () => loadErrors(apiAt(base), { ...query, open: null }),
    on: ["stats"],
    spacing: SPACING,
  });
  const now = useNow(initial.at).value;
  const [retrying, setRetrying] = useState<ReadonlySet<string>>(new Set());
  const { causes, groups, failures, complete, from, step, release } = data.value;
  const { range } = query;
  const fresh = causes.filter(({ isNew }) => isNew).length;

  async function retry(cause: Cause) {
    const { fingerprint, type } = cause;
    const { jobs } = apiAt(base);
    const filter = { status: ["failed" as const], type, fingerprint, finishedAfter: from };
    setRetrying((others) => new Set([...others, fingerprint]));
    try {
      const answer = await (await jobs.bulk.$post({ json: { action: "retry", filter } })).json();
      if ("id" in answer) {
        const { id } = answer;
        const href = `${base}/admin/jobs/${encodeURIComponent(id)}`;
        toast("good", `Retrying ${wordsOf(cause, complete)}`, { href, text: "See how far" });
        await jobs[":id"].$get({ param: { id }, query: { wait: "30s" } });
      }
    } catch (error) {
      toast("bad", `Cannot retry ${wordsOf(cause, complete)}: ${reasonOf(error)}`);
    }
    setRetrying((others) => new Set([...others].filter((other) => other !== fingerprint)));
    pageLive(base).refresh();
  }

  return (
    <>
      <p class="soft">
        {formatCount(failures)} failed {failures === 1 ? "attempt" : "attempts"} in the last {range},{" "}
        {formatCount(groups)} {groups === 1 ? "cause" : "causes"}
        {release !== null && fresh > 0 && (
          <>
            , {formatCount(fresh)} of them new in <Text>{release.version}</Text>
          </>
        )}
      </p>
      {!complete && (
        <Note status="warn" icon="info" title="Older failures are not counted">
          Only the latest 500 jobs that failed or will be tried again were looked at. A type or a shorter time
          tells more of what is left.
        </Note>
      )}
      <section class="panel" aria-labelledby="causes">
        <h2 class="hidden" id="causes">Failures by cause</h2>
        {causes.length === 0 ? <NoErrors query={query} search={search} /> : (
          <DataTable
            label="Causes"
            kind="tall"
            columns={["Cause", "Type", "Attempts", "Jobs", `Last ${range}`, "Seen"]}
            numbers={["Attempts", "Jobs"]}
            order="Attempts"
            hasActions={role === "admin"}
          >
            {causes.map((cause) => (
              <CauseRow
                key={cause.fingerprint}
                cause={cause}
                release={release}
                range={range}
                step={step}
                search={search}
                now={now}
                action={role !== "admin" ? null : (
                  <td class="act full">
                    {cause.failed > 0 && (
                      <RetryButton
                        cause={cause}
                        complete={complete}
                        isRetrying={retrying.has(cause.fingerprint)}
                        onClick={() => void retry(cause)}
                      />
                    )}
                  </td>
                )}
              />
            ))}
          </DataTable>
        )}
        {groups > causes.length && (
          <p class="body soft">{formatCount(groups - causes.length)} more causes, each of fewer failures</p>
        )}
      </section>
    </>
  );
}

function RetryButton({ cause: { name, failed }, complete, isRetrying, onClick }: {
  cause: Cause;
  complete: boolean;
  isRetrying: boolean;
  onClick: () => void;
}) {
  const many = !complete ? `all ${formatCount(failed)}+` : failed === 1 ? "1" : `all ${formatCount(failed)}`;
  const label = isRetrying ? `Retrying ${many}…` : `Retry ${many}`;
  return (
    <button
      class="btn"
      type="button"
      aria-label={`${label}, ${name}`}
      disabled={isRetrying}
      onClick={onClick}
    >
      {label}
    </button>
  );
}

/** The failed jobs of a cause, in words; there may be more than were looked at. */
function wordsOf({ failed }: Cause, complete: boolean): string {
  return complete ? formatJobs(failed) : `${formatCount(failed)} or more jobs`;
}

function CauseRow({ cause, release, range, step, search, now, action }: {
  cause: Cause;
  release: ErrorsData["release"];
  range: string;
  step: number;
  search: string;
  now: number;
  action: preact.ComponentChildren;
}) {
  const { fingerprint, name, pattern, type, count, jobs, failed, firstAt, lastAt, series, isNew } = cause;
  return (
    <tr data-cause={fingerprint}>
      <th scope="row" class="grow full">
        <a
          class="cause"
          href={`${withParam(withParam(search, "range", range), "open", fingerprint)}#sample`}
          aria-current="false"
        >
          <strong class="bad">
            <Text>{name}</Text>
          </strong>{" "}
          {isNew && release !== null && (
            <span
              class="tag"
              data-status="failed"
              title={`Not seen before ${release.version}, as far as the last ${range} go back`}
            >
              new in <Text>{release.version}</Text>
            </span>
          )}
          <span class="plain">
            <Text>{pattern}</Text>
          </span>
        </a>
      </th>
      <td class="mono span6" data-label="Type">
        <Text>{type}</Text>
      </td>
      <td class="num span3" data-label="Attempts">
        <strong>{formatCount(count)}</strong>
      </td>
      <td class="num span3" data-label="Jobs">
        {formatCount(jobs)}
        {failed < jobs && <small>, {formatCount(jobs - failed)} not for good</small>}
      </td>
      <td class="span6" data-label={`Last ${range}`}>
        <Trend
          series={series}
          label={`${name} per ${formatDuration(step)}, ${formatCount(count)} in the last ${range}`}
        />
      </td>
      <td class="fit span6" data-label="Seen">
        <Age at={lastAt} now={now} /> ago
        <br />
        <span class="soft">
          first <Time at={firstAt} now={now} isBrief />
        </span>
      </td>
      {action}
    </tr>
  );
}

function NoErrors({ query: { range, type }, search }: { query: ErrorsQuery; search: string }) {
  const all = Object.keys(RANGES);
  const wider = all[all.indexOf(range) + 1];
  return (
    <Empty icon="completed" title={`Nothing has failed in the last ${range}`}>
      {type !== null && (
        <p>
          Of type <Text>{type}</Text>. <a href={withParam(search, "type", null)}>Look at all types</a>
        </p>
      )}
      {wider !== undefined && (
        <p>
          <a href={withParam(search, "range", wider)}>Look at the last {wider}</a>
        </p>
      )}
    </Empty>
  );
}
