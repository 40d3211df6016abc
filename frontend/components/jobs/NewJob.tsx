/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { apiAt } from "../../lib/api.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { pageLive } from "../../lib/live.ts";
import { issuesOf, jobOf, type NewJobFields, type NewJobIssues } from "../../lib/new-job.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";
import { Dialog } from "../Dialog.tsx";

/** Asks for a job and adds it. What is wrong is said at the field it is about. For islands. */
export function NewJob({ types, queues, onClose }: {
  types: readonly string[];
  queues: readonly string[];
  onClose: () => void;
}) {
  const base = useBase();
  const issues = useSignal<NewJobIssues>({});
  const when = useSignal("now");
  const isBusy = useSignal(false);

  async function add(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = Object.fromEntries(new FormData(form)) as unknown as NewJobFields;
    const made = jobOf(fields);
    issues.value = made.issues;
    if (made.job === null || isBusy.value) return focusFirst(form);
    isBusy.value = true;
    try {
      const job = await (await apiAt(base).jobs.$post({ json: made.job, query: {} })).json();
      const id = "id" in job ? job.id : "";
      onClose();
      toast("good", `Added a job of type ${fields.type.trim()}`, {
        href: `${base}/admin/jobs/${encodeURIComponent(id)}`,
        text: "Open",
      });
      pageLive(base).refresh();
    } catch (error) {
      issues.value = issuesOf(error) ?? { form: reasonOf(error) };
      isBusy.value = false;
      focusFirst(form);
    }
  }

  const { value: wrong } = issues;
  /** What a field is tied to its label and its refusal by. */
  const field = (name: keyof NewJobFields) => ({
    id: `new-${name}`,
    name,
    autocomplete: "off",
    "aria-invalid": wrong[name] === undefined ? undefined : "true" as const,
    "aria-describedby": wrong[name] === undefined ? undefined : `new-${name}-wrong`,
  });
  const part = (name: keyof NewJobFields, label: string, input: ComponentChildren, isWide = false) => (
    <div class={isWide ? "both" : undefined}>
      <label for={`new-${name}`}>{label}</label>
      {input}
      {wrong[name] && <p class="bad small" id={`new-${name}-wrong`}>{wrong[name]}</p>}
    </div>
  );
  return (
    <Dialog
      title="New job"
      onClose={onClose}
      actions={
        <>
          <button class="btn main" type="submit" form="new-job" disabled={isBusy.value}>Add job</button>
          <button class="btn" type="button" onClick={onClose}>Cancel</button>
        </>
      }
    >
      <form class="stack form" id="new-job" noValidate onSubmit={(event) => void add(event)}>
        {part("type", "Type", <input {...field("type")} class="mono" list="new-types" />)}
        <datalist id="new-types">{types.map((name) => <option key={name} value={name} />)}</datalist>
        {part(
          "data",
          "Data, as JSON",
          <textarea {...field("data")} rows={6} spellcheck={false}>{"{}"}</textarea>,
        )}
        <div class="pair">
          {part("queue", "Queue", <input {...field("queue")} list="new-queues" placeholder="default" />)}
          <datalist id="new-queues">{queues.map((name) => <option key={name} value={name} />)}</datalist>
          {part("priority", "Priority", <input {...field("priority")} inputMode="numeric" placeholder="0" />)}
          {part(
            "when",
            "Run",
            <select {...field("when")} onChange={({ currentTarget }) => when.value = currentTarget.value}>
              <option value="now">as soon as possible</option>
              <option value="delay">after a delay</option>
              <option value="at">at a time</option>
            </select>,
            when.value === "now",
          )}
          {when.value === "delay" &&
            part("delay", "Delay", <input {...field("delay")} placeholder="30s, 5m, 2h, 1d" />)}
          {when.value === "at" &&
            part("at", "At, in your time zone", <input {...field("at")} type="datetime-local" />)}
          {part("tags", "Tags", <input {...field("tags")} placeholder="vip, eu" />)}
          {part(
            "maxAttempts",
            "Attempts at the most",
            <input {...field("maxAttempts")} inputMode="numeric" placeholder="as configured" />,
          )}
        </div>
        {part("jobId", "Id", <input {...field("jobId")} class="mono" placeholder="made for you" />)}
        {wrong.form && <p class="bad" role="alert">Cannot add the job: {wrong.form}</p>}
      </form>
    </Dialog>
  );
}

/** Leads to the first field that is wrong, once that is shown. */
function focusFirst(form: HTMLFormElement) {
  requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid]")?.focus());
}
