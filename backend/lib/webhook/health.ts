import type { StoredRecord } from "../store.ts";

/** What deliveries to an endpoint have come to. Times are epoch milliseconds. */
export interface EndpointHealth {
  /** Attempts that failed since the last that arrived; may lack some that ended at the same moment. */
  readonly failures: number;
  /** To the minute. */
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  readonly lastError: string | null;
  /** Since when it has answered nothing in time; null: the last attempt was answered, or could not be made. */
  readonly hangsSince: number | null;
  /** Until when nothing is sent to it, since it hangs; null: it does not. */
  readonly restsUntil: number | null;
}

/** Of an endpoint to which nothing was sent yet. */
export const NO_HEALTH: EndpointHealth = {
  failures: 0,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastError: null,
  hangsSince: null,
  restsUntil: null,
};

/** How an attempt ended: the receiver took it, did not, or did not answer in time. */
export type AttemptEnd =
  | { readonly kind: "arrived" }
  | { readonly kind: "failed" | "hung"; readonly error: string };

/** Milliseconds for which one success stands for those after it. */
const SUCCESS_KEPT = 60_000;

/** Milliseconds an endpoint that hangs rests: half as long as it has hung, within these. */
const LEAST_REST = 30_000;
const MOST_REST = 600_000;
/** Milliseconds for which one attempt after a rest is alone: it has answered or hung by then. */
const TRIAL = 40_000;

/** What is stored of an endpoint's health. */
export function healthOf(stored: StoredRecord | null): EndpointHealth {
  return stored === null ? NO_HEALTH : { ...NO_HEALTH, ...stored.value as Partial<EndpointHealth> };
}

/** The health after an attempt; null: it is as it was. */
export function afterAttempt(health: EndpointHealth, end: AttemptEnd, now: number): EndpointHealth | null {
  const awake = { hangsSince: null, restsUntil: null };
  if (end.kind === "arrived") {
    const isKnown = health.failures === 0 && now - (health.lastSuccessAt ?? -Infinity) < SUCCESS_KEPT;
    return isKnown ? null : { ...health, ...awake, failures: 0, lastSuccessAt: now };
  }
  const failed = { ...health, failures: health.failures + 1, lastFailureAt: now, lastError: end.error };
  if (end.kind === "failed") return { ...failed, ...awake };
  const hangsSince = Math.min(health.hangsSince ?? now, now);
  const rest = Math.min(Math.max((now - hangsSince) / 2, LEAST_REST), MOST_REST);
  return { ...failed, hangsSince, restsUntil: now + rest };
}

/** Until when `health` forbids an attempt at `now`; null: it does not. */
export function restOf({ restsUntil }: EndpointHealth, now: number): number | null {
  // One that ends later than any can was made before the clock stepped back.
  return restsUntil === null || restsUntil <= now || restsUntil > now + MOST_REST ? null : restsUntil;
}

/** The health of an endpoint that has rested, and that one attempt is made at: the others wait for how that ends. */
export function onTrial(health: EndpointHealth, now: number): EndpointHealth {
  return { ...health, restsUntil: now + TRIAL };
}
