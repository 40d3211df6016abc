/** @jsxImportSource preact */
import { useRef } from "preact/hooks";
import { Icon } from "../../components/Icon.tsx";
import { SaveView } from "../../components/jobs/SaveView.tsx";
import { formatJobs } from "../../lib/format.ts";
import { type Condition, conditionText, filterText, withCondition } from "../../lib/job-filter.ts";
import { beginning, jobsPath, type JobsQuery, PAGE_SIZES } from "../../lib/jobs-query.ts";
import type { Around } from "../../lib/jobs.ts";
import { useKeys } from "../../lib/keys.ts";
import { usePage } from "../../lib/page-info.ts";
import { visible } from "../../lib/preview.ts";
import { useSignal } from "../../lib/signal.ts";
import type { View } from "../../lib/view.ts";

/** As many suggestions as are shown. */
const MOST = 8;

/** Statuses as they are looked for: what is wrong or going on comes first. */
const ORDER = ["failed", "retrying", "running", "pending", "scheduled", "completed", "cancelled"] as const;

interface Suggestion {
  one: Condition;
  note: string;
}

/** Which jobs the list shows: conditions to take away, and a field for others. Without scripts it is a form. */
export default function JobFilter({ query, around, tags, views }: {
  query: JobsQuery;
  around: Pick<Around, "counts" | "types" | "queues">;
  tags: readonly string[];
  views: readonly View[];
}) {
  const { base, role } = usePage();
  const { conditions } = query;
  const named = conditions.filter(({ name }) => name !== "q");
  const text = filterText(conditions.filter(({ name }) => name === "q"));
  const typed = useSignal(text);
  const isClosed = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const href = (next: readonly Condition[]) => base + jobsPath(beginning(query, { conditions: [...next] }));
  const without = (one: Condition) => href(conditions.filter((other) => other !== one));
  const suggestions = suggestionsFor(typed.value, { around, tags, named });

  useKeys((key, event) => {
    if (key !== "/") return;
    event.preventDefault();
    form.current?.querySelector<HTMLInputElement>("#q")?.select();
  });

  function onKeyDown(event: KeyboardEvent) {
    const fields = [...form.current?.querySelectorAll<HTMLElement>("#q, .pop a") ?? []];
    const at = fields.indexOf(document.activeElement as HTMLElement);
    const [last] = named.slice(-1);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      // What was closed opens first: it cannot have the focus before.
      if (isClosed.value) isClosed.value = false;
      else fields[(at + step + fields.length) % fields.length]?.focus();
    } else if (event.key === "Escape") {
      isClosed.value = true;
      fields[0]?.focus();
    } else if (event.key === "Backspace" && at === 0 && typed.value === "" && last !== undefined) {
      location.assign(without(last));
    } else return;
    event.preventDefault();
  }

  return (
    <form class="row" role="search" action={`${base}/admin/jobs`} ref={form}>
      <div class="query" onKeyDown={onKeyDown} onFocusOut={() => isClosed.value = false}>
        <Icon name="search" />
        {named.map((one) => (
          <span class="chip" key={conditionText(one)}>
            <bdi>{visible(conditionText(one), 60)}</bdi>
            <a
              href={without(one)}
              aria-current="false"
              aria-label={`Remove filter ${visible(conditionText(one))}`}
            >
              <Icon name="close" />
            </a>
            <input type="hidden" name={one.name} value={one.value} />
          </span>
        ))}
        {query.limit !== PAGE_SIZES[0] && <input type="hidden" name="limit" value={query.limit} />}
        {Object.entries(query.kept).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <label class="hidden" for="q">Filter jobs</label>
        <input
          id="q"
          name="filter"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={named.length === 0 ? "status: type: queue: tag: data.path=value, or text" : "and …"}
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            isClosed.value = false;
          }}
        />
        <kbd class="wide" aria-hidden="true">/</kbd>
        {suggestions.length > 0 && (
          <div class="pop" role="group" aria-label="Suggestions" hidden={isClosed.value}>
            {suggestions.map(({ one, note }) => (
              <a
                key={conditionText(one)}
                href={href(withCondition(conditions.filter(({ name }) => name !== "q"), one))}
                aria-current="false"
              >
                <code class="cut">{visible(conditionText(one), 60)}</code>
                <span class="soft end">{note}</span>
              </a>
            ))}
          </div>
        )}
      </div>
      {role === "admin" && conditions.length > 0 && (
        <SaveView filter={filterText(conditions)} initial={views} />
      )}
    </form>
  );
}

/** What the last word may become; without one, some of everything. */
function suggestionsFor(typed: string, { around, tags, named }: {
  around: Pick<Around, "counts" | "types" | "queues">;
  tags: readonly string[];
  named: readonly Condition[];
}): Suggestion[] {
  const { counts, types, queues } = around;
  const word = (typed.split(/\s+/).at(-1) ?? "").toLowerCase();
  const families = [...new Set(types.flatMap(([name]) => /^[^:]+(?=:)/.exec(name) ?? []))];
  const of = (name: string, values: readonly (readonly [value: string, note: string])[]) =>
    values.map(([value, note]): Suggestion => ({ one: { name, value }, note })).filter(({ one }) =>
      !named.some(({ name, value }) => name === one.name && value === one.value) &&
      `${name}:${one.value}`.toLowerCase().includes(word)
    );
  const statuses = ORDER.filter((status) => word !== "" || counts[status] > 0);
  const groups = [
    of("status", statuses.map((status) => [status, formatJobs(counts[status])])),
    of("type", [
      ...families.map((family) => [family, `${family} and ${family}:…`] as const),
      ...types.map(([name, count]) => [name, formatJobs(count)] as const),
    ]),
    of("queue", queues.map(([name, count]) => [name, formatJobs(count)])),
    of("tag", tags.map((tag) => [tag, ""])),
  ];
  if (word === "") return groups.flatMap((group) => group.slice(0, MOST / groups.length));
  const starts = ({ one }: Suggestion) =>
    Number(conditionText(one).toLowerCase().startsWith(word) || one.value.toLowerCase().startsWith(word));
  return groups.flat().sort((a, b) => starts(b) - starts(a)).slice(0, MOST);
}
