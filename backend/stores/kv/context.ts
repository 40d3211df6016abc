import type { Clock } from "../../lib/clock.ts";
import type { StoreChange } from "../../lib/store.ts";
import type { Write } from "./batch.ts";
import type { Bells } from "./bells.ts";
import type { BulkWriter } from "./bulk.ts";
import type { Committer } from "./committer.ts";
import type { FeedWriter } from "./feed-writer.ts";
import type { Subscription } from "./feed-subscription.ts";
import type { Keys } from "./keys.ts";
import type { LockFile } from "./lock-file.ts";
import type { News } from "./news.ts";
import type { Process } from "./process.ts";
import type { ReadyLists } from "./ready.ts";
import type { Tallies } from "./tallies.ts";

/** What the parts of one open KV store share. */
export interface Context {
  /** Commits and claims go through this handle. */
  readonly kv: Deno.Kv;
  /** Lists for people go through a second one: a long list starves the writes of its handle. */
  readonly reads: Deno.Kv;
  /** The database file. */
  readonly path: string;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly process: Process;
  readonly lockFile: LockFile;
  readonly bells: Bells;
  readonly tallies: Tallies;
  readonly ready: ReadyLists;
  readonly committer: Committer;
  readonly bulk: BulkWriter;
  /** Jobs on their way in that wait for an atomic. */
  readonly adds: readonly Write[];
  /**
   * Puts a job on its way in: with the committer's next atomic, or beside it if many wait.
   *
   * @param type Its type, if the write makes it claimable.
   */
  submitAdd(write: Write, type?: string): void;
  /** Queues known to be registered in the database. */
  readonly queues: Set<string>;
  /** How long a process whose death nothing proves must be silent to be taken for dead, in milliseconds. */
  readonly leaseMs: number;
  /** What this process's listeners are told once the commit's writes are. */
  readonly news: News;
  /** Whether anybody wants to know what happens to jobs. */
  readonly subscription: Subscription;
  /** Tells them. */
  readonly feed: FeedWriter;
  /** Tells this process's listeners at once. */
  emit(change: StoreChange): void;
}

/** Thrown by a write with checks whose commit was refused: read again, decide again. */
export class Conflict extends Error {}

/** Thrown instead by a process that was declared dead: whether the write was stored before that, nobody can say. */
export class Fenced extends Conflict {}

/** A write with checks of its own, as a promise: resolves when it is stored. */
export interface CheckedWrite extends Pick<Write, "build"> {
  committed?(): void;
}

/**
 * Commits `write`.
 *
 * @throws {Conflict} The commit was refused; nothing of the write was stored. The caller reads again.
 * @throws {Fenced} The process was declared dead; the write may have been stored. The caller reads again.
 */
export function commit({ committer }: Context, write: CheckedWrite): Promise<void> {
  return new Promise((resolve, reject) => {
    committer.submit({
      build: (batch) => write.build(batch),
      committed: () => {
        write.committed?.();
        resolve();
      },
      conflict: () => reject(new Conflict()),
      fenced: () => (reject(new Fenced()), true),
      failed: reject,
    });
  });
}

/**
 * Runs `attempt` until no other process gets in its way. What it reads must be read anew each time.
 *
 * Racing processes always make progress: a conflict means that somebody else's commit was stored.
 */
export async function untilStored<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}
