/** @jsxImportSource preact */
import { formatCount } from "../lib/format.ts";
import { conditionsOf, type Webhook, wordOf } from "../lib/webhooks.ts";
import { Icon } from "./Icon.tsx";
import { Text } from "./Text.tsx";
import { Age } from "./Time.tsx";

/** What an endpoint is told, and of which jobs. */
export function Subscription({ webhook }: { webhook: Webhook }) {
  return (
    <>
      {webhook.events.map(wordOf).join(", ")}
      {conditionsOf(webhook).map(({ label, names }) => (
        <span class="soft condition" key={label}>
          {label} {names.map((name, i) => [i > 0 && ", ", <Text key={name}>{name}</Text>])}
        </span>
      ))}
    </>
  );
}

/** Whether what is sent to an endpoint arrives. */
export function Health({ webhook, now }: { webhook: Webhook; now: number }) {
  const { enabled, disabledBecause, failures, lastSuccessAt, lastFailureAt, lastError, hangsSince } = webhook;
  const arrived = lastSuccessAt === null ? "nothing arrived so far" : (
    <>
      last arrived <Age at={lastSuccessAt} now={now} /> ago
    </>
  );
  if (!enabled) {
    return (
      <>
        <span class="status" data-status={disabledBecause === null ? "cancelled" : "warn"}>
          <Icon name="cancelled" />
          {disabledBecause === null ? "Off" : "Disabled by itself"}
        </span>
        <br />
        <span class="soft">{disabledBecause === null ? arrived : <Text>{disabledBecause}</Text>}</span>
      </>
    );
  }
  if (failures > 0) {
    return (
      <>
        <span class="status" data-status="failed">
          <Icon name="failed" />
          {failures === 1 ? "1 failure" : `${formatCount(failures)} failures in a row`}
        </span>
        <br />
        {hangsSince !== null && (
          <span class="soft condition">
            is asked now and then: no answer in time for <Age at={hangsSince} now={now} />
          </span>
        )}
        <span class="soft">
          {arrived}
          {lastFailureAt !== null && (
            <>
              , failed <Age at={lastFailureAt} now={now} /> ago
            </>
          )}
        </span>
        {lastError !== null && (
          <span class="soft cut" title={lastError}>
            <Text>{lastError}</Text>
          </span>
        )}
      </>
    );
  }
  return (
    <>
      <span class="status" data-status={lastSuccessAt === null ? "pending" : "completed"}>
        <Icon name={lastSuccessAt === null ? "pending" : "completed"} />
        {lastSuccessAt === null ? "Not used yet" : "Arrives"}
      </span>
      <br />
      <span class="soft">{arrived}</span>
    </>
  );
}
