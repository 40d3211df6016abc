import type { AddRequest } from "../adder.ts";
import type { JobChange } from "../job-change.ts";
import { DELIVERY_TYPE, deliveryTag, type Endpoint, eventOf, wants, type WebhookEvent } from "./endpoint.ts";
import type { EventBody } from "./event.ts";
import type { Told } from "./feed-state.ts";

/** What a delivery's job has as its data: the endpoint's address and secrets are looked up when it is sent. */
export interface DeliveryData {
  endpoint: string;
  /** The id of the event, the same for every endpoint, attempt and repeat. */
  event: string;
  body: EventBody;
}

/** An event on its way to one endpoint. */
export interface Message {
  /** Which change of the page it is about. */
  readonly index: number;
  readonly change: JobChange;
  readonly event: WebhookEvent;
  readonly endpoint: Endpoint;
}

/** Attempts of a delivery, over about four hours. */
export const DELIVERY_ATTEMPTS = 10;

/** The queue that deliveries wait in: it can be paused without stopping anything else. */
const QUEUE = "webhooks";

/**
 * Returns what a page of the feed has to say to `endpoints`, in the order it happened, behind `told`.
 *
 * @param endpoints Those that are enabled, by id.
 */
export function messagesOf(
  changes: readonly JobChange[],
  endpoints: readonly Endpoint[],
  told: Told | null,
): Message[] {
  return changes.flatMap((change, index) => {
    const event = eventOf(change);
    if (event === null || index < (told?.changes ?? 0)) return [];
    const behind = index === told?.changes ? told.endpoint : "";
    return endpoints
      .filter((endpoint) => endpoint.id > behind && wants(endpoint, event, change.job))
      .map((endpoint) => ({ index, change, event, endpoint }));
  });
}

/** The job that delivers `data`. */
export function requestOf(data: DeliveryData): AddRequest {
  return {
    type: DELIVERY_TYPE,
    data,
    options: { queue: QUEUE, tags: [deliveryTag(data.endpoint)], maxAttempts: DELIVERY_ATTEMPTS },
  };
}
