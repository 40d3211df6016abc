/** From when and until when somebody wants to know what happens to jobs. Epoch milliseconds. */
export interface FeedTerm {
  /** Renewed without a break since then. */
  since: number;
  until: number;
}

const MINUTE = 60_000;

/** Changes are kept this long, in milliseconds. */
export const FEED_KEPT = 10 * MINUTE;

/** A subscription lasts this long, in milliseconds: it outlives who renews it every minute by eleven. */
export const SUBSCRIBED_FOR = FEED_KEPT + 2 * MINUTE;

/** So much later, in milliseconds, the clock may have been read by who subscribed last than by who does now. */
const OVERTAKEN = MINUTE;

/**
 * The subscription `last` (null: there was none), renewed by somebody who read the clock at `now`; a new one if that
 * has lapsed.
 *
 * Several may renew it at once, and the last to store that need not be the last who read the clock. A term that ends
 * later than this explains was made before the clock stepped back: who knows what it covers. A smaller step is
 * harmless: who followed the last one has by the end of it no place that is young enough to be read on from.
 */
export function renew(last: FeedTerm | null, now: number): FeedTerm {
  const until = now + SUBSCRIBED_FOR;
  const isAlive = last !== null && last.until > now && last.until <= until + OVERTAKEN;
  // Whoever is overtaken may have a place as old as `now`, at which the term was alive all the same.
  return isAlive
    ? { since: Math.min(last.since, now), until: Math.max(last.until, until) }
    : { since: now, until };
}
