/** @jsxImportSource preact */
import { DataTable } from "../../components/DataTable.tsx";
import { Differences } from "../../components/Differences.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Pages } from "../../components/Pages.tsx";
import { Text } from "../../components/Text.tsx";
import { Time } from "../../components/Time.tsx";
import { apiAt } from "../../lib/api.ts";
import {
  ACTIONS,
  addressOfAudit,
  type AuditData,
  type AuditEntry,
  type AuditQuery,
  differencesOf,
  loadAudit,
  pageOfSubject,
} from "../../lib/audit.ts";
import { formatCount } from "../../lib/format.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";

const COLUMNS = ["When", "Who", "Action", "Subject", "Change", "Request"];

/** Who may have changed something. */
const ROLES = ["admin", "producer"];

/** Who changed what, and when. */
export default function Audit({ initial, query, now: renderedAt }: {
  initial: AuditData;
  query: AuditQuery;
  now: number;
}) {
  const { base } = usePage();
  const now = useNow(renderedAt).value;
  // No event tells of entries: most changes move a job, a worker or a schedule, or come with a read of others.
  const { data: latest } = useFreshData(initial, {
    load: () => loadAudit(apiAt(base), query),
    on: ["stats", "worker.", "schedule."],
  });
  const shown = useSignal(initial);
  const { entries, nextCursor, scanned } = shown.value;
  const newest = entries[0]?.id ?? "";
  const news = query.cursor === null ? latest.value.entries.filter(({ id }) => id > newest).length : 0;
  const isFiltered = query.action !== "" || query.subject !== "" || query.by !== "";
  const href = (changes: Partial<AuditQuery>) => addressOfAudit(base, { ...query, cursor: null, ...changes });

  return (
    <section class="panel" aria-labelledby="entries">
      <header>
        <h2 id="entries">Changes</h2>
        <span role="status">
          {news > 0 && (
            <button class="btn" type="button" onClick={() => shown.value = latest.value}>
              Show {formatCount(news)} new
            </button>
          )}
        </span>
        <Filter query={query} isFiltered={isFiltered} />
      </header>
      {entries.length === 0
        ? (
          <Empty icon="audit" title={isFiltered ? "No such changes" : "Nothing was changed so far"}>
            <p>
              {scanned !== null
                ? `None among the ${formatCount(scanned)} entries that were looked at.`
                : isFiltered
                ? <a href={addressOfAudit(base, {})} aria-current="false">Show all</a>
                : "What people change by this dashboard or the API is kept here for 90 days, unless set otherwise."}
            </p>
          </Empty>
        )
        : (
          <DataTable label="Table of changes" kind="tall audit" columns={COLUMNS}>
            {entries.map((entry) => (
              <tr key={entry.id} data-entry={entry.id}>
                <td class="fit full">
                  <Time at={entry.at} now={now} />
                </td>
                <td data-label="Who">
                  <a href={href({ by: entry.by })} aria-current="false">
                    <Text>{entry.by}</Text>
                  </a>
                </td>
                <td class="span8 fit" data-label="Action">
                  <a class="action" href={href({ action: entry.action })} aria-current="false">
                    <Text>{entry.action}</Text>
                  </a>
                </td>
                <td class="full subject" data-label="Subject">
                  <Subject entry={entry} all={href({ subject: entry.subject ?? "" })} />
                </td>
                <td class="full change">
                  <Differences differences={differencesOf(entry)} />
                </td>
                <td
                  class="full mono soft cut request"
                  data-label="Request"
                  title={entry.requestId ?? undefined}
                >
                  {entry.requestId !== null && <Text>{entry.requestId}</Text>}
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      <Pages
        of="changes"
        first={query.cursor === null ? null : href({})}
        next={nextCursor === null ? null : href({ cursor: nextCursor })}
      >
        {scanned !== null && nextCursor !== null && (
          <span>Looked at {formatCount(scanned)} entries so far: the filter is slow to match</span>
        )}
      </Pages>
    </section>
  );
}

function Filter({ query: { action, subject, by }, isFiltered }: { query: AuditQuery; isFiltered: boolean }) {
  const { base } = usePage();
  const roles = by === "" || ROLES.includes(by) ? ROLES : [...ROLES, by];
  return (
    <form class="row end" method="get" action={`${base}/admin/audit`} role="search">
      <input
        class="short mono"
        type="search"
        name="action"
        value={action}
        list="actions"
        placeholder="job, job.cancel"
        aria-label="Action, or what it is done to"
      />
      <datalist id="actions">{ACTIONS.map((name) => <option key={name} value={name} />)}</datalist>
      <input
        class="short mono"
        type="search"
        name="subject"
        value={subject}
        placeholder="Subject: id or name"
        aria-label="Id or name of what was changed"
      />
      <select class="short" name="by" aria-label="Who">
        <option value="">Anybody</option>
        {roles.map((role) => <option key={role} value={role} selected={role === by}>{role}</option>)}
      </select>
      <button class="btn" type="submit">
        <Icon name="search" />Filter
      </button>
      {isFiltered && (
        <a class="btn bare square" href={addressOfAudit(base, {})} aria-label="Show all" aria-current="false">
          <Icon name="close" />
        </a>
      )}
    </form>
  );
}

/** What was changed: a link to its page, and to all else that was done to it. */
function Subject({ entry, all }: { entry: AuditEntry; all: string }) {
  const { base } = usePage();
  const { subject } = entry;
  if (subject === null) return <span class="soft">many</span>;
  const page = pageOfSubject(base, entry);
  return (
    <span class="row flat">
      {page === null ? <Text>{subject}</Text> : (
        <a class="link" href={page} aria-current="false">
          <Text>{subject}</Text>
        </a>
      )}
      <a class="btn bare square" href={all} aria-label={`All changes of ${subject}`} aria-current="false">
        <Icon name="search" />
      </a>
    </span>
  );
}
