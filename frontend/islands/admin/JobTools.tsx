/** @jsxImportSource preact */
import type { VNode } from "preact";
import { Icon } from "../../components/Icon.tsx";
import { type Condition, filterQuery } from "../../lib/job-filter.ts";
import type { Around } from "../../lib/jobs.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

const FORMATS = [
  ["ndjson", "NDJSON", "every field, one job a line"],
  ["csv", "CSV", "for spreadsheets"],
] as const;

/** What can be done at the head of the list: export what it shows, clean up, add a job. */
export default function JobTools({ conditions, around }: {
  conditions: readonly Condition[];
  around: Pick<Around, "types" | "queues">;
}) {
  const { base, role } = usePage();
  const dialog = useSignal<VNode | null>(null);
  const onClose = () => dialog.value = null;

  /** Few need the dialogs: who does, loads them. */
  async function open(made: Promise<VNode>) {
    try {
      dialog.value = await made;
    } catch {
      toast("bad", "Cannot open the dialog: the service did not answer");
    }
  }

  async function cleanUp() {
    const { CleanUp } = await import("../../components/jobs/CleanUp.tsx");
    return <CleanUp onClose={onClose} />;
  }

  async function newJob() {
    const { NewJob } = await import("../../components/jobs/NewJob.tsx");
    const [types, queues] = [around.types, around.queues].map((names) => names.map(([name]) => name));
    return <NewJob types={types ?? []} queues={queues ?? []} onClose={onClose} />;
  }

  return (
    <div class="row end">
      <details
        class="drop"
        onFocusOut={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget as Node | null)) currentTarget.open = false;
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === "Escape") currentTarget.open = false;
        }}
      >
        <summary class="btn bare">
          <Icon name="export" />Export
        </summary>
        <div class="pop">
          {FORMATS.map(([format, title, note]) => (
            <a
              key={format}
              href={`${base}/api/admin/jobs/export?${filterQuery(conditions, { format })}`}
              download
            >
              {title}
              <span class="soft end">{conditions.length > 0 ? "jobs that match" : "all jobs"}, {note}</span>
            </a>
          ))}
        </div>
      </details>
      {role === "admin" && (
        <>
          <button class="btn" type="button" onClick={() => void open(cleanUp())}>Clean up…</button>
          <button class="btn main" type="button" onClick={() => void open(newJob())}>
            <Icon name="plus" />New job
          </button>
          {dialog.value}
        </>
      )}
    </div>
  );
}
