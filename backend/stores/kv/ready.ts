import type { Clock } from "../../lib/clock.ts";
import type { ClaimRequest } from "../../lib/store.ts";
import { isReady, type Keys } from "./keys.ts";
import { decodePage, type NewPage } from "./pages.ts";
import { isBefore, type ReadyEntry, ReadyLane, ReadyPage } from "./ready-lane.ts";

/** How much a claim may take. */
export interface ClaimRoom {
  jobs: number;
  /** Of the pages they stand in. */
  bytes: number;
  /** Keys that may be written. */
  keys: number;
}

/** So many jobs are read at once. */
const ENOUGH = 500;
/** So many pages of the database are read at once at the most: those that hold a single job are many. */
const MOST_PAGES = 200;
/** After this long all is read again, should the sign of another process's work have been missed. */
const TRUST_MS = 1_500;

/**
 * What of the ready lists is in memory, merged over the queues and types that are asked for. What is not asked for
 * is never read, so a million jobs of a type nobody here handles cost nothing.
 *
 * It is right as long as the claim lock has not moved: who takes an entry away moves it. It may lack what other
 * processes added; their wake key tells.
 */
export class ReadyLists {
  readonly #lanes = new Map<string, ReadyLane>();
  readonly #paused = new Set<string>();
  /** Every queue this process has heard of: a queue, once there, stays. */
  readonly #queues = new Set<string>();
  /** The lock's version all this was read under; undefined: not known, read all again. */
  lockVersion: string | null | undefined = undefined;
  /** Raised when what pages under way bring must be thrown away. */
  #generation = 0;
  #refreshedAt = -Infinity;
  /** The versions of other processes' wake keys when last read. */
  readonly #seen = new Map<string, string>();
  #refreshing: Promise<void> | null = null;
  /** Taken for a claim whose commit is under way: a page read now may still show them. */
  readonly #claiming = new Set<string>();
  /** For each read under way, what was taken since it began, or just before: what it brings may still show them. */
  readonly #takenSince = new Set<Set<string>>();

  constructor(readonly kv: Deno.Kv, readonly keys: Keys, readonly procId: string, readonly clock: Clock) {}

  /** Forgets everything. The next `fill` reads again, beginning with the lock. */
  invalidate(): void {
    this.#generation++;
    this.#lanes.clear();
    this.lockVersion = undefined;
  }

  /**
   * A commit of this process set the lock, which had the version `checked` until then. What memory holds accounts for
   * that commit; but memory may have been read before an earlier change, which then still has to be read.
   */
  lockSet(version: string, checked: string | null): void {
    if (this.lockVersion === undefined || this.lockVersion === version) return;
    if (this.lockVersion === checked) this.lockVersion = version;
    else this.invalidate();
  }

  /** The commit of what was taken is done, or refused. */
  takenSettled(): void {
    this.#claiming.clear();
  }

  /** False while nobody here claims: then there is no need to offer anything. */
  get isUsed(): boolean {
    return this.#lanes.size > 0;
  }

