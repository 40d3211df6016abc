/** How far endpoints have been told of what happened: one record for all of them and all processes. */
export interface FeedState {
  /** Behind all that has been told; null: no endpoint is enabled. */
  readonly cursor: string | null;
  /** When the cursor was got, epoch milliseconds. */
  readonly at: number;
  /** What has been told of the page behind the cursor; null: nothing. */
  readonly told: Told | null;
  /** The last time of which not all may have been told; null: there was none. */
  readonly gap: FeedGap | null;
  /** How often endpoints were changed: who knows the last number knows all endpoints. */
  readonly revision: number;
}

/** A place in a page. One that is read again begins with the same changes, and may hold more of them, or fewer. */
export interface Told {
  /** So many changes, to every endpoint. */
  readonly changes: number;
  /** The next one to the endpoints up to this id. */
  readonly endpoint: string;
}

/** What of `told` lies behind a page of so many changes; null: its place is within the page. */
export function behind(told: Told, changes: number): Told | null {
  return told.changes < changes ? null : { ...told, changes: told.changes - changes };
}

/** Nobody read the feed for longer than it is kept. Epoch milliseconds. */
export interface FeedGap {
  readonly from: number;
  readonly until: number;
}

/** Before the first endpoint was made. */
export const NO_FEED: FeedState = { cursor: null, at: 0, told: null, gap: null, revision: 0 };
