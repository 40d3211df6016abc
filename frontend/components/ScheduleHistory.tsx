/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";
import type { Schedule, ScheduleData } from "../lib/schedules.ts";
import { Time } from "./Time.tsx";

/** Who changed a schedule, and who ran it. */
export function ScheduleHistory({ data, now }: { data: ScheduleData; now: number }) {
  const { base } = usePage();
  const { name } = data.schedule;
  return (
    <section class="panel" aria-labelledby="history">
      <header>
        <h2 id="history">Who changed it</h2>
        <a
          class="link soft end"
          href={`${base}/admin/audit?subject=${encodeURIComponent(name)}`}
          aria-current="false"
        >
          Audit log
        </a>
      </header>
      <ol class="body changes">
        {historyOf(data).map(({ at, by, what, before, after }) => (
          <li key={at + what}>
            <span>
              <strong>{by ?? (data.schedule.code === null ? "Somebody" : "Code")}</strong> {what}
            </span>
            <span class="soft end">
              <Time at={at} now={now} />
            </span>
            <Differences before={before} after={after} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface HistoryEntry {
  at: string;
  /** null: code. */
  by: string | null;
  what: string;
  before: Fields;
  after: Fields;
}

/** What was done to it, newest first: what it remembers itself, and when people ran it. */
function historyOf({ schedule, audit }: ScheduleData): HistoryEntry[] {
  const changes = schedule.changes.map((change) => ({ ...change, what: DONE[change.what] }));
  const ran = audit.filter(({ action }) => action === "schedule.trigger")
    .map(({ at, by }) => ({ at, by, what: "ran it", before: null, after: null }));
  return [...changes, ...ran].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

const DONE: Readonly<Record<Schedule["changes"][number]["what"], string>> = {
  created: "made it",
  declared: "declared something else",
  updated: "changed it",
  reverted: "went back to code",
  enabled: "switched it on",
  disabled: "switched it off",
  "not in code": "no longer declares it",
  "in code again": "declares it again",
};

type Fields = Schedule["changes"][number]["before"];

/** The fields that a change has changed, each as it was and as it became. */
function Differences({ before, after }: { before: Fields; after: Fields }) {
  const names = Object.keys(after ?? {}).filter((name) => show(before?.[name]) !== show(after?.[name]));
  if (names.length === 0) return null;
  return (
    <ul class="mono">
      {names.map((name) => (
        <li key={name}>
          {name}: <del>{show(before?.[name])}</del> <ins>{show(after?.[name])}</ins>
        </li>
      ))}
    </ul>
  );
}

/** The most characters of a value that are shown. */
const SHOWN = 200;

function show(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