  /**
   * A commit of this process put jobs into these pages, under `version`.
   *
   * Before its answer came the pages may have been read, and their jobs claimed: by others, who then moved the lock, or
   * by this process. What is not as it was written must not be put beside what was read.
   */
  offer(pages: readonly NewPage[], version: string): void {
    for (const { place, items, size } of pages) {
      if (!isReady(place)) continue;
      this.#queues.add(String(place[1]));
      if (this.isUsed && (this.lockVersion ?? "") > version) this.invalidate();
      if (!this.isUsed || items.some(({ seq }) => this.#claiming.has(seq))) continue;
      const page = new ReadyPage(place, items, size);
      const lane = this.#lanes.get(laneName(page));
      if (lane === undefined) continue;
      if (lane.reading !== null) lane.offered.push(page);
      lane.put(page);
    }
  }

  /** True if memory holds a job for `request`. */
  has(request: ClaimRequest): boolean {
    return this.#wanted(request)?.some((lane) => lane.hasJobs) ?? false;
  }

  /** True if memory has just been read and knows that nothing is pending for `request`. */
  hasNothing(request: ClaimRequest): boolean {
    return !this.#isOld() && (this.#wanted(request)?.every((lane) => lane.at(0) === null) ?? false);
  }

  /** True if memory knows that nothing is pending of this queue and type, and that it may be claimed. */
  isEmpty(of: { queue: string; type: string }): boolean {
    return !this.#paused.has(of.queue) && this.#lanes.get(laneName(of))?.at(0) === null;
  }

  /** The queues and types of which memory holds jobs for `request`. */
  sources(request: ClaimRequest): { queue: string; type: string }[] {
    return this.#wanted(request)?.filter((lane) => lane.hasJobs) ?? [];
  }

  /** True if memory cannot say whether there is a job for `request`. */
  unsure(request: ClaimRequest): boolean {
    if (this.lockVersion === undefined) return true;
    return this.#wanted(request)?.some((lane) => lane.isOpen) ?? true;
  }

  /**
   * Reads what `request` needs and memory lacks. Returns a promise only if it must read, so that a claim joins the
   * commit of the settlements that made room for it.
   */
  fill(request: ClaimRequest): Promise<void> | void {
    const lanes = this.#wanted(request);
    if (lanes === null || this.#isOld()) return this.#refresh(request);
    if (lanes.every((lane) => lane.at(0) === null)) return this.#fillEmpty(request);
    const open = lanes.filter((lane) => lane.isOpen);
    if (open.length > 0) return this.#readPages(open);
    // The next page is read while this one is worked on.
    for (const lane of lanes) {
      if (lane.bound !== null && lane.reading === null && lane.length < request.limit) {
        this.#readPages([lane]).catch(() => {}); // read again when it is needed
      }
    }
  }

  #isOld(): boolean {
    return this.lockVersion === undefined || this.clock.monotonic() - this.#refreshedAt >= TRUST_MS;
  }

  /** Memory says there is nothing: true unless another process added something just now. */
  async #fillEmpty(request: ClaimRequest): Promise<void> {
    await this.lookAtOthers();
    if (this.#isOld()) await this.#refresh(request); // another look may have seen it first
  }

  /** True if other processes added work since the last look, which memory then lacks. */
  async lookAtOthers(): Promise<boolean> {
    let changed = false;
    for await (const { key, versionstamp } of this.kv.list({ prefix: this.keys.wakes() })) {
      const writer = key.slice(2).join(" ");
      if (key[2] === this.procId || this.#seen.get(writer) === versionstamp) continue;
      this.#seen.set(writer, versionstamp);
      changed = true;
    }
    if (changed) this.#refreshedAt = -Infinity;
    return changed;
  }

  /** The lanes of `request` that are not paused; null if some are not known yet. */
  #wanted(request: ClaimRequest): ReadyLane[] | null {
    const lanes: ReadyLane[] = [];
    for (const queue of request.queues ?? this.#queues) {
      if (this.#paused.has(queue)) continue;
      for (const [type, room] of request.types) {
        if (room <= 0) continue;
        const lane = this.#lanes.get(laneName({ queue, type }));
        if (lane === undefined) return null;
        lanes.push(lane);
      }
    }
    return lanes;
  }

  async #refresh(request: ClaimRequest): Promise<void> {
    while (this.#refreshing !== null) await this.#refreshing;
    if (!this.#isOld() && this.#wanted(request) !== null) return;
    this.#refreshing = this.#readAll(request).finally(() => this.#refreshing = null);
    return await this.#refreshing;
  }

  /** The order matters: the lock first, so that whatever moves after it is noticed at the commit. */
  async #readAll(request: ClaimRequest): Promise<void> {
    this.invalidate();
    const generation = this.#generation;
    await this.lookAtOthers();
    this.#refreshedAt = this.clock.monotonic(); // what they add from here on is news
    const lock = await this.kv.get(this.keys.lock());
    const paused = await this.#names(this.keys.pausedQueues());
    const queues = await this.#names(this.keys.queues());
    if (generation !== this.#generation) return;
    this.lockVersion = lock.versionstamp;
    for (const queue of queues) this.#queues.add(queue);
    this.#paused.clear();
    for (const queue of paused) this.#paused.add(queue);
    const lanes: ReadyLane[] = [];
    for (const queue of request.queues ?? this.#queues) {
      for (const type of request.types.keys()) {
        const lane = new ReadyLane(queue, type);
        this.#lanes.set(laneName(lane), lane);
        if (!this.#paused.has(queue)) lanes.push(lane);
      }
    }
    await this.#readPages(lanes);
  }

  async #names(prefix: Deno.KvKey): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of this.kv.list({ prefix })) names.push(String(entry.key.at(-1)));
    return names;
  }

  async #readPages(lanes: ReadyLane[]): Promise<void> {
    const generation = this.#generation;
    await Promise.all(lanes.map((lane) => this.#readSome(lane, generation)));
  }

  /** Reads more of a lane, unless that is under way: then waits for it. */
  #readSome(lane: ReadyLane, generation: number): Promise<void> {
    return lane.reading ??= this.#readOn(lane, generation).finally(() => lane.reading = null);
  }

  /**
   * Reads pages of a lane from its bound on, and one more, which is the next bound. A page must be known exactly as it is
   * stored, or its rest would be written under a wrong key: what shows a job that was taken meanwhile is thrown away.
   */
  async #readOn(lane: ReadyLane, generation: number): Promise<void> {
    lane.offered = [];
    const taken = new Set(this.#claiming);
    this.#takenSince.add(taken);
    const from = lane.bound;
    const prefix = this.keys.lane(lane.queue, lane.type);
    const range = from ? { prefix, start: [...this.keys.ready(from.page), from.seq] } : { prefix };
    const pages: ReadyPage[] = [];
    let bound: ReadyEntry | null = null;
    let read = 0;
    try {
      for await (const { key, value } of this.kv.list<Uint8Array>(range, { batchSize: lane.batch })) {
        const page = new ReadyPage(key.slice(0, -1), decodePage(key, value), value.length);
        if (read >= ENOUGH) {
          bound = page.entries[0] ?? null;
          break;
        }
        pages.push(page);
        read += page.entries.length;
      }
      const isOld = pages.some(({ entries }) => entries.some(({ seq }) => taken.has(seq)));
      if (generation !== this.#generation || lane.bound !== from || isOld) return; // to be read again
      lane.bound = bound;
      for (const page of [...pages, ...lane.offered]) lane.put(page);
    } finally {
      this.#takenSince.delete(taken);
      lane.offered = [];
      lane.batch = Math.max(
        4,
        Math.min(MOST_PAGES, Math.ceil(ENOUGH * pages.length / Math.max(1, read)) + 1),
      );
    }
  }

  /**
   * Takes the next jobs for `request` out of memory, in the order of claiming, as far as there is room. They are the
   * caller's to claim; if its commit is refused it calls `invalidate`.
   */
  take(request: ClaimRequest, room: ClaimRoom): ReadyEntry[] {
    const taken: ReadyEntry[] = [];
    /** How many jobs leave each page. */
    const leaving = new Map<ReadyPage, number>();
    let keys = 0;
    const left = new Map(request.types);
    const next = new Map<ReadyLane, number>((this.#wanted(request) ?? []).map((lane) => [lane, 0]));
    let bytes = 0;
    while (taken.length < room.jobs) {
      const found = first(next, left);
      if (found === null) break;
      const [lane, entry] = found;
      const before = leaving.get(entry.page) ?? 0;
      if (before === 0) bytes += entry.page.size;
      keys += keysToTake(entry.page, before + 1) - keysToTake(entry.page, before);
      if ((bytes > room.bytes || keys > room.keys) && taken.length > 0) break;
      leaving.set(entry.page, before + 1);
      taken.push(entry);
      this.#claiming.add(entry.seq);
      for (const since of this.#takenSince) since.add(entry.seq);
      next.set(lane, (next.get(lane) ?? 0) + 1);
      left.set(lane.type, (left.get(lane.type) ?? 0) - 1);
    }
    for (const [lane, count] of next) if (count > 0) lane.take(count);
    return taken;
  }
}

/** Keys that are written if `count` jobs leave a page: it goes, comes under its new first, and parts with its bundle. */
function keysToTake({ entries }: ReadyPage, count: number): number {
  if (count === 0 || count === entries.length) return Math.min(count, 1);
  return 2 + Math.min(count, entries.length - count);
}

/** The lane whose turn it is, with its job; null if there is none, or memory cannot tell. */
function first(
  next: ReadonlyMap<ReadyLane, number>,
  left: ReadonlyMap<string, number>,
): [ReadyLane, ReadyEntry] | null {
  let best: [ReadyLane, ReadyEntry] | null = null;
  for (const [lane, at] of next) {
    if ((left.get(lane.type) ?? 0) <= 0) continue;
    const entry = lane.at(at);
    if (entry === undefined) return null;
    if (entry !== null && (best === null || isBefore(entry, best[1]))) best = [lane, entry];
  }
  return best;
}

function laneName(lane: { queue: string; type: string }): string {
  return `${lane.queue}\n${lane.type}`;
}
