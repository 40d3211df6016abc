import { type Clock, systemClock } from "../../lib/clock.ts";
import type { JobContext } from "../../lib/context.ts";
import { isInputError } from "../../lib/errors.ts";
import {
  AddressRefusedError,
  type Resolver,
  safeRequest,
  type SafeRequestInit,
  type SafeResponse,
} from "../safe-fetch/safe-request.ts";
import { DeliveryError, judgeAnswer, networkError, READ_BODY_BYTES } from "./answer.ts";
import type { ParsedWebhookData } from "./data.ts";
import type { Confidence } from "./mask.ts";
import { messageHeaders } from "./signature.ts";

/** How webhooks are sent. */
export interface WebhookOptions {
  /** Lets webhooks reach loopback, private and all other special addresses. @default false */
  allowPrivateUrls?: boolean;
  /** Certificates to trust instead of the well-known ones, PEM. */
  ca?: string;
  /** @default the system's resolver */
  resolve?: Resolver;
  clock?: Clock;
}

/** What a delivered webhook's job has as its result. */
export interface WebhookResult {
  /** The status the receiver answered with, 200–299. */
  status: number;
}

/** What sending needs of its job. */
export type WebhookContext = Pick<JobContext<ParsedWebhookData>, "id" | "data" | "signal" | "fail">;

/** A message and its receiver. */
export interface Outgoing extends Confidence {
  /** By which the receiver tells a repeat. */
  id: string;
  method: string;
  /** undefined: none. */
  body?: unknown;
}

/**
 * Sends the job's message once, signed as it then stands.
 *
 * @throws {DeliveryError} It did not arrive or was not taken, and may be sent again.
 */
export async function deliver(job: WebhookContext, options: WebhookOptions): Promise<WebhookResult> {
  const { secret, ...data } = job.data;
  const message = { ...data, id: job.id, secrets: secret === undefined ? [] : [secret] };
  try {
    return await sendMessage(message, job.signal, options);
  } catch (error) {
    if (isLasting(error)) job.fail(error);
    throw error;
  }
}

/** True if the message would not be taken later either. */
export function isLasting(error: unknown): error is Error {
  return error instanceof AddressRefusedError || isInputError(error) ||
    (error instanceof DeliveryError && !error.retryable);
}

/**
 * Sends `message` once.
 *
 * @throws {DeliveryError} It did not arrive or was not taken.
 * @throws {AddressRefusedError | InputTypeError | InputRangeError} It must not be sent there; nothing was.
 * @throws The signal's reason, when it aborts.
 */
export async function sendMessage(
  message: Outgoing,
  signal: AbortSignal,
  options: WebhookOptions,
): Promise<WebhookResult> {
  const { clock = systemClock } = options;
  const response = await request(message, signal, options, clock);
  const error = judgeAnswer(response, message, clock.now());
  if (error !== null) throw error;
  return { status: response.status };
}

async function request(
  message: Outgoing,
  signal: AbortSignal,
  { allowPrivateUrls = false, ca, resolve }: WebhookOptions,
  clock: Clock,
): Promise<SafeResponse> {
  try {
    return await safeRequest(message.url, requestOf(message, clock.now()), {
      allowPrivateUrls,
      signal,
      maxBodyBytes: READ_BODY_BYTES,
      clock,
      ...(ca === undefined ? {} : { ca }),
      ...(resolve === undefined ? {} : { resolve }),
    });
  } catch (error) {
    if (signal.aborted || isLasting(error)) throw error;
    throw networkError(error, message);
  }
}

/** The request as it goes out. A caller's header replaces ours of the same name, whatever its case. */
function requestOf({ id, method, headers = {}, body, secrets }: Outgoing, at: number): SafeRequestInit {
  const payload = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const contentType = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  return {
    method,
    headers: {
      "user-agent": "Cronosaur",
      ...(body === undefined ? {} : { "content-type": contentType }),
      ...headers,
      ...messageHeaders({ id, at, payload }, secrets),
    },
    ...(method === "GET" ? {} : { body: new TextEncoder().encode(payload) }),
  };
}
