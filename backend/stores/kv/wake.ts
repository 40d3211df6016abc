import { systemClock } from "../../lib/clock.ts";
import type { Context } from "./context.ts";
import { readInbox } from "./inbox.ts";

/**
 * The file changes before its commit can be read: it is written, then synced, then made visible, and only the first is
 * told. So after the last change there are more looks, these milliseconds apart. The first is also the least time
 * between two looks while changes come, this process's own among them.
 */
const LOOK_AGAIN_MS = [20, 20, 50, 120, 300];
/** With no change at all there is still a look now and then. */
const LONGEST_SLEEP_MS = 60_000;
/** A request to cancel is seen within this time even if the file's change was not. */
const POLL_INBOX_MS = 250;

/**
 * Notices what other processes do. Deno KV's own `watch` never sees another process's write; the write-ahead log
 * is a file that changes with every commit, and the system tells within 3 ms.
 */
export class Wake {
  readonly #stopped = new AbortController();
  #watcher: Deno.FsWatcher | null = null;
  #loops: Promise<unknown>[] = [];

  constructor(readonly context: Context) {}

  /** Begins to watch. Without a log file to watch, the callers' polling remains. */
  start(): void {
    try {
      this.#watcher = Deno.watchFs(`${this.context.path}-wal`);
      this.#loops.push(this.#watch(this.#watcher));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#loops.push(this.#poll());
  }

  /** Stops, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#watcher?.close();
    await Promise.all(this.#loops);
  }

  async #watch(watcher: Deno.FsWatcher): Promise<void> {
    const { signal } = this.#stopped;
    let looks = LOOK_AGAIN_MS.length; // since the last change
    let wakeUp = () => {};
    const looking = (async () => {
      while (!signal.aborted) {
        const wait = LOOK_AGAIN_MS[looks];
        const changed = new AbortController();
        if (looks++ > 0) wakeUp = () => changed.abort();
        await systemClock.sleep(wait ?? LONGEST_SLEEP_MS, AbortSignal.any([signal, changed.signal]));
        wakeUp = () => {};
        if (!signal.aborted && !changed.signal.aborted) await this.look();
      }
    })();
    for await (const _ of watcher) {
      looks = 0;
      wakeUp();
    }
    wakeUp();
    await looking;
  }

  /** Looks once for work that other processes added and for what they ask of this one. */
  async look(): Promise<void> {
    const { context } = this;
    try {
      if (await context.ready.lookAtOthers()) {
        context.emit({ kind: "work" });
        context.emit({ kind: "due", at: context.clock.now() });
      }
      await readInbox(context);
    } catch {
      // The store is busy or away: the callers' polling finds what this look missed.
    }
    context.emit({ kind: "jobs" });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.context.clock.sleep(POLL_INBOX_MS, signal);
      if (signal.aborted || this.context.process.holdings.size === 0) continue;
      await readInbox(this.context).catch(() => {}); // the next round reads it
    }
  }
}
