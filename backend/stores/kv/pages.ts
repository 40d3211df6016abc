/**
 * Pending and finished jobs stand in pages: those that come to stand at one place in one commit share a key, since it is
 * the number of keys that a commit's time goes by. A place is a queue, type, priority and due time (`ready`), or a type,
 * status and time of finishing (`done`). The key is the place and the first job of the page, so a job that leaves takes
 * the key with it if it was the first: then the others stand under a new one.
 */
import type { Cost } from "./batch.ts";
import { toBytes, uuidTime } from "./codec.ts";
import { keySize } from "./keys.ts";
import { listGrowing } from "./list-growing.ts";

/** A job in a page. */
export interface PageItem {
  seq: string;
  /** What the page says of the job besides: in `ready` its record, if that is short; in `done` `KEPT` or nothing. */
  text: string;
  /** If it has no record of its own: the last job of the bundle that has it, which names that. */
  bundle?: string;
}

/** A page as read. */
export interface StoredPage {
  key: Deno.KvKey;
  versionstamp: string;
  /** In the order of their seqs. */
  items: PageItem[];
}

/** A job that is to stand at a place. */
export interface Placing extends PageItem {
  place: Deno.KvKey;
  /** Bytes of `text`. */
  size: number;
  /** Of a pending job the time its seq begins with: those of a page lie close together. Of a finished one 0. */
  time: number;
}

/** The most bytes of a page: who takes some of its jobs writes the others again. */
export const PAGE_BYTES = 12_000;
/** The most jobs of a page. */
const PAGE_ITEMS = 64;
/** Bytes an item takes besides its text, unless it says at length where its record lies. */
const ITEM_BYTES = 44;
/** Milliseconds between the seqs of pending jobs in a page: so far before a job's seq its page may begin. */
const SPAN = 16;

/** Pages that are read first, unless the caller says. */
const FIRST = 3;

/** The text of a finished job with a time of keeping of its own, so that a sweep can pass over it. */
export const KEPT = "kept";

const decoder = new TextDecoder();

/**
 * Items are set apart by an empty line, which JSON never holds. One whose record lies in a bundle says so behind its seq,
 * and in which unless the page ends with its last job.
 */
export function encodePage(items: readonly PageItem[]): Uint8Array {
  const last = items.at(-1)?.seq;
  let text = "";
  for (const { seq, text: record, bundle } of items) {
    if (text !== "") text += "\n\n";
    text += seq;
    if (bundle !== undefined) text += bundle === last ? "=" : `=${bundle}`;
    if (record !== "") text += `\n${record}`;
  }
  return toBytes(text);
}

/** The items of a page. Of a damaged one the first job is known from its key. */
export function decodePage(key: Deno.KvKey, bytes: Uint8Array): PageItem[] {
  const first = String(key.at(-1));
  const items = decodeItems(bytes);
  return items[0]?.seq === first ? items : [{ seq: first, text: "" }];
}

/** The items of what `encodePage` returns. */
export function decodeItems(bytes: Uint8Array): PageItem[] {
  const texts = decoder.decode(bytes).split("\n\n");
  const last = texts.at(-1)?.split(/[=\n]/, 1)[0];
  return texts.map((item): PageItem => {
    const end = item.indexOf("\n");
    const [head, text] = end < 0 ? [item, ""] : [item.slice(0, end), item.slice(end + 1)];
    const sign = head.indexOf("=");
    if (sign < 0) return { seq: head, text };
    const bundle = sign === head.length - 1 ? last : head.slice(sign + 1);
    return { seq: head.slice(0, sign), text, bundle };
  });
}

/** The page that entry `key` holds. */
function pageOf({ key, value, versionstamp }: Deno.KvEntry<Uint8Array>): StoredPage {
  return { key, versionstamp, items: decodePage(key, value) };
}

/** The key of a page at `place`. */
function pageKey(place: Deno.KvKey, items: readonly PageItem[]): Deno.KvKey {
  return [...place, items[0]?.seq ?? ""];
}

/** Seqs at and behind which the `ready` page of job `seq` begins, up to `seq` itself. */
export function earliestPage(seq: string): string {
  return seqAt(uuidTime(seq) - SPAN);
}

/** Seqs before which the bundle of job `seq` ends, from `seq` itself on. */
export function latestEnd(seq: string): string {
  return seqAt(uuidTime(seq) + SPAN + 1);
}

