import type { z } from "zod";
import { checkName } from "../lib/check.ts";
import { defineJob, type JobDefinition } from "../lib/define-job.ts";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import type { AddOptions } from "../lib/options.ts";
import type { Queue } from "../lib/queue.ts";
import { DELIVERY_TYPE } from "../lib/webhook/endpoint.ts";
import { DELIVERY_ATTEMPTS } from "../lib/webhook/message.ts";
import { queue as readyQueue } from "../jobs.ts";
import { deliveryDelay } from "./webhook/backoff.ts";
import { type ParsedWebhookData, type WebhookData, webhookSchema } from "./webhook/data.ts";
import { deliver, type WebhookOptions, type WebhookResult } from "./webhook/deliver.ts";
import { deliverEvent, deliverySchema } from "./webhook/delivery.ts";

export type { WebhookData, WebhookOptions, WebhookResult };

/** Milliseconds for one attempt: a receiver that needs longer should answer first and work afterwards. */
const ATTEMPT_TIMEOUT = 30_000;

/**
 * Defines `webhook:send`: one signed HTTP request to a URL from the job's data.
 *
 * Delivered when the receiver answers 2xx; the result is `{ status }`. Network errors, 408, 409, 425, 429 and 5xx are
 * tried again, ten attempts over about four hours, each when `Retry-After` says if there is one (a `backoff` of the
 * job's own replaces both); any other answer fails at once, its status and the beginning of its body in the job's
 * error. An attempt that was cut off may have arrived: receivers tell a repeat by its `webhook-id`, the job's id,
 * which stays the same.
 *
 * @param options `allowPrivateUrls` is off unless given: URLs come from data, and data from strangers.
 */
export function defineWebhook(
  options: WebhookOptions = {},
): JobDefinition<WebhookData, ParsedWebhookData, WebhookResult> {
  return defineJob({
    type: "webhook:send",
    schema: webhookSchema,
    maxAttempts: DELIVERY_ATTEMPTS,
    timeout: ATTEMPT_TIMEOUT,
    backoff: deliveryDelay,
    run: (job) => deliver(job, options),
  });
}

/**
 * Defines `webhook:deliver`: one event to one endpoint of `queue`, which `Webhooks` adds. Sent, retried and refused as
 * `webhook:send`; what it sends is looked up when it is sent, so that a new secret or address counts for what waits.
 * A delivery whose endpoint is gone or disabled ends cancelled; the answer 410 disables the endpoint.
 */
export function defineDelivery(
  queue: Pick<Queue, "host">,
  options: WebhookOptions = {},
): JobDefinition<z.input<typeof deliverySchema>, z.output<typeof deliverySchema>, WebhookResult> {
  const host = queue.host();
  return defineJob({
    type: DELIVERY_TYPE,
    schema: deliverySchema,
    maxAttempts: DELIVERY_ATTEMPTS,
    timeout: ATTEMPT_TIMEOUT,
    backoff: deliveryDelay,
    run: async (job) => deliverEvent(job, await host.store(), { clock: host.clock, ...options }),
  });
}

/** `webhook:send` for public receivers only: `queue.add(sendWebhook, { url, body, secret })`. */
export const sendWebhook = defineWebhook();

/** Who gets a message. */
export type WebhookTarget = Pick<WebhookData, "url" | "secret" | "headers">;

/** How a message is added. */
export interface EnqueueWebhookOptions extends AddOptions {
  /** What `createJobs()` returned, or `{ queue }`. @default the ready-made queue */
  jobs?: { readonly queue: Pick<Queue, "add" | "now"> };
}

/** Something happened to a user. */
export interface UserEvent {
  type: `user.${string}`;
  userId: string;
  /** What else the receiver shall know: JSON. */
  data?: Record<string, unknown>;
}

/** Something happened to a payment. */
export interface PaymentEvent {
  type: `payment.${string}`;
  paymentId: string;
  /** In the currency's smallest unit (cents), a whole number; below 0 for money paid back. */
  amount: number;
  /** Three letters of ISO 4217: `"EUR"`. */
  currency: string;
  /** What else the receiver shall know: JSON. */
  data?: Record<string, unknown>;
}

