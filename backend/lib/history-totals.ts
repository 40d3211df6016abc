import { addPoint, emptyPoint, type HistoryPoint, minuteOf, SETTLED_AFTER } from "./history.ts";
import type { HistoryRange } from "./queries.ts";

/** The longest pause between two reads that is read whole, in milliseconds. What lies before that is not counted. */
const LONGEST_PAUSE = 3_600_000;

/**
 * What happened to the jobs of a store, in all processes, from `since` on: totals by type that never go down, made
 * of a history that keeps but the last days. Reads again only those minutes that may still change.
 */
export class HistoryTotals {
  readonly #read: (range: HistoryRange) => Promise<HistoryPoint[]>;
  /** Totals of the minutes before `#from`. */
  readonly #settled = new Map<string, HistoryPoint>();
  #from: number | null = null;
  /** The minutes from `#from` on, as they were last read. */
  #open: readonly HistoryPoint[] = [];

  /** @param read As `Queue.history`. */
  constructor(read: (range: HistoryRange) => Promise<HistoryPoint[]>) {
    this.#read = read;
  }

  /** Totals by type up to `now`, epoch milliseconds. Counting begins with the minute of the first call. */
  async upTo(now: number): Promise<Map<string, HistoryPoint>> {
    this.#from = Math.max(this.#from ?? minuteOf(now), minuteOf(now - LONGEST_PAUSE));
    this.#settleUntil(this.#from); // after a long pause: what was counted is not read again
    // Without an end: what was counted must be there again after the clock has stepped back.
    const points = await this.#read({ from: this.#from, to: Infinity });
    // Another call may have moved on while this one read: what it has settled is counted already.
    this.#open = points.filter(({ at }) => at >= (this.#from ?? 0));
    this.#settleUntil(minuteOf(now - SETTLED_AFTER));
    const totals = new Map<string, HistoryPoint>();
    for (const point of this.#settled.values()) addTo(totals, point);
    for (const point of this.#open) addTo(totals, point);
    return totals;
  }

  /** Counts the minutes before `until` for good. */
  #settleUntil(until: number): void {
    for (const point of this.#open) if (point.at < until) addTo(this.#settled, point);
    this.#open = this.#open.filter(({ at }) => at >= until);
    this.#from = Math.max(this.#from ?? until, until);
  }
}

function addTo(totals: Map<string, HistoryPoint>, point: HistoryPoint): void {
  const total = totals.get(point.type) ?? emptyPoint(0, point.type);
  addPoint(total, point);
  totals.set(point.type, total);
}
