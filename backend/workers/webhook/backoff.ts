import { backoffDelay } from "../../lib/backoff.ts";
import type { BackoffOptions } from "../../lib/job.ts";
import { DeliveryError } from "./answer.ts";

/**
 * From 10 seconds to an hour, three times as long after each failure: the ten attempts of a delivery reach over
 * about four hours, so a receiver's short fault costs seconds and a long one costs no message.
 */
const DELIVERY_BACKOFF: BackoffOptions = {
  type: "exponential",
  delay: 10_000,
  max: 3_600_000,
  factor: 3,
  jitter: 0.1,
};

/** Added to what a receiver asked for, at random up to this part: not all it put off shall return at once. */
const SPREAD = 0.1;

/**
 * Returns how many milliseconds to wait after `attempt` failed: what the receiver asked for (`Retry-After`), never
 * less, or else by an exponential backoff.
 */
export function deliveryDelay(attempt: number, error: unknown, random = Math.random()): number {
  if (error instanceof DeliveryError && error.retryAfter !== null) {
    return error.retryAfter * (1 + SPREAD * random);
  }
  return backoffDelay(DELIVERY_BACKOFF, attempt, random);
}
