import type { ReadyPlace } from "./keys.ts";
import type { PageItem } from "./pages.ts";

/** A page of pending jobs in memory. */
export class ReadyPage implements ReadyPlace {
  readonly queue: string;
  readonly type: string;
  readonly priority: number;
  readonly scheduledAt: number;
  /** Its jobs, in the order of their seqs. */
  entries: ReadyEntry[];

  /** @param size Its bytes. */
  constructor(place: Deno.KvKey, items: readonly PageItem[], readonly size: number) {
    const [queue, type, negated, scheduledAt] = place.slice(-4);
    this.queue = String(queue);
    this.type = String(type);
    this.priority = 0 - Number(negated);
    this.scheduledAt = Number(scheduledAt);
    this.entries = items.map(({ seq, text, bundle }) => ({ seq, text, bundle, page: this }));
  }
}

/** A pending job in memory. */
export interface ReadyEntry extends PageItem {
  readonly page: ReadyPage;
}

/** Order of claiming. */
export function isBefore(a: ReadyEntry, b: ReadyEntry): boolean {
  const [one, other] = [a.page, b.page];
  if (one.priority !== other.priority) return one.priority > other.priority;
  if (one.scheduledAt !== other.scheduledAt) return one.scheduledAt < other.scheduledAt;
  return a.seq < b.seq;
}

/** Entries kept of one lane; a longer rest is read again when its turn comes. */
const KEPT = 5_000;
/** So many entries are taken before the room they leave is given back. */
const SLACK = 1_024;

/** The pending jobs of one queue and type: as many from the front as have been read. */
export class ReadyLane {
  /** In the order of claiming. */
  #entries: ReadyEntry[] = [];
  /** How many of them have been taken. */
  #taken = 0;
  /**
   * The first job of the first page that is not in memory; null: all are. Undefined: none has been read. A job in
   * memory that is not before it must wait: that page may hold jobs before it.
   */
  bound: ReadyEntry | null | undefined = undefined;
  /** Resolves when what is being read has been read; null: nothing is. */
  reading: Promise<void> | null = null;
  /** Pages this process added meanwhile, which may or may not be among those. */
  offered: ReadyPage[] = [];
  /** How many pages to read at once: as many as hold what is wanted, as far as that is known. */
  batch = 16;

  constructor(readonly queue: string, readonly type: string) {}

  /** How many jobs are in memory. */
  get length(): number {
    return this.#entries.length - this.#taken;
  }

  /** True if memory cannot tell which job is the first. */
  get isOpen(): boolean {
    return this.at(0) === undefined;
  }

  /** True if memory knows a job that can be taken. */
  get hasJobs(): boolean {
    return (this.at(0) ?? null) !== null;
  }

  /** The job at place `index` of the order; null: there is none; undefined: memory cannot tell. */
  at(index: number): ReadyEntry | null | undefined {
    const entry = this.#entries[this.#taken + index];
    if (this.bound === null) return entry ?? null;
    return entry === undefined || this.bound === undefined || !isBefore(entry, this.bound)
      ? undefined
      : entry;
  }

  /** Takes the first `count` jobs out. */
  take(count: number): void {
    this.#taken += count;
    if (this.#taken < SLACK && this.length > 0) return;
    this.#entries.splice(0, this.#taken);
    this.#taken = 0;
  }

  /** Puts a page's jobs where they belong, unless the page will be read anyway. New ones mostly belong at the end. */
  put(page: ReadyPage): void {
    const [first] = page.entries;
    if (first === undefined || this.bound === undefined) return;
    if (this.bound !== null && !isBefore(first, this.bound)) return;
    for (const entry of page.entries) this.#insert(entry);
    if (this.length > KEPT) this.#trim();
  }

  #insert(entry: ReadyEntry): void {
    const entries = this.#entries;
    let at = entries.length;
    for (let last = entries[at - 1]; at > this.#taken && last !== undefined; last = entries[at - 1]) {
      if (!isBefore(entry, last)) break;
      at--;
    }
    if (at > this.#taken && entries[at - 1]?.seq === entry.seq) return;
    if (at === entries.length) entries.push(entry);
    else entries.splice(at, 0, entry);
  }

  /** Keeps memory bounded: forgets whole pages far behind. */
  #trim(): void {
    const rest = this.#entries.slice(this.#taken);
    const far = new Set(rest.slice(KEPT / 2).map(({ page }) => page));
    for (const { entries: [first] } of far) {
      if (first !== undefined && (!this.bound || isBefore(first, this.bound))) this.bound = first;
    }
    this.#entries = rest.filter(({ page }) => !far.has(page));
    this.#taken = 0;
  }
}
