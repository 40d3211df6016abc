import { typeMatches } from "./filter.ts";
import { addPoint, emptyPoint, type HistoryPoint, SETTLED_AFTER } from "./history.ts";
import type { HistoryRange } from "./queries.ts";

/** Buckets of equal width. */
export interface SeriesOptions {
  /** Milliseconds of one bucket: whole minutes. */
  step: number;
  /** How many of them. */
  count: number;
}

/** A row of buckets, oldest first. Times are epoch milliseconds. */
export interface Series {
  /** Where the first one begins. */
  from: number;
  /** Where the last one ends. */
  to: number;
  /** Every bucket, also where nothing happened. `type` is empty. */
  buckets: HistoryPoint[];
  /** All of them together by type, those that ended most often first. */
  types: HistoryPoint[];
}

/**
 * The last buckets of a history, for charts. Begins and ends of buckets are multiples of their width, so that one holds
 * the same minutes whenever it is asked for: one that will not change any more is read once and kept, since a week
 * of minutes of many types is much to read.
 */
export class HistorySeries {
  readonly #read: (range: HistoryRange) => Promise<HistoryPoint[]>;
  readonly #options: SeriesOptions;
  /** Buckets that will not change, by where they begin: points by type. */
  readonly #settled = new Map<number, Map<string, HistoryPoint>>();
  #turn: Promise<unknown> = Promise.resolve();

  /** @param read As `Queue.history`. */
  constructor(read: (range: HistoryRange) => Promise<HistoryPoint[]>, options: SeriesOptions) {
    this.#read = read;
    this.#options = options;
  }

  /** The buckets up to that in which `now` lies: of all types, or of `type` and its family. */
  upTo(now: number, type?: string): Promise<Series> {
    // One after the other: what the first call reads, the others need not.
    const series = this.#turn.then(() => this.#make(now, type));
    this.#turn = series.catch(() => {});
    return series;
  }

  async #make(now: number, type: string | undefined): Promise<Series> {
    const { step, count } = this.#options;
    const to = now - now % step + step;
    const from = to - count * step;
    const begins = Array.from({ length: count }, (_, i) => from + i * step);
    const open = await this.#readOpen(begins.filter((at) => !this.#settled.has(at)), to);
    for (const at of this.#settled.keys()) if (at < from) this.#settled.delete(at);
    const types = new Map<string, HistoryPoint>();
    const buckets = begins.map((at) => {
      const bucket = emptyPoint(at, "");
      for (const point of (this.#settled.get(at) ?? open.get(at))?.values() ?? []) {
        if (type !== undefined && !typeMatches(point.type, type)) continue;
        addPoint(bucket, point);
        const ofType = types.get(point.type) ?? emptyPoint(from, point.type);
        types.set(point.type, ofType);
        addPoint(ofType, point);
      }
      return bucket;
    });
    for (const [at, points] of open) if (at + step <= now - SETTLED_AFTER) this.#settled.set(at, points);
    return { from, to, buckets, types: [...types.values()].sort((a, b) => endedOf(b) - endedOf(a)) };
  }

  async #readOpen(begins: readonly number[], to: number): Promise<Map<number, Map<string, HistoryPoint>>> {
    const open = new Map(begins.map((at) => [at, new Map<string, HistoryPoint>()]));
    const [from] = begins;
    if (from === undefined) return open;
    for (const point of await this.#read({ from, to })) {
      const points = open.get(point.at - point.at % this.#options.step);
      const total = points?.get(point.type) ?? emptyPoint(0, point.type);
      addPoint(total, point);
      points?.set(point.type, total);
    }
    return open;
  }
}

/** The jobs that have come to an end. */
function endedOf({ completed, failed, cancelled }: HistoryPoint): number {
  return completed + failed + cancelled;
}
