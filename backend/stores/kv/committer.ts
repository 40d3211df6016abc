import { type Clock, soon, systemClock } from "../../lib/clock.ts";
import { ClosedError, StoreUnavailableError, WorkerIdInUseError } from "../../lib/errors.ts";
import { Batch, type Write } from "./batch.ts";
import { putPage } from "./bundles.ts";
import type { FeedWriter } from "./feed-writer.ts";
import type { Keys } from "./keys.ts";
import type { NewPage } from "./pages.ts";
import { decodeProc, type Process } from "./process.ts";
import type { Tallies } from "./tallies.ts";

/** What the committer tells the rest of the store. */
export interface CommitterHooks {
  /** Others changed what may be claimed, or may have: read again. */
  readAgain(): void;
  /** The inbox changed: read it before the next settlement. */
  readInbox(): Promise<void>;
  /** The process was declared dead. All it held is lost. Called before the new epoch begins. */
  fenced(): void;
  /** Jobs stand in these pages since the commit of this version. */
  placed(pages: readonly NewPage[], version: string): void;
  /** A commit is on disk and its writes have been told. */
  applied(): void;
  /** An epoch is about to begin. What its first commit has to check: others do not see this process before that. */
  beginning(): Promise<Deno.AtomicCheck | null>;
  /** A commit of this process set the claim lock, which had the version `checked` until then. */
  lockSet(version: string, checked: string | null): void;
}

/** What a committer needs. */
export interface CommitterOptions {
  kv: Deno.Kv;
  keys: Keys;
  /** In whose name it writes: whose key every atomic checks and sets. */
  process: Process;
  tallies: Tallies;
  feed: FeedWriter;
  clock: Clock;
  hooks: CommitterHooks;
  newEpoch(): string;
  /** The adds that wait. A process's two writers share them. */
  adds: Write[];
  /** Set with adds, so that other processes look; null: the process's own key tells them. */
  wakeKey: Deno.KvKey | null;
  /** So few adds it leaves to the other writer. */
  leaves: number;
  /** The other writer of the process. */
  other(): Committer;
}

/** How a commit went. */
type Fate =
  | { kind: "applied"; version: string }
  | { kind: "refused" }
  /** The process was declared dead: its key is gone. */
  | { kind: "fenced" }
  /** Another process uses this id: both held its lock file, so somebody deleted that. */
  | { kind: "usurped" };

/**
 * From so many adds on, a writer takes half of them and leaves the others to the other writer if that is idle: one
 * atomic is put together and its callers go on while the database works on the other.
 */
const SHARED = 50;
/** How often a commit that fails is sent before its fate is looked up. */
const TRIES = 2;
/** The longest wait between two looks at a store that does not answer, in milliseconds. */
const LONGEST_WAIT = 1_000;

/**
 * The writer of a process. All that waits goes into one atomic, and while it commits the next collects: Deno KV
 * syncs the disk once per atomic and has no group commit of its own.
 *
 * Every atomic checks and sets the process's own key (`proc`). So a process that was declared dead, whose key
 * somebody deleted, can store nothing any more; and after an answer was lost, the `seq` in that key tells whether
 * the atomic has been applied.
 */
export class Committer {
  /** Settlements, claims, verbs: before adds, since they free or fill workers. */
  readonly #urgent: Write[] = [];
  #running = false;
  #kicked = false;
  #closed = false;
  #idle: (() => void)[] = [];

