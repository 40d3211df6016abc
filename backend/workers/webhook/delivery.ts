import { z } from "zod";
import { systemClock } from "../../lib/clock.ts";
import type { JobContext } from "../../lib/context.ts";
import { TimeoutError } from "../../lib/errors.ts";
import { type Endpoint, goodSecrets } from "../../lib/webhook/endpoint.ts";
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
 * @throws {DeliveryError} It did not arrive or was not taken, and may be sent again.
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
  const note = async (error: string | null) => {
    try {
      await table.noteAttempt(endpoint.id, error, clock.now());
    } catch (cause) {
      // It has arrived, or not, all the same.
      job.log.debug("Cannot note how the attempt ended", { cause: String(cause) });
    }
  };
  try {
    const result = await sendMessage(messageOf(job, endpoint, clock.now()), job.signal, options);
    await note(null);
    return result;
  } catch (error) {
    const reason = job.signal.aborted ? job.signal.reason : error;
    const isOurs = job.signal.aborted && !(reason instanceof TimeoutError);
    if (!isOurs) await note(reason instanceof Error ? reason.message : String(reason));
    if (error instanceof DeliveryError && error.status === GONE) {
      await table.giveUp(endpoint.id, "it answered 410 Gone", clock.now());
    }
    if (isLasting(error)) job.fail(error);
    throw error;
  }
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
