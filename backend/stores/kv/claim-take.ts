import type { ClaimRequest } from "../../lib/store.ts";
import type { Batch } from "./batch.ts";
import { type Claimed, hold } from "./claim-load.ts";
import type { Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { isReady, keySize } from "./keys.ts";
import { PAGE_BYTES, takeOut } from "./pages.ts";
import { isBefore, type ReadyEntry, ReadyPage } from "./ready-lane.ts";

/** Bytes of a `ready` key behind its queue and type: priority, time, seq. */
const PLACE_BYTES = 60;

/** Puts the claim of as many jobs in memory as there is room for into `batch`; null if there is no room. */
export function takeFromMemory(context: Context, batch: Batch, request: ClaimRequest): Claimed[] | null {
  const { keys, process, ready } = context;
  const room = roomFor(context, batch, request);
  if (room <= 0 || batch.byteRoom < 4 * PAGE_BYTES) return null;
  const jobs = Math.min(request.limit, room, batch.holdRoom(process.holdings.size));
  const entries = ready.take(request, { jobs, bytes: batch.byteRoom / 2 });
  if (entries.length === 0) return [];
  const { sets, gone } = withoutThem(context, entries);
  if (!reserveAndSet(batch, sets, gone)) {
    ready.invalidate(); // memory has let go of them
    return null;
  }
  batch.reserve({ mutations: 0, bytes: 0, keyBytes: 0, checks: 1 });
  batch.checkLock(keys.lock(), ready.lockVersion ?? null);
  batch.setsLock = true;
  return entries.map((entry) => take(context, batch, entry, request.now));
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
  const claimed: Claimed[] = [];
  for (const entry of pages.flatMap(({ entries }) => entries).sort((a, b) => isBefore(a, b) ? -1 : 1)) {
    if (claimed.length >= most) break;
    const { queue, type } = entry.page;
    const room = left.get(type) ?? 0;
    if (room <= 0 || !ready.isEmpty({ queue, type })) continue;
    left.set(type, room - 1);
    claimed.push(take(context, batch, entry, request.now));
  }
  if (claimed.length === 0) return claimed;
  batch.pages.remove(new Set(claimed.map(({ entry }) => entry.seq)));
  batch.checkLock(keys.lock(), ready.lockVersion ?? null);
  return claimed;
}

function take({ process }: Context, batch: Batch, entry: ReadyEntry, now: number): Claimed {
  // Another lease with each commit: a run that ended must not settle the next run of its job.
  const holding = hold(entry, `${process.epoch} ${process.seq}`, now);
  batch.taken.push(holding);
  batch.moves.move(entry.page, "pending", "running");
  return { entry, holding };
}

/** What is to be written so that `entries` are no longer in their pages. */
function withoutThem({ keys }: Context, entries: readonly ReadyEntry[]) {
  const taken = new Set(entries);
  const sets: Entry[] = [];
  const gone: Deno.KvKey[] = [];
  for (const page of new Set(entries.map((entry) => entry.page))) {
    const place = keys.ready(page);
    const made = takeOut(
      { key: [...place, page.entries[0]?.seq ?? ""], items: page.entries },
      (entry) => taken.has(entry),
    );
    page.entries = page.entries.filter((entry) => !taken.has(entry));
    sets.push(...made.sets);
    gone.push(...made.gone);
  }
  return { sets, gone };
}

/** How many jobs can be claimed in `batch`: each may be a page that goes and one that comes, each queue and type is a total that moves. */
function roomFor({ keys, ready, tallies }: Context, batch: Batch, request: ClaimRequest): number {
  let totals = 0;
  let largest = 1;
  const sources = ready.sources(request);
  for (const source of sources) {
    totals += keySize(tallies.totalKey(source));
    largest = Math.max(largest, keySize(keys.lane(source.queue, source.type)) + PLACE_BYTES);
  }
  const few = Math.floor(Math.min(batch.room - sources.length, (batch.keyRoom - totals) / largest) / 2);
  // Of more sources than there is room for, as many jobs as fit if each is of another one.
  return few > sources.length ? few : Math.floor(Math.min(batch.room / 3, batch.keyRoom / largest / 3));
}
