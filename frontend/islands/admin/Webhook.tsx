/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { Note } from "../../components/Note.tsx";
import { ServerPart } from "../../components/ServerPart.tsx";
import { Text } from "../../components/Text.tsx";
import { Switch } from "../../components/Switch.tsx";
import { apiAt } from "../../lib/api.ts";
import { useAddressedDialog } from "../../lib/dialog-address.ts";
import { reasonOf, useFreshData } from "../../lib/fresh-data.ts";
import { refreshParts } from "../../lib/fresh-parts.ts";
import { useLater } from "../../lib/later.ts";
import { usePage } from "../../lib/page-info.ts";
import { pageLive } from "../../lib/live.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";
import { DELIVERY_TYPE, nameOf, type Revealed, type Webhook as Endpoint } from "../../lib/webhooks.ts";

const DIALOGS = ["edit", "rotate", "remove"] as const;

/** One endpoint, and what can be done with it. The server renders what is known of it, and its deliveries. */
export default function Webhook({ initial }: { initial: Endpoint }) {
  const { base, role } = usePage();
  const { [":id"]: route } = apiAt(base).webhooks;
  const { id } = initial;
  const { data, act } = useFreshData(initial, {
    load: async () => {
      const [answer] = await Promise.all([route.$get({ param: { id } }), refreshParts()]);
      return await answer.json();
    },
    on: (event, job) => event === "stats" || (job as { type?: string } | null)?.type === DELIVERY_TYPE,
  });
  const isAdmin = role === "admin";
  const { asked, ask } = useAddressedDialog(DIALOGS);
  const revealed = useSignal<Revealed | null>(null);
  const form = useLater(
    () => import("../../components/WebhookForm.tsx"),
    asked === "edit",
    () => ask(null),
  );
  const dialogs = useLater(
    () => import("../../components/WebhookDialogs.tsx"),
    asked !== null && asked !== "edit",
    () => ask(null),
  );
  const webhook = data.value;
  const name = nameOf(webhook);

  function toggle() {
    const { enabled } = webhook;
    void act(
      `Cannot ${enabled ? "disable" : "enable"} ${name}`,
      (now) => ({ ...now, enabled: !enabled, disabledBecause: null }),
      () => route.$patch({ param: { id }, json: { enabled: !enabled } }),
    );
  }

  async function rotate(oldValidFor: string) {
    ask(null);
    try {
      const answer = await route.secret.$post({ param: { id }, json: { oldValidFor } });
      const { secret, ...rotated } = await answer.json();
      revealed.value = { webhook: rotated, secret, oldValidFor };
      pageLive(base).refresh();
    } catch (error) {
      toast("bad", `Cannot replace the secret of ${name}: ${reasonOf(error)}`);
    }
  }

  async function remove() {
    ask(null);
    try {
      await route.$delete({ param: { id } });
      location.assign(`${base}/admin/webhooks`);
    } catch (error) {
      toast("bad", `Cannot remove ${name}: ${reasonOf(error)}`);
    }
  }

  function onDeliveries({ target }: Event) {
    const deliveryId = (target as Element).closest<HTMLElement>("[data-resend]")?.dataset.resend;
    if (deliveryId === undefined) return;
    void act("Cannot send it again", (now) => now, async () => {
      const answer = await route.deliveries[":deliveryId"].resend.$post({ param: { id, deliveryId } });
      const { id: jobId } = await answer.json();
      const href = `${base}/admin/jobs/${encodeURIComponent(jobId)}`;
      toast("good", "It is sent again", { href, text: "Show how" });
    });
  }

  return (
    <>
      {webhook.disabledBecause !== null && (
        <Note
          status="warn"
          icon="webhooks"
          title="It is told nothing more"
          action={isAdmin && <button class="btn" type="button" onClick={toggle}>Enable it again</button>}
        >
          It was disabled by itself:{" "}
          <Text>{webhook.disabledBecause}</Text>. What happened since is not told afterwards.
        </Note>
      )}
      <section class="panel" aria-labelledby="endpoint">
        <header>
          <h2 id="endpoint">Endpoint</h2>
          <Switch name={name} isOn={webhook.enabled} onToggle={toggle} />
          {isAdmin && (
            <div class="row end">
              <button class="btn" type="button" onClick={() => ask("edit")}>
                <Icon name="edit" />Edit…
              </button>
              <button class="btn" type="button" onClick={() => ask("rotate")}>
                <Icon name="key" />Replace secret…
              </button>
              <button class="btn danger" type="button" onClick={() => ask("remove")}>
                <Icon name="trash" />Remove…
              </button>
            </div>
          )}
        </header>
        <ServerPart name="facts" />
      </section>
      <div onClick={onDeliveries}>
        <ServerPart name="deliveries" />
      </div>
      {form && asked === "edit" && <form.WebhookForm webhook={webhook} onClose={() => ask(null)} />}
      {dialogs && asked === "rotate" && (
        <dialogs.RotateDialog
          webhook={webhook}
          onRotate={(oldValidFor) => void rotate(oldValidFor)}
          onClose={() => ask(null)}
        />
      )}
      {dialogs && asked === "remove" && (
        <dialogs.RemoveDialog
          webhook={webhook}
          onRemove={() => void remove()}
          onClose={() => ask(null)}
        />
      )}
      {dialogs && revealed.value && (
        <dialogs.SecretDialog
          revealed={revealed.value}
          onClose={() => revealed.value = null}
        />
      )}
    </>
  );
}
