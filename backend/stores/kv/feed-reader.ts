import { decodeCursor, encodeCursor } from "../../lib/filter.ts";
import { FEED_KEPT } from "../../lib/feed-term.ts";
import type { FeedPage } from "../../lib/store.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { decodeChanges } from "./feed-codec.ts";
import { readSubscription } from "./feed-subscription.ts";

/** Values read of one writer at once, and bytes, if they are more than one value. */
const AT_ONCE = 32;
const BYTES_AT_ONCE = 50_000;
/** Keys deleted in one commit. */
const PRUNED_AT_ONCE = 200;
/** Values stay a little longer than they may be read, so that none goes while it is. Milliseconds. */
const GRACE = 60_000;
/** Sorts behind every number of a value. */
const END = Number.MAX_SAFE_INTEGER;

/** Where a reader stands. */
interface Position {
  /** The subscription it was got in; "" if there was none. */
  term: string;
  /** All that was stored by then has been read, epoch milliseconds. */
  at: number;
  /** All up to this version has been read, and nothing after it. */
  floor: string;
  /** The number of the last value read of each writer. */
  of: [writer: string, epoch: string, n: number][];
}

interface Value {
  n: number;
  version: string;
  bytes: Uint8Array;
}

/** What one writer wrote in one epoch, from some number on. */
interface Tail {
  writer: string;
  epoch: string;
  /** The number of the last value before these. */
  from: number;
  values: Value[];
  /** There may be more. */
  full: boolean;
}

/** What `Store.changesSince` returns. */
export async function changesSince(
  context: Context,
  cursor: string | null,
  { now, upTo }: { now: number; upTo?: string },
): Promise<FeedPage> {
  const from = cursor === null ? null : decodeCursor("feed", cursor) as Position;
  if (!reaches(context, from, now)) await readSubscription(context); // who subscribed need not have told yet
  if (from === null || !reaches(context, from, now)) {
    return { changes: [], cursor: await presentEnd(context, now), more: false, reset: from !== null };
  }
  const ceiling = upTo === undefined ? null : (decodeCursor("feed", upTo) as Position).floor;
  const first = await readTails(context, from.of);
  if (first.every(({ values }) => values.length === 0) && ceiling === null) {
    return pageOf([], { ...from, at: now, of: first.map(placeOf) }, false);
  }
  // While one writer was read the next may have gone on. A second look finds all that is older than the newest value
  // of the first, so that no job is told to have ended before it is told to have begun.
  const second = await readTails(context, first.map(placeOf), first.filter(({ full }) => full));
  const horizon = horizonOf(first, second, ceiling, from.floor);
  const tails = join(first, second, horizon);
  const fresh = tails.flatMap(({ values }) => values)
    .filter(({ version }) => version > from.floor)
    .sort((a, b) => a.version < b.version ? -1 : a.version > b.version ? 1 : a.n - b.n);
  const isFull = [...first, ...second].some(({ full }) => full);
  const more = ceiling === null
    ? isFull || second.some(({ values }) => values.length > 0)
    : horizon < ceiling;
  const last = fresh.at(-1);
  const at = more && last !== undefined ? Math.min(now, Math.floor(last.n / 1000)) : now;
  return pageOf(fresh, { ...from, at, floor: horizon, of: tails.map(placeOf) }, more);
}

function pageOf(values: readonly Value[], position: Position, more: boolean): FeedPage {
  const changes = values.flatMap(({ bytes }) => decodeChanges(bytes));
  return { changes, cursor: encodeCursor("feed", position), more, reset: false };
}

/** True if all that was stored since is still there. */
function reaches({ subscription }: Context, from: Position | null, now: number): boolean {
  if (from === null || from.term !== subscription.term) return false;
  return subscription.isAlive && now - from.at <= FEED_KEPT;
}

/** Up to which version everything has been read. */
function horizonOf(
  first: readonly Tail[],
  second: readonly Tail[],
  ceiling: string | null,
  floor: string,
): string {
  const newest = first.flatMap(({ values }) => values.map(({ version }) => version)).sort().at(-1) ?? floor;
  // What a reader has been told of was stored before this read began: it is all here, but for what was cut off.
  let horizon = ceiling ?? newest;
  for (const { full, values } of [...first, ...second]) {
    const last = values.at(-1);
    if (full && last !== undefined && last.version < horizon) horizon = last.version;
  }
  return horizon < floor ? floor : horizon;
}

