import type { Clock } from "../../lib/clock.ts";
import type { ClaimRequest } from "../../lib/store.ts";
import type { Keys, ReadyPlace } from "./keys.ts";

/** A pending job, as its `ready` entry tells. */
export interface ReadyEntry extends ReadyPlace {
  /** Its record, unless that is too large to be kept twice. */
  record: Uint8Array;
}

/** Entries read at once. */
const PAGE = 500;
/** Entries kept of one lane; a longer rest is read again when its turn comes. */
const KEPT = 5_000;
/** After this long all is read again, should the sign of another process's work have been missed. */
const TRUST_MS = 1_000;

/** Order of claiming: the order of the keys. */
function before(a: ReadyPlace, b: ReadyPlace): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.scheduledAt !== b.scheduledAt) return a.scheduledAt < b.scheduledAt;
  return a.seq < b.seq;
}

/** The pending jobs of one queue and type: as many from the front as have been read. */
class Lane {
  readonly entries: ReadyEntry[] = [];
  /** Where the next page begins; null: at the front. */
  after: ReadyEntry | null = null;
  /** True if nothing lies behind `entries`. */
  complete = false;
  /** Jobs this process added while a page was under way, which may or may not be in it. */
  offered: ReadyEntry[] | null = null;

  constructor(readonly queue: string, readonly type: string) {}

  get open(): boolean {
    return this.entries.length === 0 && !this.complete;
  }

  /** Puts an entry where it belongs; new jobs mostly belong at the end. */
  insert(entry: ReadyEntry): void {
    const { entries } = this;
    let at = entries.length;
    for (let last = entries[at - 1]; last !== undefined && before(entry, last); last = entries[at - 1]) at--;
    if (entries[at - 1]?.seq !== entry.seq) entries.splice(at, 0, entry);
  }

  /** Keeps memory bounded: forgets what lies far behind, to be read again later. */
  trim(): void {
    if (this.entries.length <= KEPT) return;
    this.entries.length = KEPT / 2;
    this.after = this.entries.at(-1) ?? null;
    this.complete = false;
  }
}

/**
 * What of the ready lists is in memory, merged over the queues and types that are asked for. What is not asked for
 * is never read, so a million jobs of a type nobody here handles cost nothing.
 *
 * It is right as long as the claim lock has not moved: who takes an entry away moves it. It may lack what other
 * processes added; their wake key tells.
 */
export class ReadyLists {
  readonly #lanes = new Map<string, Lane>();
  readonly #paused = new Set<string>();
  #queues: string[] = [];
  /** The lock's version all this was read under; undefined: not known, read all again. */
  lockVersion: string | null | undefined = undefined;
  /** Raised when what pages under way bring must be thrown away. */
  #generation = 0;
  #refreshedAt = -Infinity;
  /** The versions of other processes' wake keys when last read. */
  readonly #seen = new Map<string, string>();
  #refreshing: Promise<void> | null = null;
  /** Pages under way. */
  #reading = 0;
  /** Taken for a claim whose commit is under way: a page read now may still show them. */
  readonly #claiming = new Set<string>();
  /** Claimed while a page was under way, which may still show them. */
  readonly #claimed = new Set<string>();

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
    if (this.#reading > 0) { for (const seq of this.#claiming) this.#claimed.add(seq); }
    this.#claiming.clear();
  }

  /** False while nobody here claims: then there is no need to offer anything. */
  get isUsed(): boolean {
    return this.#lanes.size + this.#claimed.size > 0;
  }

  /** A commit of this process made this job pending. */
  offer(entry: ReadyEntry): void {
    this.#claimed.delete(entry.seq);
    if (!this.#queues.includes(entry.queue)) this.#queues.push(entry.queue);
    const lane = this.#lanes.get(laneName(entry));
    if (lane === undefined) return;
    lane.offered?.push(entry);
    if (lane.complete || (lane.after !== null && before(entry, lane.after))) lane.insert(entry);
    lane.trim();
  }

  /** True if memory holds a job for `request`. */
  has(request: ClaimRequest): boolean {
    return this.#wanted(request)?.some((lane) => lane.entries.length > 0) ?? false;
  }

  /** The queues and types of which memory holds jobs for `request`. */
  sources(request: ClaimRequest): { queue: string; type: string }[] {
    return this.#wanted(request)?.filter((lane) => lane.entries.length > 0) ?? [];
  }

  /** True if memory cannot say whether there is a job for `request`. */
  unsure(request: ClaimRequest): boolean {
    if (this.lockVersion === undefined) return true;
    return this.#wanted(request)?.some((lane) => lane.open) ?? true;
  }

  /**
   * Reads what `request` needs and memory lacks. Returns a promise only if it must read, so that a claim joins the
   * commit of the settlements that made room for it.
   */
  fill(request: ClaimRequest): Promise<void> | void {
    const lanes = this.#wanted(request);
    if (lanes === null || this.#isOld()) return this.#refresh(request);
    if (lanes.every((lane) => lane.entries.length === 0 && lane.complete)) return this.#fillEmpty(request);
    const open = lanes.filter((lane) => lane.open);
    if (open.length > 0) return this.#readPages(open);
    // The next page is read while this one is worked on.
    for (const lane of lanes) {
      if (!lane.complete && lane.offered === null && lane.entries.length < request.limit) {
        this.#readPages([lane]).catch(() => {}); // read again when it is needed
      }
    }
  }

  #isOld(): boolean {
    return this.lockVersion === undefined || this.clock.monotonic() - this.#refreshedAt >= TRUST_MS;
  }

  /** Memory says there is nothing: true unless another process added something just now. */
  async #fillEmpty(request: ClaimRequest): Promise<void> {
    if (await this.lookAtOthers()) await this.#refresh(request);
  }

