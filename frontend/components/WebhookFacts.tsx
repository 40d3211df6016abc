/** @jsxImportSource preact */
import type { Webhook } from "../lib/webhooks.ts";
import { Text } from "./Text.tsx";
import { Time } from "./Time.tsx";
import { Health, Subscription } from "./WebhookParts.tsx";

/** All that is known of an endpoint but its deliveries. */
export function WebhookFacts({ webhook, now }: { webhook: Webhook; now: number }) {
  const { url, description, headers, secrets, lastError, gap, createdAt, createdBy, updatedAt } = webhook;
  const [present, ...old] = secrets;
  const names = Object.keys(headers);
  return (
    <div class="body two">
      <dl class="facts">
        <dt>URL</dt>
        <dd class="mono">
          <Text>{url}</Text>
        </dd>
        {description !== "" && (
          <>
            <dt>Description</dt>
            <dd>
              <Text>{description}</Text>
            </dd>
          </>
        )}
        <dt>Is told of</dt>
        <dd>
          <Subscription webhook={webhook} />
        </dd>
        <dt>Headers</dt>
        <dd>
          {names.length === 0 ? <span class="soft">none besides the usual</span> : (
            <span class="mono">
              {names.map((name, i) => [i > 0 && ", ", <Text key={name}>{name}</Text>])}
            </span>
          )}
        </dd>
        <dt>Secret</dt>
        <dd>
          {present === undefined ? "none" : (
            <>
              since <Time at={present.since} now={now} />
            </>
          )}
          {old.map(({ since, until }) => (
            <span class="soft condition" key={since}>
              one before is good until {until !== null && <Time at={until} now={now} />}
            </span>
          ))}
        </dd>
        <dt>Made</dt>
        <dd>
          <Time at={createdAt} now={now} /> by {createdBy ?? "code"}
          {updatedAt !== createdAt && (
            <span class="soft condition">
              changed <Time at={updatedAt} now={now} />
            </span>
          )}
        </dd>
      </dl>
      <dl class="facts">
        <dt>Health</dt>
        <dd>
          <Health webhook={{ ...webhook, lastError: null }} now={now} />
        </dd>
        {lastError !== null && (
          <>
            <dt>Last error</dt>
            <dd>
              <Text>{lastError}</Text>
            </dd>
          </>
        )}
        {gap !== null && (
          <>
            <dt>Gap</dt>
            <dd>
              No process ran from <Time at={gap.from} now={now} /> until{" "}
              <Time at={gap.until} now={now} />: it may not have been told all of that time.
            </dd>
          </>
        )}
        <dt>Signed</dt>
        <dd class="soft">as Standard Webhooks says, by header webhook-signature</dd>
      </dl>
    </div>
  );
}
