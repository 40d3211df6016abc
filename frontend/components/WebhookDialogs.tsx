/** @jsxImportSource preact */
import { useSignal } from "../lib/signal.ts";
import { toast } from "../lib/toasts.ts";
import { nameOf, type Revealed, type Webhook } from "../lib/webhooks.ts";
import { Dialog } from "./Dialog.tsx";
import { Choice } from "./Field.tsx";
import { Icon } from "./Icon.tsx";

/** Shows a secret, this once. */
export function SecretDialog({ revealed: { webhook, secret, oldValidFor }, onClose }: {
  revealed: Revealed;
  onClose: () => void;
}) {
  const isCopied = useSignal(false);

  async function copy() {
    try {
      await navigator.clipboard.writeText(secret);
      isCopied.value = true;
    } catch {
      toast("bad", "Cannot copy the secret: the browser does not allow it");
    }
  }

  return (
    <Dialog
      title={`The secret of ${nameOf(webhook)}`}
      onClose={onClose}
      isBroad
      actions={
        <>
          <button class="btn main" type="button" onClick={() => void copy()}>
            <Icon name={isCopied.value ? "completed" : "copy"} />
            {isCopied.value ? "Copied" : "Copy secret"}
          </button>
          <button class="btn" type="button" onClick={onClose}>Done</button>
        </>
      }
    >
      <p>Keep it now: it is shown this once. By it the receiver tells that messages are ours.</p>
      <p class="well secret">
        <code>{secret}</code>
      </p>
      {oldValidFor !== null && <p class="soft">{OLD_WORDS[oldValidFor]}</p>}
      <span class="hidden" role="status">{isCopied.value ? "Copied" : ""}</span>
    </Dialog>
  );
}

const OLD: Record<string, string> = { "24h": "for a day", "1h": "for an hour", "0s": "no more" };
const OLD_WORDS: Record<string, string> = {
  "24h": "For a day messages are signed with the old secret as well, so that receivers can change over.",
  "1h": "For an hour messages are signed with the old secret as well.",
  "0s": "Nothing is signed with the old secret any more.",
};

/** Asks whether an endpoint shall have another secret, and how long the old one is good. */
export function RotateDialog({ webhook, onRotate, onClose }: {
  webhook: Webhook;
  onRotate: (oldValidFor: string) => void;
  onClose: () => void;
}) {
  const oldValidFor = useSignal("24h");
  return (
    <Dialog
      title={`Replace the secret of ${nameOf(webhook)}?`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main" type="button" onClick={() => onRotate(oldValidFor.value)}>
            Replace 1 secret
          </button>
          <button class="btn" type="button" onClick={onClose}>Keep it</button>
        </>
      }
    >
      <Choice
        id="old-valid"
        label="The old one is good"
        value={oldValidFor.value}
        options={OLD}
        onChange={(value) => oldValidFor.value = value}
      />
      <p class="soft">{OLD_WORDS[oldValidFor.value]}</p>
    </Dialog>
  );
}

/** Asks whether an endpoint shall go. */
export function RemoveDialog({ webhook, onRemove, onClose }: {
  webhook: Webhook;
  onRemove: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={`Remove ${nameOf(webhook)}?`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main danger" type="button" onClick={onRemove}>Remove 1 endpoint</button>
          <button class="btn" type="button" onClick={onClose}>Keep it</button>
        </>
      }
    >
      <p>It is told nothing more. What waits to be delivered to it is cancelled.</p>
      <p class="soft">To stop for a while only, switch it off: its secret and filters stay.</p>
    </Dialog>
  );
}
