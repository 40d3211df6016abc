import type { StatusCounts } from "./store.ts";

/** Counts of no jobs. */
export function noCounts(): StatusCounts {
  return { pending: 0, scheduled: 0, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 0 };
}