  readonly #options: CommitterOptions;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Commits `write` with the next atomic that has room for it. */
  submit(write: Write): void {
    if (this.#closed) return write.failed(new ClosedError("store"));
    this.#urgent.push(write);
    this.kick();
  }

  /** Adds are waiting. */
  kick(): void {
    if (this.#running || this.#kicked || this.#closed) return;
    this.#kicked = true;
    soon(() => {
      this.#kicked = false;
      void this.#run();
    });
  }

  /** True while it commits. */
  get isRunning(): boolean {
    return this.#running;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when nothing waits; then refuses further writes. */
  async close(): Promise<void> {
    await this.drained();
    this.#closed = true;
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    while (this.#running || this.#waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get #waiting(): number {
    return this.#urgent.length + this.#share;
  }

  /** How many of the adds that wait are for this writer's next atomic. */
  get #share(): number {
    const { adds: { length }, leaves, other } = this.#options;
    if (length <= leaves) return 0;
    return length >= SHARED && !other().isRunning ? Math.ceil(length / 2) : length;
  }

  /** Begins a commit in this very turn. @returns False if one is under way. */
  runNow(): boolean {
    if (this.#running || this.#closed) return false;
    void this.#run();
    return true;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting > 0) {
      await this.#commit();
      await new Promise<void>(soon); // those whose writes are stored may join the next atomic
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commit(): Promise<void> {
    const { kv, clock, process, tallies, feed, hooks, newEpoch } = this.#options;
    // Should it fail, the commit will too, or goes without.
    const check = process.version === null ? await hooks.beginning().catch(() => null) : null;
    const now = clock.now();
    const batch = new Batch(kv.atomic(), now, tallies.totalKey, feed.begin(now));
    const writes = this.#collect(batch);
    if (writes.length === 0) return;
    this.#seal(batch);
    if (check !== null) batch.op.check(check);
    let fate: Fate;
    try {
      fate = await this.#send(batch.op, writes);
    } catch (error) {
      hooks.readAgain();
      for (const write of writes) write.failed(error);
      return;
    }
    if (fate.kind === "applied") return this.#applied(batch, writes, fate.version);
    hooks.readAgain();
    if (fate.kind === "refused") {
      // Should this read fail, the next settlement is refused again, and reads again.
      if (batch.checksInbox) await hooks.readInbox().catch(() => {});
      this.#again(writes, (write) => write.conflict === undefined ? true : (write.conflict(), false));
    } else if (fate.kind === "usurped") {
      this.#closed = true;
      hooks.fenced();
      const error = new WorkerIdInUseError(process.id);
      process.holdings.clear();
      for (const write of [...writes, ...this.#takeAll()]) if (!write.fenced()) write.failed(error);
    } else {
      hooks.fenced();
      process.begin(newEpoch());
      process.inboxVersion = null;
      await this.#readCounts();
      await hooks.readInbox().catch(() => {});
      this.#again([...writes, ...this.#takeAll()], (write) => !write.fenced());
    }
  }

  /** The commit may have been applied before the process was declared dead, and what it counted be stored. */
  async #readCounts(): Promise<void> {
    const { kv, tallies } = this.#options;
    for (let tries = 1; !this.#closed; tries++) {
      try {
        return await tallies.load(kv);
      } catch { // the store is away, and nothing is committed before they are read
        await systemClock.sleep(Math.random() * Math.min(LONGEST_WAIT, 2 ** tries));
      }
    }
  }

  #takeAll(): Write[] {
    return [...this.#urgent.splice(0), ...this.#options.adds.splice(0)];
  }

  #collect(batch: Batch): Write[] {
    const writes: Write[] = [];
    const take = (queue: Write[], share: number) => {
      let taken = 0;
      for (const write of queue) {
        if (taken >= share && !write.follows) break;
        if (!write.build(batch)) break;
        writes.push(write);
        taken++;
      }
      queue.splice(0, taken);
    };
    const { adds, other } = this.#options;
    batch.share(adds.length > 0 ? 2 / 3 : 1);
    take(this.#urgent, Infinity);
    batch.share(1);
    const share = this.#share;
    take(adds, share);
    if (share > 0 && adds.length > 0) other().kick();
    for (const write of writes) write.join?.(batch);
    batch.pages.tie();
    return writes;
  }

  /** Adds what every atomic has: the pages, the fence, the totals, the lock and the wake key. */
  #seal(batch: Batch): void {
    const { keys, process, tallies, feed, wakeKey } = this.#options;
    const { op } = batch;
    for (const page of batch.pages.all) putPage(op, keys, page);
    op.check({ key: process.key, versionstamp: process.version });
    op.set(process.key, process.encode(batch, batch.now));
    for (const [key, value] of tallies.writes(batch.moves)) op.set(key, value);
    if (batch.feed !== null) { for (const [key, value] of feed.entries(batch.feed)) op.set(key, value); }
    if (batch.checksInbox) op.check({ key: keys.inbox(process.id), versionstamp: process.inboxVersion });
    if (batch.setsLock || batch.takesEntry) op.set(keys.lock(), NOTHING);
    if (batch.addsWork && wakeKey !== null) op.set(wakeKey, NOTHING);
  }

  #applied(batch: Batch, writes: Write[], version: string): void {
    const { process, tallies, feed, hooks } = this.#options;
    process.committed(batch, version);
    tallies.committed(batch.moves, batch.now);
    if (batch.feed !== null) feed.committed(batch.feed);
    if (batch.setsLock || batch.takesEntry) hooks.lockSet(version, batch.lockVersion);
    if (batch.takesEntry) hooks.readAgain();
    hooks.placed(batch.pages.all, version);
    for (const write of writes) write.committed(version);
    hooks.applied();
  }

  #again(writes: Write[], keep: (write: Write) => boolean): void {
    this.#urgent.unshift(...writes.filter(keep));
  }

  /**
   * Sends one atomic until its fate is known.
   *
   * After an error the very same atomic goes again, never a rebuilt one: were the first copy applied late, the two
   * could not be told apart. On a file nothing is under way once an error was thrown, so an older `seq` in `proc`
   * then means that nothing was applied.
   */
  async #send(op: Deno.AtomicOperation, writes: Write[]): Promise<Fate> {
    for (let tries = 1;; tries++) {
      try {
        const committing = op.commit();
        if (tries === 1) { for (const write of writes) write.sent?.(); }
        const result = await committing;
        if (result.ok) return { kind: "applied", version: result.versionstamp };
        return await this.#readFate();
      } catch (cause) {
        if (this.#closed) throw new ClosedError("store");
        if (isLocked(cause)) { // another process's commit; nothing was applied
          await systemClock.sleep(Math.random() * Math.min(20, tries));
          continue;
        }
        if (tries < TRIES) continue;
        const fate = await this.#readFate().catch(() => null);
        if (fate === null) {
          const message = "Cannot reach the store: whether this was stored is not known";
          for (const write of writes) write.uncertain?.(new StoreUnavailableError(message, { cause }));
          await systemClock.sleep(Math.random() * Math.min(LONGEST_WAIT, 2 ** tries));
        } else if (fate.kind === "refused") {
          throw new StoreUnavailableError(`Cannot write to the store: ${messageOf(cause)}`, { cause });
        } else {
          return fate;
        }
      }
    }
  }

  /** After an answer that does not say it: was the atomic applied? */
  async #readFate(): Promise<Fate> {
    const { kv, process } = this.#options;
    const entry = await kv.get<Uint8Array>(process.key);
    const value = decodeProc(entry.value);
    if (value === null) return { kind: process.version === null ? "refused" : "fenced" };
    if (value.epoch !== process.epoch) return { kind: "usurped" };
    if (value.seq === process.seq + 1) return { kind: "applied", version: entry.versionstamp ?? "" };
    return { kind: value.seq === process.seq ? "refused" : "usurped" };
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Commits an atomic that belongs to no batch, however often another process's commit gets in its way.
 *
 * @returns False if a check failed.
 */
export async function commitAlone(op: Deno.AtomicOperation): Promise<boolean> {
  for (let tries = 1;; tries++) {
    try {
      return (await op.commit()).ok;
    } catch (error) {
      if (!isLocked(error)) throw error;
      await systemClock.sleep(Math.random() * Math.min(20, tries));
    }
  }
}

/** SQLite refused at once because another process was writing. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database is locked");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