/** Both looks as one, up to `horizon`. */
function join(first: readonly Tail[], second: readonly Tail[], horizon: string): Tail[] {
  return second.map((tail) => {
    const before = first.find(({ writer, epoch }) => writer === tail.writer && epoch === tail.epoch);
    const values = [...before?.values ?? [], ...tail.values].filter(({ version }) => version <= horizon);
    return { ...tail, from: before?.from ?? tail.from, values };
  });
}

/** Where the reader stands in `tail` once it has been read. */
function placeOf({ writer, epoch, from, values }: Tail): Position["of"][number] {
  return [writer, epoch, values.at(-1)?.n ?? from];
}

/** A cursor behind all there is. */
async function presentEnd(context: Context, now: number): Promise<string> {
  const { reads, keys, subscription } = context;
  const position: Position = { term: subscription.term ?? "", at: now, floor: "", of: [] };
  for await (const [writer, epoch] of writers(context)) {
    const range = { start: keys.feed(writer, epoch, 0), end: keys.feed(writer, epoch, END) };
    for await (const { key, versionstamp } of reads.list(range, { limit: 1, reverse: true })) {
      position.of.push([writer, epoch, Number(key.at(-1))]);
      if (versionstamp > position.floor) position.floor = versionstamp;
    }
  }
  return encodeCursor("feed", position);
}

/**
 * What every writer wrote behind `places`; of a writer that is not among them, everything.
 *
 * @param enough Of these nothing: the page ends before what they hold besides.
 */
async function readTails(
  context: Context,
  places: Position["of"],
  enough: readonly Tail[] = [],
): Promise<Tail[]> {
  const { reads, keys } = context;
  const tails: Tail[] = [];
  for await (const [writer, epoch] of writers(context)) {
    const [, , from] = places.find(([name, its]) => name === writer && its === epoch) ?? [writer, epoch, -1];
    const tail: Tail = { writer, epoch, from, values: [], full: false };
    tails.push(tail);
    if (enough.some((other) => other.writer === writer && other.epoch === epoch)) continue;
    const range = { start: keys.feed(writer, epoch, from + 1), end: keys.feed(writer, epoch, END) };
    let bytes = 0;
    for await (
      const { key, value, versionstamp: version } of reads.list<Uint8Array>(range, { batchSize: 8 })
    ) {
      const isEnough = bytes >= BYTES_AT_ONCE || tail.values.length >= AT_ONCE;
      // All that one commit wrote has its version: a page that ended within would hide the rest from the next.
      tail.full = isEnough && version !== tail.values.at(-1)?.version;
      if (tail.full) break;
      tail.values.push({ n: Number(key.at(-1)), version, bytes: value });
      bytes += value.length;
    }
  }
  return tails;
}

/** Who wrote to the feed and under which epoch, by leaps over what they wrote. */
async function* writers({ reads, keys }: Context): AsyncIterable<[writer: string, epoch: string]> {
  const prefix = keys.feeds();
  let start: Deno.KvKey | null = prefix;
  while (start !== null) {
    const range: Deno.KvListSelector = start === prefix ? { prefix } : { prefix, start };
    start = null;
    for await (const { key } of reads.list(range, { limit: 1 })) {
      const [writer = "", epoch = ""] = key.slice(-3, -1).map(String);
      yield [writer, epoch];
      start = keys.feed(writer, epoch, END);
    }
  }
}

/** Deletes what is too old to be read, of whatever process, dead ones too. */
export async function pruneFeed(context: Context, now: number): Promise<void> {
  const { reads, keys } = context;
  const before = (now - FEED_KEPT - GRACE) * 1000;
  for await (const [writer, epoch] of writers(context)) {
    const range = { start: keys.feed(writer, epoch, 0), end: keys.feed(writer, epoch, Math.max(0, before)) };
    for (let isMore = true; isMore;) {
      const old: Deno.KvKey[] = [];
      const options = { limit: PRUNED_AT_ONCE, batchSize: 50 };
      for await (const { key } of reads.list(range, options)) old.push(key);
      isMore = old.length === PRUNED_AT_ONCE;
      if (old.length === 0) break;
      await untilStored(() => commit(context, { build: (batch) => reserveAndSet(batch, [], old) }));
    }
  }
}