/** The smallest UUIDv7 of this time. */
export function seqAt(time: number): string {
  const hex = Math.min(Math.max(0, Math.floor(time)), 2 ** 48 - 1).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/**
 * The page at `place` that holds job `seq`; null if none does.
 *
 * @param from No page that may hold it begins before this seq.
 */
export async function findPage(
  kv: Deno.Kv,
  place: Deno.KvKey,
  seq: string,
  from = "",
): Promise<StoredPage | null> {
  const range = { start: [...place, from], end: [...place, seq, 0] };
  for await (const entry of kv.list<Uint8Array>(range, { reverse: true, batchSize: 4 })) {
    const page = pageOf(entry);
    if (page.items.some((item) => item.seq === seq)) return page;
  }
  return null;
}

/** What must be written so that some jobs are no longer in a page. */
export function takeOut<Item extends PageItem>(
  page: { key: Deno.KvKey; items: readonly Item[] },
  isGone: (item: Item) => boolean,
): { sets: [Deno.KvKey, Uint8Array][]; gone: Deno.KvKey[] } {
  const rest = page.items.filter((item) => !isGone(item));
  const isFirst = rest[0]?.seq === page.items[0]?.seq;
  return {
    sets: rest.length === 0 ? [] : [[pageKey(page.key.slice(0, -1), rest), encodePage(rest)]],
    gone: isFirst ? [] : [page.key],
  };
}

/** A page on its way to the disk. */
export class NewPage {
  /** In the order of their seqs. */
  items: PageItem[] = [];
  /** Those that come into being with it: their records are still to be written. */
  added: PageItem[] = [];
  /** The like of those that are claimed with the commit that adds them, and never stand here. */
  claimed: PageItem[] = [];
  size = 0;
  #from = Infinity;
  #to = -Infinity;

  constructor(readonly place: Deno.KvKey) {}

  /** True if one more job has room. */
  takes({ size, time }: Placing): boolean {
    if (this.items.length >= PAGE_ITEMS || this.size + size + ITEM_BYTES > PAGE_BYTES) return false;
    return Math.max(time, this.#to) - Math.min(time, this.#from) <= SPAN;
  }

  put({ seq, text, size, time }: Placing, isAdded: boolean): void {
    const item: PageItem = { seq, text };
    insert(this.items, item);
    if (isAdded) insert(this.added, item);
    this.#from = Math.min(this.#from, time);
    this.#to = Math.max(this.#to, time);
    this.size += size + ITEM_BYTES;
  }

  get key(): Deno.KvKey {
    return pageKey(this.place, this.items);
  }

  /** Takes out those of `seqs` that came into being with it: they are claimed. */
  claim(seqs: ReadonlySet<string>): void {
    this.claimed = this.added.filter(({ seq }) => seqs.has(seq));
    this.added = this.added.filter(({ seq }) => !seqs.has(seq));
    this.items = this.items.filter(({ seq }) => !seqs.has(seq));
  }

  /** Says which jobs share a key for their records. All of them are here. */
  tie(): void {
    for (const group of [this.added, this.claimed]) {
      if (group.length === 1) continue;
      for (const item of group) item.bundle = group.at(-1)?.seq;
    }
  }
}

/** Puts `item` where it belongs: mostly at the end. */
function insert(items: PageItem[], item: PageItem): void {
  const last = items.at(-1);
  items.push(item);
  if (last !== undefined && item.seq < last.seq) items.sort(bySeq);
}

/** The pages of one commit. */
export class NewPages {
  readonly all: NewPage[] = [];
  /** The page of each place that still has room. */
  readonly #open = new Map<string, NewPage>();
  #last: NewPage | null = null;

  /** Adds to `cost` what it costs to put `placing` here now. */
  addCost(placing: Placing, cost: Cost): void {
    cost.bytes += placing.size + ITEM_BYTES;
    if (this.#find(placing)?.takes(placing)) return;
    const keyBytes = keySize(placing.place) + ITEM_BYTES;
    cost.mutations++;
    cost.bytes += keyBytes;
    cost.keyBytes += keyBytes;
  }

  /** @param isAdded Its record is still to be written, and `placing` has it. */
  put(placing: Placing, isAdded = false): void {
    let page = this.#find(placing);
    if (!page?.takes(placing)) {
      page = new NewPage(placing.place);
      this.all.push(page);
      this.#open.set(nameOf(placing.place), page);
    }
    page.put(placing, isAdded);
    this.#last = page;
  }

  /** Says which jobs share a key for their records. All of them are here. */
  tie(): void {
    for (const page of this.all) page.tie();
  }

  /** Takes jobs out that are claimed as they are added. @returns By seq, the last job of the bundle that has its record. */
  claim(seqs: ReadonlySet<string>): Map<string, string> {
    const bundles = new Map<string, string>();
    for (const page of this.all) {
      page.claim(seqs);
      page.tie();
      for (const { seq, bundle } of page.claimed) if (bundle !== undefined) bundles.set(seq, bundle);
    }
    return bundles;
  }

  #find({ place }: Placing): NewPage | undefined {
    // Mostly it is the place of the job before, and the name need not be made.
    if (this.#last !== null && isSame(this.#last.place, place)) return this.#last;
    return this.#open.get(nameOf(place));
  }
}

function bySeq(a: PageItem, b: PageItem): number {
  return a.seq < b.seq ? -1 : 1;
}

function isSame(a: Deno.KvKey, b: Deno.KvKey): boolean {
  for (let i = a.length; i >= 0; i--) if (a[i] !== b[i]) return false; // the last parts differ most
  return true;
}

function nameOf(place: Deno.KvKey): string {
  return place.join("\n");
}

/**
 * The jobs of all pages within `range`: place by place, within a place in the order of their seqs; or all of that
 * backwards. Pages of one place may overlap: forward a job is given once no page can hold one before it, backward once
 * all pages of its place are read.
 */
export async function* walkPages(
  kv: Deno.Kv,
  range: Deno.KvListSelector,
  { reverse = false, first = FIRST } = {},
): AsyncGenerator<PageItem & { place: Deno.KvKey }> {
  let place: Deno.KvKey = [];
  let waiting: PageItem[] = [];
  for await (const entries of listGrowing(kv, range, { first, reverse })) {
    for (const { key, value } of entries) {
      const next = key.slice(0, -1);
      const bound = isSame(place, next) ? (reverse ? "" : String(key.at(-1))) : "~"; // behind all seqs
      for (const item of waiting) if (item.seq < bound) yield { ...item, place };
      waiting = [...waiting.filter(({ seq }) => seq >= bound), ...decodePage(key, value)].sort(bySeq);
      if (reverse) waiting.reverse();
      place = next;
    }
  }
  for (const item of waiting) yield { ...item, place };
}
