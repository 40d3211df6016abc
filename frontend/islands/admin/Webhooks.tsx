/** @jsxImportSource preact */
import { DataTable } from "../../components/DataTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Note } from "../../components/Note.tsx";
import { Text } from "../../components/Text.tsx";
import { Health, Subscription } from "../../components/WebhookParts.tsx";
import { Switch } from "../../components/Switch.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount } from "../../lib/format.ts";
import { useAddressedDialog } from "../../lib/dialog-address.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useLater } from "../../lib/later.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { addressOfWebhook, loadWebhooks, nameOf, type Revealed, type Webhook } from "../../lib/webhooks.ts";

const COLUMNS = ["Endpoint", "Is told of", "Health", "On"];
const DIALOGS = ["new"] as const;

/** Every endpoint: what it is told, and whether that arrives. */
export default function Webhooks({ initial, now: renderedAt }: { initial: readonly Webhook[]; now: number }) {
  const { base, role } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const { data, act } = useFreshData(initial, { load: () => loadWebhooks(api), on: ["stats"] });
  const isAdmin = role === "admin";
  const { asked, ask } = useAddressedDialog(DIALOGS);
  const isMaking = asked === "new";
  const close = () => ask(null);
  const revealed = useSignal<Revealed | null>(null);
  const form = useLater(() => import("../../components/WebhookForm.tsx"), isMaking, close);
  const dialogs = useLater(
    () => import("../../components/WebhookDialogs.tsx"),
    isMaking, // the secret of what was made is to be shown then
    close,
  );
  const webhooks = data.value;
  const givenUp = webhooks.filter(({ disabledBecause }) => disabledBecause !== null);

  function toggle({ id, url, enabled }: Webhook) {
    const change = (webhook: Webhook) =>
      webhook.id === id ? { ...webhook, enabled: !enabled, disabledBecause: null } : webhook;
    void act(
      `Cannot ${enabled ? "disable" : "enable"} ${nameOf({ url })}`,
      (now) => now.map(change),
      () => api.webhooks[":id"].$patch({ param: { id }, json: { enabled: !enabled } }),
    );
  }

  const add = isAdmin && (
    <button class="btn main end" type="button" onClick={() => ask("new")}>
      <Icon name="plus" />New endpoint…
    </button>
  );
  return (
    <>
      {givenUp.map((webhook) => (
        <Note
          key={webhook.id}
          status="warn"
          icon="webhooks"
          title={
            <>
              <Text>{nameOf(webhook)}</Text> is told nothing more
            </>
          }
          action={isAdmin && (
            <button class="btn" type="button" onClick={() => toggle(webhook)}>Enable it again</button>
          )}
        >
          It was disabled by itself:{" "}
          <Text>{webhook.disabledBecause ?? ""}</Text>. What happened since is not told afterwards.
        </Note>
      ))}
      <section class="panel" aria-labelledby="all-webhooks">
        <header>
          <h2 id="all-webhooks">Endpoints</h2>
          {webhooks.length > 0 && <p class="soft">{summaryOf(webhooks)}</p>}
          {add}
        </header>
        {webhooks.length === 0
          ? (
            <Empty icon="webhooks" title="No endpoints so far">
              <p>
                An endpoint is told over HTTP what happens to jobs: signed, with retries.
              </p>
            </Empty>
          )
          : (
            <DataTable label="Table of endpoints" kind="tall webhooks" columns={COLUMNS}>
              {webhooks.map((webhook) => (
                <tr key={webhook.id} data-webhook={webhook.id}>
                  <th scope="row" class="span8">
                    <a href={addressOfWebhook(base, webhook.id)} aria-current="false">
                      <Text>{nameOf(webhook)}</Text>
                    </a>
                    {webhook.description !== "" && (
                      <span class="soft plain about">
                        <Text>{webhook.description}</Text>
                      </span>
                    )}
                  </th>
                  <td class="full" data-label="Is told of">
                    <Subscription webhook={webhook} />
                  </td>
                  <td class="full health" data-label="Health">
                    <Health webhook={webhook} now={now.value} />
                  </td>
                  <td class="top">
                    <Switch name={nameOf(webhook)} isOn={webhook.enabled} onToggle={() => toggle(webhook)} />
                  </td>
                </tr>
              ))}
            </DataTable>
          )}
      </section>
      {form && dialogs && isMaking && (
        <form.WebhookForm
          webhook={null}
          onMade={(made) => revealed.value = made}
          onClose={close}
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

function summaryOf(webhooks: readonly Webhook[]): string {
  const on = webhooks.filter(({ enabled }) => enabled);
  const failing = on.filter(({ failures }) => failures > 0).length;
  return [
    `${formatCount(on.length)} of ${formatCount(webhooks.length)} on`,
    ...failing > 0 ? [`${formatCount(failing)} failing`] : [],
  ].join(", ");
}
