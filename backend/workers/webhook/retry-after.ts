const SECONDS = /^\d+$/;

/** `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms are read as well. */
const HTTP_DATE = /^[A-Z][a-z]+,? .*\d{2}:\d{2}:\d{2}/;

/** The longest a receiver can put an attempt off: a day, in milliseconds. */
export const MAX_RETRY_AFTER = 86_400_000;

/** The shortest, so that a receiver that answers 0 for ever does not use all attempts up at once. */
export const MIN_RETRY_AFTER = 1_000;

/**
 * Reads a `Retry-After` header: seconds or an HTTP date.
 *
 * @param now Epoch milliseconds.
 * @returns Milliseconds to wait, at least a second and at most a day; null if there is no such header or it
 * cannot be read.
 */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  const wait = SECONDS.test(text)
    ? Number(text) * 1_000
    : HTTP_DATE.test(text)
    ? Date.parse(/GMT$/.test(text) ? text : `${text} GMT`) - now
    : NaN;
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, MIN_RETRY_AFTER), MAX_RETRY_AFTER);
}