/**
 * Tells `target` of a user's event: `{ type, timestamp, data: { …data, userId } }`, the form of Standard Webhooks.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names; nothing was stored.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "../jobs.ts";
 * import { enqueueUserWebhook } from "./webhook-worker.ts";
 *
 * const jobs = createJobs({ store: "memory:" }); // without it: the ready-made queue
 * const target = { url: "https://example.com/hooks", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
 * const id = await enqueueUserWebhook({ type: "user.created", userId: "42" }, target, { jobs });
 * assertEquals((await jobs.queue.get(id))?.status, "pending");
 * await jobs.stop();
 * ```
 */
export function enqueueUserWebhook(
  event: UserEvent,
  target: WebhookTarget,
  options: EnqueueWebhookOptions = {},
): Promise<string> {
  return enqueueEvent(target, options, () => {
    checkEvent(event, "user.");
    const { type, data, userId } = event;
    return { type, data: { ...data, userId: checkName(userId, "event.userId", 255) } };
  });
}

/**
 * Tells `target` of a payment's event: `{ type, timestamp, data: { …data, paymentId, amount, currency } }`.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names; nothing was stored.
 * @throws {InputRangeError} `amount` is no whole number, or `currency` no three capital letters.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "../jobs.ts";
 * import { enqueuePaymentWebhook } from "./webhook-worker.ts";
 *
 * const jobs = createJobs({ store: "memory:" });
 * const paid = { type: "payment.succeeded", paymentId: "p-1", amount: 1250, currency: "EUR" } as const;
 * const once = { jobs, jobId: "payment.succeeded:p-1" }; // added twice, it is sent once
 * const id = await enqueuePaymentWebhook(paid, { url: "https://example.com/hooks" }, once);
 * assertEquals(id, "payment.succeeded:p-1");
 * await jobs.stop();
 * ```
 */
export function enqueuePaymentWebhook(
  event: PaymentEvent,
  target: WebhookTarget,
  options: EnqueueWebhookOptions = {},
): Promise<string> {
  return enqueueEvent(target, options, () => {
    checkEvent(event, "payment.");
    const { type, data, paymentId, amount, currency } = event;
    checkName(paymentId, "event.paymentId", 255);
    if (!Number.isSafeInteger(amount)) {
      throw new InputRangeError(
        "event.amount",
        `must be a whole number of the currency's smallest unit, found ${amount}`,
      );
    }
    if (!/^[A-Z]{3}$/.test(currency)) {
      throw new InputRangeError("event.currency", 'must be three capital letters such as "EUR"');
    }
    return { type, data: { ...data, paymentId, amount, currency } };
  });
}

/**
 * Sends any message: the data of a `webhook:send` job as it is.
 *
 * @returns The job's id, once the job is stored.
 * @throws {InputTypeError} A field is wrong, which the message names (`data.url`); nothing was stored.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "../jobs.ts";
 * import { enqueueCustomWebhook } from "./webhook-worker.ts";
 *
 * const jobs = createJobs({ store: "memory:" });
 * const message = { url: "https://example.com/hooks", method: "PUT", body: { any: "JSON" } };
 * const id = await enqueueCustomWebhook(message, { jobs, delay: 60_000 });
 * assertEquals((await jobs.queue.get(id))?.status, "scheduled");
 * await jobs.stop();
 * ```
 */
export async function enqueueCustomWebhook(
  data: WebhookData,
  options: EnqueueWebhookOptions = {},
): Promise<string> {
  const { jobs = { queue: readyQueue }, ...addOptions } = options;
  return await jobs.queue.add(sendWebhook, data, addOptions);
}

async function enqueueEvent(
  target: WebhookTarget,
  options: EnqueueWebhookOptions,
  makeEvent: () => { type: string; data: Record<string, unknown> },
): Promise<string> {
  const { queue } = options.jobs ?? { queue: readyQueue };
  const { type, data } = makeEvent();
  const timestamp = new Date(queue.now()).toISOString();
  return await enqueueCustomWebhook({ ...target, body: { type, timestamp, data } }, options);
}

function checkEvent(event: { type: string; data?: unknown }, prefix: string): void {
  if (typeof event !== "object" || event === null) throw new InputTypeError("event", "must be an object");
  if (!checkName(event.type, "event.type", 255).startsWith(prefix)) {
    throw new InputRangeError(
      "event.type",
      `must begin with "${prefix}", found ${JSON.stringify(event.type)}`,
    );
  }
  const isRecord = typeof event.data === "object" && event.data !== null && !Array.isArray(event.data);
  if (event.data !== undefined && !isRecord) throw new InputTypeError("event.data", "must be an object");
}
