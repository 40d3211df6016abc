/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { type Condition, filterQuery } from "../../lib/job-filter.ts";
import { useAddressedDialog } from "../../lib/dialog-address.ts";
import type { Around } from "../../lib/jobs.ts";
import { useLater } from "../../lib/later.ts";
import { usePage } from "../../lib/page-info.ts";

const DIALOGS = ["new", "clean-up"] as const;

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
  const { asked, ask } = useAddressedDialog(DIALOGS);
  const onClose = () => ask(null);
  const adding = useLater(() => import("../../components/jobs/NewJob.tsx"), asked === "new", onClose);
  const cleaning = useLater(() => import("../../components/jobs/CleanUp.tsx"), asked === "clean-up", onClose);

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
          <button class="btn" type="button" onClick={() => ask("clean-up")}>Clean up…</button>
          <button class="btn main" type="button" onClick={() => ask("new")}>
            <Icon name="plus" />New job
          </button>
          {adding && asked === "new" && (
            <adding.NewJob
              types={around.types.map(([name]) => name)}
              queues={around.queues.map(([name]) => name)}
              onClose={onClose}
            />
          )}
          {cleaning && asked === "clean-up" && <cleaning.CleanUp onClose={onClose} />}
        </>
      )}
    </div>
  );
}
