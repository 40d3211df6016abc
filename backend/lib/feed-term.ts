/** That somebody wants to know what happens to jobs, and until when. */
export interface FeedTerm {
  /** The same as long as it is renewed without a break: a place in the feed is good in the term it was got in. */
  id: string;
  /** Epoch milliseconds. */
  until: number;
}

const MINUTE = 60_000;

/** Changes are kept this long, in milliseconds. */
export const FEED_KEPT = 10 * MINUTE;

/** A subscription lasts this long, in milliseconds: it outlives who renews it every minute by eleven. */
export const SUBSCRIBED_FOR = FEED_KEPT + 2 * MINUTE;

/**
 * The subscription `last` (null: there is none), renewed by somebody who read the clock at `now`; a new one if that has
 * lapsed.
 *
 * The clock decides only when that is: it may step, and several may renew at once who read it earlier or later. That
 * nothing was left untold is known by the term still being there: whoever stops telling ends it first.
 */
export function renew(last: FeedTerm | null, now: number): FeedTerm {
  const id = last !== null && last.until > now ? last.id : crypto.randomUUID();
  return { id, until: now + SUBSCRIBED_FOR };
}
