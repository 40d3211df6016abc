/** @jsxImportSource preact */
import { formatCount, formatDuration, formatUtc } from "../lib/format.ts";
import { usePage } from "../lib/page-info.ts";
import {
  addressOfWebhook,
  type Delivery,
  type DeliveryQuery,
  type WebhookData,
  wordOf,
} from "../lib/webhooks.ts";
import { DataTable } from "./DataTable.tsx";
import { Empty } from "./Empty.tsx";
import { Pages } from "./Pages.tsx";
import { Status, STATUSES } from "./Status.tsx";
import { Text } from "./Text.tsx";
import { Age, Time } from "./Time.tsx";

const COLUMNS = ["Event", "Job", "Status", "Attempts", "Answer", "Error", "When"];

/** Milliseconds from which on a time says more than an age. */
const DAY = 86_400_000;

/**
 * What an endpoint was told and is to be told, page by page. Buttons that send one again have `data-resend`, and no
 * listeners of their own.
 */
export function Deliveries({ data, query, now }: {
  data: WebhookData;
  query: DeliveryQuery;
  now: number;
}) {
  const { base, role } = usePage();
  const { webhook, deliveries, nextCursor, scanned } = data;
  const href = (to: Partial<DeliveryQuery>) => addressOfWebhook(base, webhook.id, to);
  const canResend = role === "admin" && webhook.enabled;
  return (
    <section class="panel" aria-labelledby="deliveries">
      <header>
        <h2 id="deliveries">Deliveries</h2>
        <nav class="segments end wrap" aria-label="Status of deliveries">
          {[null, ...STATUSES].map((status) => (
            <a
              key={status}
              href={href({ status })}
              aria-current={status === query.status ? "page" : "false"}
            >
              {status === null ? "All" : status}
            </a>
          ))}
        </nav>
      </header>
      {deliveries.length === 0
        ? (
          <Empty
            icon="webhooks"
            title={query.status === null ? "Nothing was sent so far" : `No ${query.status} deliveries`}
          >
            <p>
              {query.status === null
                ? "Deliveries show up here as soon as something happens that the endpoint is told of."
                : <a href={href({})} aria-current="false">Show all</a>}
            </p>
          </Empty>
        )
        : (
          <DataTable
            label="Table of deliveries"
            kind="tall deliveries"
            columns={COLUMNS}
            numbers={["Attempts", "Answer"]}
            hasActions
          >
            {deliveries.map((delivery) => (
              <tr key={delivery.id} data-delivery={delivery.id}>
                <th scope="row" class="span8 fit">
                  <a
                    href={jobAddress(base, delivery.id)}
                    aria-label={`${delivery.event}: how it was sent`}
                  >
                    {wordOf(delivery.event)}
                  </a>{" "}
                  {delivery.repeats !== null && (
                    <a class="tag" href={jobAddress(base, delivery.repeats)}>sent again</a>
                  )}
                </th>
                <td class="span8 mono grow cut" data-label="Job">
                  <a class="link" href={jobAddress(base, delivery.jobId)}>
                    <Text>{delivery.jobId}</Text>
                  </a>
                </td>
                <td class="fit" data-label="Status">
                  <Status status={delivery.status} />
                </td>
                <td class="num span3" data-label="Attempts">
                  {formatCount(delivery.attempt)} / {formatCount(delivery.maxAttempts)}
                </td>
                <td class="num span3" data-label="Answer">
                  <Answer status={delivery.responseStatus} />
                </td>
                <td class="full error" data-label={delivery.error === null ? undefined : "Error"}>
                  {delivery.error !== null && <Text>{delivery.error}</Text>}
                </td>
                <td class="full soft fit" data-label="When">
                  <When delivery={delivery} now={now} />
                </td>
                <td class="act top">
                  {canResend && delivery.finishedAt !== null && (
                    <button
                      class="btn"
                      type="button"
                      aria-label={`Send ${wordOf(delivery.event)} of ${delivery.jobId} again`}
                      data-resend={delivery.id}
                    >
                      Send again
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      <Pages
        of="deliveries"
        first={query.cursor === null ? null : href({ status: query.status })}
        next={nextCursor === null ? null : href({ status: query.status, cursor: nextCursor })}
      >
        {scanned !== null && nextCursor !== null && (
          <span>Looked at {formatCount(scanned)} deliveries so far</span>
        )}
      </Pages>
    </section>
  );
}

function jobAddress(base: string, id: string): string {
  return `${base}/admin/jobs/${encodeURIComponent(id)}`;
}

/** What the receiver answered, as the status of HTTP. */
function Answer({ status }: { status: number | null }) {
  if (status === null) return <span class="soft">none</span>;
  return status < 300 ? <>{status}</> : <strong class="bad">{status}</strong>;
}

/** When it ended, or is tried next. */
function When({ delivery, now }: { delivery: Delivery; now: number }) {
  const { createdAt, finishedAt, nextAttemptAt, status } = delivery;
  const left = nextAttemptAt === null ? 0 : Date.parse(nextAttemptAt) - now;
  if (left > 0) {
    return (
      <time dateTime={nextAttemptAt ?? ""} title={formatUtc(nextAttemptAt ?? 0)}>
        {delivery.attempt === 0 ? "" : "again "}in {formatDuration(left)}
      </time>
    );
  }
  if (status === "running") return <>now</>;
  const at = finishedAt ?? createdAt;
  if (now - Date.parse(at) > DAY) return <Time at={at} now={now} />;
  return (
    <>
      <Age at={at} now={now} /> ago
    </>
  );
}
