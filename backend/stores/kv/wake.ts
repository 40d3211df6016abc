import { systemClock } from "../../lib/clock.ts";
import type { Context } from "./context.ts";
import { readInbox } from "./inbox.ts";

/** Looks are at least this far apart, however often the bell rings. */
const LOOK_EVERY_MS = 5;
/** A request to cancel is seen within this time even if the bell was not heard. */
const POLL_INBOX_MS = 250;

/**
 * Notices what other processes do. Deno KV's own `watch` never sees another process's write, so this process looks
 * whenever its bell rings.
 */
export class Wake {
  readonly #stopped = new AbortController();
  #watcher: Deno.FsWatcher | null = null;
  readonly #loops: Promise<unknown>[] = [];

  constructor(readonly context: Context) {}

  /** Begins to listen. Where files cannot be watched, the callers' polling remains. */
  start(): void {
    const { bells } = this.context;
    const own = bells.hang();
    try {
      this.#watcher = Deno.watchFs(own);
      this.#loops.push(this.#listen(this.#watcher));
    } catch {
      this.#watcher = null;
    }
    bells.look();
    this.#loops.push(this.#poll());
  }

  /** Stops, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#watcher?.close();
    await Promise.all(this.#loops);
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    const { signal } = this.#stopped;
    let rung = false;
    let looking: Promise<void> | null = null;
    const look = async () => {
      while (rung && !signal.aborted) {
        rung = false;
        await this.look();
        await systemClock.sleep(LOOK_EVERY_MS, signal);
      }
      looking = null;
    };
    for await (const _ of watcher) {
      rung = true;
      looking ??= look();
    }
    await looking;
  }

  /** Looks once for work that other processes added and for what they ask of this one. */
  async look(): Promise<void> {
    const { context } = this;
    try {
      context.bells.look();
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
