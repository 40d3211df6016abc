import { QueueError } from "../../lib/errors.ts";
import type { SafeResponse } from "../safe-fetch/safe-request.ts";
import { type Confidence, maskSecrets } from "./mask.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** Bytes of a refusing answer's body that are kept with the job. */
const KEPT_BODY_BYTES = 1_024;

/** Bytes of an answer's body to read: more than are kept, so that no secret is cut in two and missed. */
export const READ_BODY_BYTES = 16_384;

/** Besides 5xx: the receiver may take the same message later. */
const RETRIED: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** Everything that would mix with the lines of a log or a terminal. */
const CONTROL = /[^\P{Cc}\n\t]/gu;

/** The message did not arrive, or was not taken. */
export class DeliveryError extends QueueError {
  readonly code = "delivery_failed";
  /** Null when there was no answer. */
  readonly status: number | null;
  /** Milliseconds the receiver asked to wait; null if it did not. */
  readonly retryAfter: number | null;
  /** False when it would answer the same again. */
  readonly retryable: boolean;

  constructor(
    message: string,
    facts: { status?: number; retryAfter?: number | null; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    // Stored beside the message, it would say only that a request was made, and take the room of the answer.
    delete this.stack;
    this.status = facts.status ?? null;
    this.retryAfter = facts.retryAfter ?? null;
    this.retryable = facts.retryable;
  }
}

/**
 * Returns what an answer means: null for a 2xx, else the error. 408, 409, 425, 429 and 5xx may be retried, no
 * sooner than `Retry-After` says; everything else, a redirect too, is final.
 *
 * @param now Epoch milliseconds.
 */
export function judgeAnswer(
  response: SafeResponse,
  data: Confidence,
  now: number,
): DeliveryError | null {
  const { status } = response;
  if (status >= 200 && status <= 299) return null;
  const retryable = status >= 500 || RETRIED.has(status);
  const retryAfter = retryable ? parseRetryAfter(response.headers["retry-after"], now) : null;
  return new DeliveryError(`${placeOf(data)} answered ${status}${bodyOf(response, data)}`, {
    status,
    retryAfter,
    retryable,
  });
}

/** Returns the error of a message whose receiver could not be reached, or was lost before it answered. */
export function networkError(cause: unknown, data: Confidence): DeliveryError {
  return new DeliveryError(`Cannot reach ${placeOf(data)}: ${reasonOf(cause)}`, { retryable: true, cause });
}

/** The receiver without path and query, which may hold a secret. */
function placeOf(data: Confidence): string {
  return new URL(data.url).origin;
}

function bodyOf({ body }: SafeResponse, data: Confidence): string {
  const text = maskSecrets(new TextDecoder().decode(body), data).replace(CONTROL, "").trim();
  return text === "" ? "" : `: ${firstBytes(text, KEPT_BODY_BYTES)}`;
}

/** The longest beginning of `text` that has at most `count` bytes and ends with a whole character. */
function firstBytes(text: string, count: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(count));
  return text.slice(0, read);
}

function reasonOf(cause: unknown): string {
  // With several addresses, each has failed for a reason of its own, and the whole has none.
  const error = cause instanceof AggregateError ? cause.errors[0] : cause;
  return error instanceof Error ? error.message : String(error);
}
