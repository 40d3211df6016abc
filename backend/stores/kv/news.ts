import type { StoreChange } from "../../lib/store.ts";

/**
 * What the writes of a commit have to tell this process's listeners, told once for all of them: a commit may
 * hold hundreds of jobs.
 */
export class News {
  #work = new Set<string>();
  #jobs = false;
  #feed = false;
  #dueAt: number | null = null;

  constructor(readonly emit: (change: StoreChange) => void) {}

  /** Jobs of this type are about to be stored: who claims now gets them with the commit that does so. */
  coming(type: string): void {
    this.emit({ kind: "work", types: new Set([type]) });
  }

  /** A job of this type became claimable. */
  work(type: string): void {
    this.#work.add(type);
  }

  /** A job finished. */
  finished(): void {
    this.#jobs = true;
  }

  /** A job waits until `at`. */
  due(at: number): void {
    this.#dueAt = Math.min(this.#dueAt ?? Infinity, at);
  }

  /** The feed holds more. */
  fed(): void {
    this.#feed = true;
  }

  /** Tells what there is to tell. */
  tell(): void {
    const [work, jobs, feed, at] = [this.#work, this.#jobs, this.#feed, this.#dueAt];
    if (work.size > 0) this.#work = new Set();
    this.#jobs = this.#feed = false;
    this.#dueAt = null;
    if (work.size > 0) this.emit({ kind: "work", types: work });
    if (jobs) this.emit({ kind: "jobs" });
    if (feed) this.emit({ kind: "feed" });
    if (at !== null) this.emit({ kind: "due", at });
  }
}
