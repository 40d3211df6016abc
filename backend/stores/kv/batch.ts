import type { Unbundled } from "./bundle-counts.ts";
import type { Holding, HoldingChange } from "./process.ts";
import type { FeedBatch } from "./feed-writer.ts";
import type { Telling } from "./feed-codec.ts";
import { keySize } from "./keys.ts";
import { NewPages, type Placing } from "./pages.ts";
import { Moves } from "./tallies.ts";

/**
 * What one atomic may hold. KV's own limits are 1,000 mutations, 819,200 bytes, 81,920 bytes of keys, 100
 * checks; the rest is kept for the process's own key (≤ 45 KB), the lock, and the totals of the last write.
 */
const LIMITS = { mutations: 900, bytes: 720_000, keyBytes: 76_000, checks: 90, held: 1_000 };

/** The key of a queue and type's total. */
export type TotalKey = (of: { queue: string; type: string }) => Deno.KvKey;

const NONE: readonly never[] = [];

/** Bytes of a total. */
const TOTAL_BYTES = 200;

/** What a write adds to an atomic. */
export interface Cost {
  mutations: number;
  /** Bytes of values. */
  bytes: number;
  keyBytes: number;
  checks: number;
}

/** One atomic while it is put together from what waits. */
export class Batch implements HoldingChange {
  readonly taken: Holding[] = [];
  readonly dropped = new Set<string>();
  readonly unbundled: Unbundled = new Map();
  readonly moves: Moves;
  /** Where jobs come to stand. */
  readonly pages = new NewPages();
  /** The lock is checked here: nothing that leaves under a check of its own (`takesEntry`) may be among this. */
  checksLock = false;
  /** Entries leave `ready` or `due` here under that check. */
  setsLock = false;
  /** The version of the lock that is checked. */
  #lockVersion: string | null = null;
  /** Entries leave `ready` or `due` here under a check of their own; the lock is set so that others read again. */
  takesEntry = false;
  /** Attempts end here: the inbox must be as last read. */
  checksInbox = false;
  /** Jobs become claimable here: other processes are woken. */
  addsWork = false;
  #used: Cost = { mutations: 0, bytes: 0, keyBytes: 0, checks: 0 };
  readonly #subjects = new Set<string>();
  #limit = LIMITS.mutations;

  /** @param feed What it tells the feed; null while nobody is subscribed. */
  constructor(
    readonly op: Deno.AtomicOperation,
    readonly now: number,
    totalKey: TotalKey,
    readonly feed: FeedBatch | null = null,
  ) {
    this.#used.bytes += feed?.bytes ?? 0;
    // Each total that moves is one more key to be written.
    this.moves = new Moves((of) => {
      const size = keySize(totalKey(of));
      this.#used.mutations++;
      this.#used.keyBytes += size;
      this.#used.bytes += size + TOTAL_BYTES;
    });
  }

  /** While other writes wait, these may take only two thirds. */
  share(part: number): void {
    this.#limit = Math.floor(LIMITS.mutations * part);
  }

  /** Checks that nobody has taken an entry away since the lock had this version. */
  checkLock(key: Deno.KvKey, versionstamp: string | null): void {
    this.op.check({ key, versionstamp });
    this.checksLock = true;
    this.#lockVersion = versionstamp;
  }

  get lockVersion(): string | null {
    return this.#lockVersion;
  }

  /**
   * Takes room for a write, the jobs it puts in their places and what it tells the feed, or says that there is none. An
   * empty batch takes any.
   */
  reserve(own: Cost, placings: readonly Placing[] = [], tellings: readonly Telling[] = NONE): boolean {
    const used = this.#used;
    const { feed } = this;
    const texts = feed === null ? NONE : tellings.map((telling) => feed.encode(telling));
    const cost = placings.length === 0 && texts.length === 0 ? own : { ...own };
    for (const placing of placings) this.pages.addCost(placing, cost);
    for (const { bytes } of texts) cost.bytes += bytes;
    const fits = used.mutations + cost.mutations <= this.#limit &&
      used.bytes + cost.bytes <= LIMITS.bytes &&
      used.keyBytes + cost.keyBytes <= LIMITS.keyBytes &&
      used.checks + cost.checks <= LIMITS.checks;
    if (!fits && used.mutations > 0) return false;
    used.mutations += cost.mutations;
    used.bytes += cost.bytes;
    used.keyBytes += cost.keyBytes;
    used.checks += cost.checks;
    for (const text of texts) feed?.put(text);
    return true;
  }

  /** How many more mutations fit. */
  get room(): number {
    return this.#limit - this.#used.mutations;
  }

  /** How many more bytes fit. */
  get byteRoom(): number {
    return LIMITS.bytes - this.#used.bytes;
  }

  /** Bytes of keys that still fit. */
  get keyRoom(): number {
    return LIMITS.keyBytes - this.#used.keyBytes;
  }

  /** How many more jobs the process may hold, given `held` now. */
  holdRoom(held: number): number {
    return LIMITS.held - held + this.dropped.size - this.taken.length;
  }

  /** True if no other write in this batch is about the same jobs or keys; then they are this write's. */
  own(subjects: readonly string[]): boolean {
    if (subjects.some((subject) => this.#subjects.has(subject))) return false;
    for (const subject of subjects) this.#subjects.add(subject);
    return true;
  }
}

/** Something to be committed, together with whatever else waits. */
export interface Write {
  /** It is one of several of a call, and must not be stored before the one in front of it. */
  readonly follows?: boolean;
  /**
   * Puts itself into `batch`, or returns false to wait for the next one. Called again, for another batch, if the
   * commit was refused.
   */
  build(batch: Batch): boolean;
  /** All else is in the batch. */
  join?(batch: Batch): void;
  /** Its atomic is under way: what can be done meanwhile costs no time. */
  sent?(): void;
  /** It is on disk. */
  committed(version: string): void;
  /**
   * The commit was refused, and a check of this write's own may be why: it is out, its owner reads again. A write
   * without this method has no checks of its own and simply goes again.
   */
  conflict?(): void;
  /** The process was declared dead before this was known to be stored. True: it is out; false: it goes again in the new epoch. */
  fenced(): boolean;
  /** Whether it was stored is not known and will not be soon. It stays in: only tell who waits. */
  uncertain?(error: unknown): void;
  /** It was not stored. */
  failed(error: unknown): void;
}

/** The cost of setting `sets`, deleting `gone` and of `checks` checks. Every key that is written counts. */
export function costOf(
  sets: readonly (readonly [Deno.KvKey, Uint8Array])[],
  gone: readonly Deno.KvKey[] = [],
  checks = 0,
): Cost {
  let bytes = 0;
  let keyBytes = 0;
  for (const [key, value] of sets) {
    keyBytes += keySize(key);
    bytes += value.length;
  }
  for (const key of gone) keyBytes += keySize(key);
  return { mutations: sets.length + gone.length, bytes: bytes + keyBytes, keyBytes, checks };
}
