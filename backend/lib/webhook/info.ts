import { type Endpoint, type EndpointFilter, goodSecrets } from "./endpoint.ts";
import type { FeedGap } from "./feed-state.ts";
import type { EndpointHealth } from "./health.ts";

/** An endpoint as others see it: without its secrets. Times are epoch milliseconds. */
export interface Webhook extends EndpointFilter, EndpointHealth {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Why it was disabled by itself; null: it was not. */
  readonly disabledBecause: string | null;
  /** The names of the headers that are sent along. */
  readonly headerNames: readonly string[];
  /** From when and until when each secret is good, the present one (`until` null) first. */
  readonly secrets: readonly { readonly since: number; readonly until: number | null }[];
  /** The last time, since it was made, of which it may not have been told all; null: there was none. */
  readonly gap: FeedGap | null;
  readonly createdAt: number;
  readonly createdBy: string | null;
  readonly updatedAt: number;
}

/** Returns `endpoint` as others see it. */
export function toWebhook(
  endpoint: Endpoint,
  { health, gap, now }: { health: EndpointHealth; gap: FeedGap | null; now: number },
): Webhook {
  const { headers, secrets: _, ...shown } = endpoint;
  return {
    ...shown,
    ...health,
    headerNames: Object.keys(headers),
    secrets: goodSecrets(endpoint, now).map(({ since, until }) => ({ since, until })),
    gap: gap !== null && gap.until >= endpoint.createdAt ? gap : null,
  };
}
