import type { ClaimRequest } from "../../lib/store.ts";
import type { Batch } from "./batch.ts";
import type { Bundle } from "./bundle-counts.ts";
import { part } from "./bundles.ts";
import { type Claimed, newHolding } from "./claim-load.ts";
import type { Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { isReady, keySize } from "./keys.ts";
import { PAGE_BYTES, takeOut } from "./pages.ts";
import type { ClaimRoom } from "./ready.ts";
import { isBefore, type ReadyEntry, ReadyPage } from "./ready-lane.ts";

/** Bytes of a `ready` key behind its queue and type: priority, time, seq. */
const PLACE_BYTES = 60;

/** Puts the claim of as many jobs in memory as there is room for into `batch`; null if there is no room. */
export function takeFromMemory(context: Context, batch: Batch, request: ClaimRequest): Claimed[] | null {
  const { keys, ready } = context;
  const room = roomFor(context, batch, request);
  if (room.keys <= 0 || batch.byteRoom < 4 * PAGE_BYTES) return null;
  const entries = ready.take(request, room);
  if (entries.length === 0) return [];
  const { sets, gone } = withoutThem(context, entries);
  if (!reserveAndSet(batch, sets, gone)) {
    ready.invalidate(); // memory has let go of them
    return null;
  }
  batch.reserve({ mutations: 0, bytes: 0, keyBytes: 0, checks: 1 });
  batch.checkLock(keys.lock(), ready.lockVersion ?? null);
  batch.setsLock = true;
  return hold(context, batch, entries, request.now);
}

/**
 * Claims jobs that are stored by this very batch, before they are written to `ready`. Only where nothing waits that comes
 * before them. The lock tells that this is still so, and nobody has to read again: nobody knew these jobs.
 */
export function takeFromBatch(context: Context, batch: Batch, request: ClaimRequest): Claimed[] {
  const { keys, process, ready } = context;
  const pages = batch.pages.all.filter(({ place }) => isReady(place))
    .map(({ place, items, size }) => new ReadyPage(place, items, size));
  const most = Math.min(request.limit, batch.holdRoom(process.holdings.size));
  const left = new Map(request.types);
  const claimed: ReadyEntry[] = [];
  for (const entry of pages.flatMap(({ entries }) => entries).sort((a, b) => isBefore(a, b) ? -1 : 1)) {
    if (claimed.length >= most) break;
    const { queue, type } = entry.page;
    const room = left.get(type) ?? 0;
    if (room <= 0 || !ready.isEmpty({ queue, type })) continue;
    left.set(type, room - 1);
    claimed.push(entry);
  }
  if (claimed.length === 0) return [];
  const bundles = batch.pages.claim(new Set(claimed.map(({ seq }) => seq)));
  for (const entry of claimed) entry.bundle = bundles.get(entry.seq);
  batch.checkLock(keys.lock(), ready.lockVersion ?? null);
  return hold(context, batch, claimed, request.now);
}

/** Lets the process hold `entries`. */
function hold({ process }: Context, batch: Batch, entries: readonly ReadyEntry[], now: number): Claimed[] {
  // Another lease with each commit: a run that ended must not settle the next run of its job.
  const lease = `${process.epoch} ${process.seq}`;
  const bundles = new Map<string, Bundle>();
  for (const { bundle: last } of entries) {
    if (last === undefined) continue;
    const bundle = bundles.get(last);
    if (bundle === undefined) bundles.set(last, { last, count: 1 });
    else bundle.count++;
  }
  return entries.map((entry) => {
    const holding = newHolding(entry, bundles.get(entry.bundle ?? ""), lease, now);
    batch.taken.push(holding);
    batch.moves.move(entry.page, "pending", "running");
    return { entry, holding };
  });
}

/** What is to be written so that `entries` are no longer in their pages. */
function withoutThem({ keys }: Context, entries: readonly ReadyEntry[]) {
  const taken = new Set(entries);
  const sets: Entry[] = [];
  const gone: Deno.KvKey[] = [];
  for (const page of new Set(entries.map((entry) => entry.page))) {
    const place = keys.ready(page);
    const stay = page.entries.filter((entry) => !taken.has(entry));
    if (stay.length > 0) sets.push(...part(keys, page.entries.filter((entry) => taken.has(entry)), stay));
    const made = takeOut(
      { key: [...place, page.entries[0]?.seq ?? ""], items: page.entries },
      (entry) => taken.has(entry),
    );
    page.entries = stay;
    sets.push(...made.sets);
    gone.push(...made.gone);
  }
  return { sets, gone };
}

/** How much can be claimed in `batch`: the keys it may write for pages and records. Each queue and type is a total that moves. */
function roomFor({ keys, process, ready, tallies }: Context, batch: Batch, request: ClaimRequest): ClaimRoom {
  let totals = 0;
  let largest = 1;
  const sources = ready.sources(request);
  for (const source of sources) {
    totals += keySize(tallies.totalKey(source));
    largest = Math.max(largest, keySize(keys.lane(source.queue, source.type)) + PLACE_BYTES);
  }
  const jobs = Math.min(request.limit, batch.holdRoom(process.holdings.size));
  const bytes = batch.byteRoom / 2;
  const room = Math.floor(Math.min(batch.room - sources.length, (batch.keyRoom - totals) / largest));
  if (room > 3 * sources.length) return { jobs, bytes, keys: room };
  // Of more sources than there is room for, as many jobs as fit if each is of another one.
  const few = Math.floor(Math.min(batch.room, batch.keyRoom / largest) / 4);
  return { jobs: Math.min(jobs, few), bytes, keys: 3 * few };
}
