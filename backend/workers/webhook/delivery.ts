import { z } from "zod";
import { systemClock } from "../../lib/clock.ts";
import type { JobContext } from "../../lib/context.ts";
import { TimeoutError } from "../../lib/errors.ts";
import { type Endpoint, goodSecrets } from "../../lib/webhook/endpoint.ts";
import type { AttemptEnd } from "../../lib/webhook/health.ts";
import { EndpointTable } from "../../lib/webhook/table.ts";
import type { Store } from "../../lib/store.ts";
import { DeliveryError } from "./answer.ts";
import { isLasting, sendMessage, type WebhookOptions, type WebhookResult } from "./deliver.ts";

/** What a delivery's job holds: which event, and whose. Where to and how it is signed, the endpoint says. */
export const deliverySchema = z.strictObject({
  endpoint: z.uuid("must be the id of an endpoint"),
  event: z.string("must be a string"),
  body: z.looseObject({ type: z.string(), data: z.looseObject({ job: z.looseObject({ id: z.string() }) }) }),
});

type DeliveryContext = Pick<
  JobContext<z.output<typeof deliverySchema>>,
  "data" | "signal" | "fail" | "cancel" | "log"
>;

/** The receiver wants no more messages: Standard Webhooks asks to disable its endpoint. */
const GONE = 410;

/**
 * Sends an event to its endpoint as that now is: its address, its headers and each secret that is good.
 *
 * Whoever hangs is asked once in a while, not for each event.
 *
 * @throws {DeliveryError} It did not arrive, was not taken or was not sent, and may be sent again.
 */
export async function deliverEvent(
  job: DeliveryContext,
  store: Store,
  options: WebhookOptions,
): Promise<WebhookResult> {
  const { clock = systemClock } = options;
  const table = new EndpointTable(store);
  const endpoint = await table.read(job.data.endpoint);
  if (endpoint === null) job.cancel("its endpoint was removed");
  if (!endpoint.enabled) job.cancel("its endpoint is disabled");
  const rest = await table.rest(endpoint.id, clock.now());
  if (rest !== null) throw resting(endpoint, rest);
  const note = async (end: AttemptEnd) => {
    try {
      if (await table.isCurrent(endpoint)) await table.noteAttempt(endpoint.id, end, clock.now());
    } catch (cause) {
      // It has arrived, or not, all the same.
      job.log.debug("Cannot note how the attempt ended", { cause: String(cause) });
    }
  };
  try {
    const result = await sendMessage(messageOf(job, endpoint, clock.now()), job.signal, options);
    await note({ kind: "arrived" });
    return result;
  } catch (error) {
    const reason = job.signal.aborted ? job.signal.reason : error;
    const isTimeout = reason instanceof TimeoutError;
    const isOurs = job.signal.aborted && !isTimeout;
    const message = reason instanceof Error ? reason.message : String(reason);
    if (!isOurs) await note({ kind: isTimeout ? "hung" : "failed", error: message });
    if (error instanceof DeliveryError && error.status === GONE) {
      await table.giveUp(endpoint, "it answered 410 Gone", clock.now());
    }
    if (isLasting(error)) job.fail(error);
    throw error;
  }
}

/** Not sent: it would take a place among what is sent, for as long as an attempt may take. */
function resting({ url }: Endpoint, until: number): DeliveryError {
  const message = `${new URL(url).origin} does not answer: it is asked again from ${
    new Date(until).toISOString()
  }`;
  return new DeliveryError(message, { retryable: true });
}

function messageOf({ data }: DeliveryContext, endpoint: Endpoint, now: number) {
  return {
    id: data.event,
    url: endpoint.url,
    method: "POST",
    headers: endpoint.headers,
    body: data.body,
    secrets: goodSecrets(endpoint, now).map(({ value }) => value),
  };
}
