import type { Keys } from "./keys.ts";
import { grown, listGrowing } from "./list-growing.ts";
import { decodeItems, latestEnd, type PageItem } from "./pages.ts";

/** A job with its record. */
export interface WalkedJob {
  seq: string;
  record: Uint8Array | string;
}

/** Bundles that are read first. */
const FIRST = 2;

/** Behind all seqs. */
export const LAST = "~";

/** Jobs by their seqs: from `start` on, before `end`. */
interface Range {
  start: string;
  end: string;
}

/**
 * All jobs of a range with their records, backwards, `first` at once, then more each time.
 *
 * Bundles are read before the records that jobs have of their own: a job that is written again meanwhile is found in one
 * or the other. What a job has of its own counts.
 */
export async function* walkJobs(
  kv: Deno.Kv,
  keys: Keys,
  range: Range,
  first: number,
): AsyncGenerator<WalkedJob[]> {
  const bundles = walkBundles(kv, keys, range);
  let { end } = range;
  let bundled: PageItem[] = [];
  /** From here on to `end` all that lies in bundles is in `bundled`. */
  let start = end;
  for (let size = first; end > range.start; size = grown(size)) {
    while (bundled.length === 0 && start > range.start) {
      const next = await bundles.next();
      [bundled, start] = next.done ? [[], range.start] : [next.value.items, next.value.start];
    }
    const selector = { start: [...keys.jobs(), start], end: [...keys.jobs(), end] };
    const options = { reverse: true, limit: size, batchSize: size };
    const own = await Array.fromAsync(kv.list<Uint8Array>(selector, options));
    const last = own.at(-1);
    end = last === undefined || own.length < size ? start : String(last.key.at(-1));
    const jobs = new Map<string, Uint8Array | string>();
    for (const { seq, text } of bundled) jobs.set(seq, text);
    for (const { key, value } of own) jobs.set(String(key.at(-1)), value);
    const some = [...jobs].map(([seq, record]) => ({ seq, record }))
      .sort((a, b) => a.seq > b.seq ? -1 : 1).slice(0, size); // these are known, whichever of both gave more
    if (some.length < jobs.size) end = some.at(-1)?.seq ?? end;
    bundled = bundled.filter(({ seq }) => seq < end);
    if (some.length > 0) yield some;
  }
}

/** What lies in bundles, backwards: each time all of it from `start` on that has not been given yet. */
async function* walkBundles(
  kv: Deno.Kv,
  keys: Keys,
  { start, end }: Range,
): AsyncGenerator<{ items: PageItem[]; start: string }> {
  const prefix = keys.bundles();
  const selector = { start: [...prefix, start], end: [...prefix, end === LAST ? LAST : latestEnd(end)] };
  let waiting: PageItem[] = [];
  for await (const entries of listGrowing(kv, selector, { first: FIRST, reverse: true })) {
    for (const { value } of entries) {
      waiting.push(...decodeItems(value).filter(({ seq }) => seq >= start && seq < end));
    }
    const last = String(entries.at(-1)?.key.at(-1)); // those that have not been read end before this
    yield { items: waiting.filter(({ seq }) => seq >= last), start: last };
    waiting = waiting.filter(({ seq }) => seq < last);
  }
  yield { items: waiting, start };
}