  /** True if other processes added work since the last look, which memory then lacks. */
  async lookAtOthers(): Promise<boolean> {
    let changed = false;
    for await (const { key, versionstamp } of this.kv.list({ prefix: this.keys.wakes() })) {
      const id = String(key.at(-1));
      if (id === this.procId || this.#seen.get(id) === versionstamp) continue;
      this.#seen.set(id, versionstamp);
      changed = true;
    }
    if (changed) this.#refreshedAt = -Infinity;
    return changed;
  }

  /** The lanes of `request` that are not paused; null if some are not known yet. */
  #wanted(request: ClaimRequest): Lane[] | null {
    const lanes: Lane[] = [];
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
    await this.lookAtOthers(); // what they add from here on is news
    const lock = await this.kv.get(this.keys.lock());
    const paused = await this.#names(this.keys.pausedQueues());
    const queues = await this.#names(this.keys.queues());
    if (generation !== this.#generation) return;
    this.lockVersion = lock.versionstamp;
    this.#refreshedAt = this.clock.monotonic();
    this.#queues = queues;
    this.#paused.clear();
    for (const queue of paused) this.#paused.add(queue);
    const lanes: Lane[] = [];
    for (const queue of request.queues ?? queues) {
      for (const type of request.types.keys()) {
        const lane = new Lane(queue, type);
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

  async #readPages(lanes: Lane[]): Promise<void> {
    const generation = this.#generation;
    this.#reading++;
    try {
      await Promise.all(lanes.map((lane) => this.#readPage(lane, generation)));
    } finally {
      if (--this.#reading === 0) this.#claimed.clear();
    }
  }

  async #readPage(lane: Lane, generation: number): Promise<void> {
    if (lane.offered !== null) return; // a page is under way already
    lane.offered = [];
    const from = lane.after;
    const prefix = this.keys.lane(lane.queue, lane.type);
    const start = from === null ? undefined : [...this.keys.ready(from), 0];
    const selector = start === undefined ? { prefix } : { prefix, start };
    const page: ReadyEntry[] = [];
    try {
      for await (const entry of this.kv.list<Uint8Array>(selector, { limit: PAGE, batchSize: PAGE })) {
        const [negated, scheduledAt, seq] = entry.key.slice(-3);
        page.push({
          queue: lane.queue,
          type: lane.type,
          priority: -Number(negated),
          scheduledAt: Number(scheduledAt),
          seq: String(seq),
          record: entry.value,
        });
      }
    } finally {
      const offered = lane.offered;
      lane.offered = null;
      if (generation === this.#generation && lane.after === from) {
        this.#accept(lane, page, offered, from === null);
      }
    }
  }

  #accept(lane: Lane, page: ReadyEntry[], offered: ReadyEntry[], first: boolean): void {
    lane.complete = page.length < PAGE;
    lane.after = page.at(-1) ?? lane.after;
    // What this process claims lies in front of a page that continues an earlier one, not in it.
    for (const entry of page) if (!first || !this.#gone(entry.seq)) lane.insert(entry);
    for (const entry of offered) {
      if (this.#gone(entry.seq)) continue;
      if (lane.complete || (lane.after !== null && before(entry, lane.after))) lane.insert(entry);
    }
    lane.trim();
  }

  #gone(seq: string): boolean {
    return this.#claiming.has(seq) || this.#claimed.has(seq);
  }

  /**
   * Takes the next jobs for `request` out of memory, at most `limit`, in the order of claiming. They are the
   * caller's to claim; if its commit is refused it calls `invalidate`.
   */
  take(request: ClaimRequest, limit: number): ReadyEntry[] {
    const taken: ReadyEntry[] = [];
    const lanes = this.#wanted(request) ?? [];
    const room = new Map(request.types);
    const next = new Map<Lane, number>(lanes.map((lane) => [lane, 0]));
    while (taken.length < limit) {
      let best: Lane | null = null;
      let first: ReadyEntry | null = null;
      for (const [lane, at] of next) {
        if ((room.get(lane.type) ?? 0) <= 0) continue;
        const entry = lane.entries[at];
        if (entry === undefined && !lane.complete) return this.#cut(next, taken); // what comes next is not known
        if (entry !== undefined && (first === null || before(entry, first))) [best, first] = [lane, entry];
      }
      if (best === null || first === null) break;
      taken.push(first);
      next.set(best, (next.get(best) ?? 0) + 1);
      room.set(best.type, (room.get(best.type) ?? 0) - 1);
    }
    return this.#cut(next, taken);
  }

  #cut(next: Map<Lane, number>, taken: ReadyEntry[]): ReadyEntry[] {
    for (const [lane, count] of next) if (count > 0) lane.entries.splice(0, count);
    for (const entry of taken) this.#claiming.add(entry.seq);
    return taken;
  }
}

function laneName(lane: { queue: string; type: string }): string {
  return `${lane.queue}\n${lane.type}`;
}
