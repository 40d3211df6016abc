/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";
import { nameOf, type Webhook } from "../lib/webhooks.ts";

/** Whether an endpoint is told; admins switch it. */
export function WebhookSwitch({ webhook, onToggle }: { webhook: Webhook; onToggle: () => void }) {
  const { enabled } = webhook;
  if (usePage().role !== "admin") return <span class="soft">{enabled ? "on" : "off"}</span>;
  return (
    <button
      class="switch"
      type="button"
      role="switch"
      aria-checked={enabled ? "true" : "false"}
      aria-label={`${nameOf(webhook)} enabled`}
      onClick={onToggle}
    />
  );
}
