/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { apiAt } from "../lib/api.ts";
import { reasonOf } from "../lib/fresh-data.ts";
import { pageLive } from "../lib/live.ts";
import { useBase } from "../lib/page-info.ts";
import { useSignal } from "../lib/signal.ts";
import { toast } from "../lib/toasts.ts";
import {
  changesTo,
  faultsIn,
  fieldsIn,
  fieldsOf,
  type WebhookFaults,
  type WebhookFields,
  webhookOf,
} from "../lib/webhook-form.ts";
import { EVENTS, nameOf, type Revealed, type Webhook, wordOf } from "../lib/webhooks.ts";
import { Dialog } from "./Dialog.tsx";

/** Makes or changes an endpoint. What is wrong is said at the field it is about. For islands. */
export function WebhookForm({ webhook, onMade, onClose }: {
  /** null: a new one. */
  webhook: Webhook | null;
  /** A new one was made. */
  onMade?: (made: Revealed) => void;
  onClose: () => void;
}) {
  const base = useBase();
  const faults = useSignal<WebhookFaults>({});
  const isBusy = useSignal(false);
  const before = fieldsOf(webhook);

  async function save(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (isBusy.value) return;
    isBusy.value = true;
    faults.value = {};
    try {
      await send(fieldsIn(new FormData(form)));
      pageLive(base).refresh();
    } catch (error) {
      faults.value = faultsIn(error) ?? { form: reasonOf(error) };
      isBusy.value = false;
      requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid]")?.focus());
    }
  }

  async function send(fields: WebhookFields) {
    const { webhooks } = apiAt(base);
    if (webhook === null) {
      const { secret, ...made } = await (await webhooks.$post({ json: webhookOf(fields) })).json();
      onClose();
      onMade?.({ webhook: made, secret, oldValidFor: null });
      return;
    }
    const json = changesTo(before, fields);
    if (json !== null) await webhooks[":id"].$patch({ param: { id: webhook.id }, json });
    onClose();
    if (json !== null) toast("good", `Saved ${nameOf(webhook)}`);
  }

  const { value: wrong } = faults;
  /** What a field is tied to its label, its refusal and its hint by. */
  const field = (name: keyof WebhookFields) => ({
    id: `hook-${name}`,
    name,
    autocomplete: "off",
    "aria-invalid": wrong[name] === undefined ? undefined : "true" as const,
    "aria-describedby": `hook-${name}-wrong hook-${name}-hint`,
  });
  const named = (name: "types" | "queues" | "tags") => ({
    ...field(name),
    class: "mono",
    defaultValue: before[name],
    "aria-describedby": `hook-${name}-wrong hook-names`,
  });
  const part = (name: keyof WebhookFields, label: string, input: ComponentChildren, hint = "") => (
    <div>
      <label for={`hook-${name}`}>{label}</label>
      {input}
      <Told name={name} wrong={wrong[name]} hint={hint} />
    </div>
  );
  return (
    <Dialog
      title={webhook === null ? "New endpoint" : `Edit ${nameOf(webhook)}`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main" type="submit" form="webhook" disabled={isBusy.value}>
            {webhook === null ? "Make endpoint" : "Save changes"}
          </button>
          <button class="btn" type="button" onClick={onClose}>Cancel</button>
        </>
      }
    >
      <form class="stack form" id="webhook" noValidate onSubmit={(event) => void save(event)}>
        {part(
          "url",
          "URL",
          <input
            {...field("url")}
            class="mono"
            inputMode="url"
            placeholder="https://example.com/hooks"
            defaultValue={before.url}
          />,
        )}
        {part(
          "description",
          "Description",
          <input {...field("description")} defaultValue={before.description} />,
        )}
        <fieldset id="hook-events" tabIndex={-1} aria-invalid={wrong.events ? "true" : undefined}>
          <legend class="label">Is told when a job is</legend>
          <div class="row checks">
            {EVENTS.map((event) => (
              <label key={event}>
                <input
                  type="checkbox"
                  name="events"
                  value={event}
                  defaultChecked={before.events.includes(event)}
                />
                {wordOf(event)}
              </label>
            ))}
          </div>
          <Told name="events" wrong={wrong.events} hint="" />
        </fieldset>
        <div class="pair">
          {part("types", "Types", <input {...named("types")} placeholder="all" />)}
          {part("queues", "Queues", <input {...named("queues")} placeholder="all" />)}
          {part("tags", "Tags", <input {...named("tags")} placeholder="any" />)}
          <p class="soft small" id="hook-names">
            Commas between names. A type may be a family, such as email; of the tags a job has one.
          </p>
        </div>
        {part(
          "headers",
          "Headers to send along",
          <textarea
            {...field("headers")}
            rows={3}
            spellcheck={false}
            placeholder="X-Team: mail"
            defaultValue={before.headers}
          />,
          webhook === null ? "One a line." : "One a line. [redacted] keeps the value that is stored.",
        )}
        {wrong.form && <p class="bad" role="alert">Cannot save the endpoint: {wrong.form}</p>}
      </form>
    </Dialog>
  );
}

/** What is wrong with a field, and what to know of it. */
function Told({ name, wrong, hint }: { name: string; wrong: string | undefined; hint: string }) {
  return (
    <>
      {wrong !== undefined && <p class="bad small" id={`hook-${name}-wrong`}>{wrong}</p>}
      {hint !== "" && <p class="soft small" id={`hook-${name}-hint`}>{hint}</p>}
    </>
  );
}
