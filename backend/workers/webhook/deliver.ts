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
import { judgeAnswer, networkError, READ_BODY_BYTES } from "./answer.ts";
import type { ParsedWebhookData } from "./data.ts";
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

/** What a delivery needs of its job. */
export type WebhookContext = Pick<JobContext<ParsedWebhookData>, "id" | "data" | "signal" | "fail">;

/**
 * Sends the job's message once, signed as it then stands.
 *
 * @throws {DeliveryError} It did not arrive or was not taken, and may be sent again.
 */
export async function deliver(job: WebhookContext, options: WebhookOptions): Promise<WebhookResult> {
  const { clock = systemClock } = options;
  const response = await send(job, options, clock);
  const error = judgeAnswer(response, job.data, clock.now());
  if (error === null) return { status: response.status };
  if (!error.retryable) job.fail(error);
  throw error;
}

async function send(job: WebhookContext, options: WebhookOptions, clock: Clock): Promise<SafeResponse> {
  const { data, signal } = job;
  const { allowPrivateUrls = false, ca, resolve } = options;
  try {
    return await safeRequest(data.url, messageOf(job.id, data, clock.now()), {
      allowPrivateUrls,
      signal,
      maxBodyBytes: READ_BODY_BYTES,
      clock,
      ...(ca === undefined ? {} : { ca }),
      ...(resolve === undefined ? {} : { resolve }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof AddressRefusedError || isInputError(error)) job.fail(error);
    throw networkError(error, data);
  }
}

/** The request as it goes out. A caller's header replaces ours of the same name, whatever its case. */
function messageOf(id: string, data: ParsedWebhookData, at: number): SafeRequestInit {
  const { method, headers = {}, body, secret } = data;
  const payload = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const contentType = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  return {
    method,
    headers: {
      "user-agent": "Cronosaur",
      ...(body === undefined ? {} : { "content-type": contentType }),
      ...headers,
      ...messageHeaders({ id, at, payload }, secret),
    },
    ...(method === "GET" ? {} : { body: new TextEncoder().encode(payload) }),
  };
}
