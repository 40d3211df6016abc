import { type RunningJob, start } from "../../lib/job.ts";
import type { ClaimRequest } from "../../lib/store.ts";
import type { Batch, Write } from "./batch.ts";
import { type DecodedJob, parseRecord, toText, unreadableJob } from "./codec.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { getAll } from "./get-all.ts";
import { keySize } from "./keys.ts";
import { PAGE_BYTES, takeOut } from "./pages.ts";
import { withParts } from "./parts.ts";
import type { Holding } from "./process.ts";
import type { ReadyEntry } from "./ready-lane.ts";

/** Bytes of a `ready` key behind its queue and type: priority, time, seq. */
const PLACE_BYTES = 60;

/** A job just claimed, with the entry it had. */
interface Claimed {
  entry: ReadyEntry;
  holding: Holding;
}

/**
 * Claims jobs: takes the front of the ready lists out of memory and, in one commit that checks the claim lock, deletes
 * their entries and names them in this process's key. Three checks, for any number of jobs.
 */
export async function claim(context: Context, request: ClaimRequest): Promise<RunningJob[]> {
  const { ready } = context;
  for (;;) {
    const reading = ready.fill(request);
    if (reading !== undefined) await reading;
    const claimed = await commitClaim(context, request);
    if (claimed === "refused") continue;
    if (claimed.length > 0) return await load(context, claimed, request.now);
    if (!ready.unsure(request)) return [];
  }
}

function commitClaim(context: Context, request: ClaimRequest): Promise<Claimed[] | "refused"> {
  if (!context.ready.has(request)) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const { ready } = context;
    let claimed: Claimed[] = [];
    const write: Write = {
      build(batch) {
        // What a verb takes away in the same commit may still be in memory.
        if (batch.takesEntry) return false;
        if (ready.lockVersion === undefined) {
          claimed = [];
          return true;
        }
        const taken = takeInto(context, batch, request);
        if (taken === null) return false;
        claimed = taken;
        return true;
      },
      sent() {
        for (const { entry, holding } of claimed) read(holding, entry, entry.text, context.process.id);
      },
      committed() {
        ready.takenSettled();
        resolve(claimed);
      },
      conflict() {
        ready.takenSettled();
        resolve("refused");
      },
      fenced() {
        ready.takenSettled();
        resolve("refused");
        return true;
      },
      failed(error) {
        ready.takenSettled();
        reject(error);
      },
    };
    context.committer.submit(write);
  });
}

/** Puts the claim of as many jobs as there is room for into `batch`; null if there is no room. */
function takeInto(context: Context, batch: Batch, request: ClaimRequest): Claimed[] | null {
  const { keys, process, ready } = context;
  const room = roomFor(context, batch, request);
  if (room <= 0 || batch.byteRoom < 4 * PAGE_BYTES) return null;
  const jobs = Math.min(request.limit, room, batch.holdRoom(process.holdings.size));
  const entries = ready.take(request, { jobs, bytes: batch.byteRoom / 2 });
  if (entries.length === 0) return [];
  const { sets, gone } = withoutThem(context, entries);
  reserveAndSet(batch, sets, gone);
  batch.reserve({ mutations: 0, bytes: 0, keyBytes: 0, checks: 1 });
  batch.checkLock(keys.lock(), ready.lockVersion ?? null);
  // Another lease with each commit: a run that ended must not settle the next run of its job.
  const lease = `${process.epoch} ${process.seq}`;
  return entries.map((entry) => {
    const holding = hold(entry, lease, request.now);
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

/** What this process holds once `entry` is claimed. Its job is read while the commit is under way. */
function hold({ seq }: ReadyEntry, lease: string, startedAt: number): Holding {
  const unread = { job: null, progress: null, data: "null", parts: {}, damaged: false };
  return { seq, startedAt, lease, ...unread, cancelRequestedAt: null };
}

function read(holding: Holding, entry: ReadyEntry, record: string, workerId: string): void {
  const { decoded, damaged } = tryDecode(entry, record);
  const { lease, startedAt } = holding;
  holding.job = start(decoded.job, { workerId, lease, now: startedAt });
  holding.data = decoded.data;
  holding.parts = decoded.parts;
  holding.damaged = damaged;
}

function tryDecode({ seq, page }: ReadyEntry, record: string): { decoded: DecodedJob; damaged: boolean } {
  try {
    return { decoded: parseRecord(seq, record), damaged: false };
  } catch {
    const { queue, type, priority } = page;
    const job = unreadableJob(seq, { queue, type, priority });
    return { decoded: { job, parts: {}, data: "null" }, damaged: true };
  }
}

/** Reads what the entries did not hold. A job that cannot be read becomes `failed` and the others go on. */
async function load(context: Context, claimed: Claimed[], now: number): Promise<RunningJob[]> {
  const { kv, keys, process } = context;
  const without = claimed.filter(({ entry }) => entry.text === "");
  const records = await getAll<Uint8Array>(kv, without.map(({ entry }) => keys.job(entry.seq)));
  without.forEach(({ entry, holding }, i) => {
    read(holding, entry, toText(records[i]?.value ?? null), process.id);
  });
  const jobs = claimed.map(({ holding }) => holding.job);
  await Promise.all(claimed.map(async ({ entry, holding }, i) => {
    try {
      if (holding.job === null || holding.damaged) throw new TypeError("its record is damaged");
      const { parts } = holding;
      if (parts.data === undefined && parts.result === undefined) return;
      const { data, result } = await withParts(kv, context, holding.job, parts);
      jobs[i] = holding.job = { ...holding.job, data, result };
    } catch {
      jobs[i] = null;
      await setAside(context, entry, now);
    }
  }));
  return jobs.filter((job) => job !== null);
}

/** Makes a held job that cannot be read `failed`. Its record stays as it is, to be looked at. */
async function setAside(context: Context, entry: ReadyEntry, now: number): Promise<void> {
  const { keys } = context;
  try {
    await commit(context, {
      build(batch) {
        const place = keys.done(entry.page.type, "failed", now);
        if (!reserveAndSet(batch, [], [], [], [{ place, seq: entry.seq, text: "", size: 0, time: 0 }])) {
          return false;
        }
        batch.dropped.add(entry.seq);
        batch.moves.move(entry.page, "running", "failed");
        return true;
      },
    });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error; // fenced: its rescuer meets it again
  }
}
