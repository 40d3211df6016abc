import { basename, dirname } from "node:path";
import { systemClock } from "../../lib/clock.ts";

/** A process rings at most this often; the last ring of a row is not lost. Milliseconds. */
const RING_EVERY_MS = 5;

/** Where the bell of process `id` of the database at `path` hangs. */
export function bellPath(path: string, id: string): string {
  return `${path}.bell-${encodeURIComponent(id)}`;
}

/**
 * How the processes of one file wake each other: each watches a file of its own, its bell, and after a commit rings
 * those of the others. It is heard within a millisecond, and only when what was committed can be read; watching
 * the database's own log would tell too early, and of a process's own commits too. A process alone rings nobody,
 * which costs nothing.
 */
export class Bells {
  readonly #path: string;
  readonly #id: string;
  readonly #stopped = new AbortController();
  #peers: string[] = [];
  #rungAt = -Infinity;
  #waits = false;

  constructor(path: string, id: string) {
    this.#path = path;
    this.#id = id;
  }

  /** Hangs up this process's bell. @returns Its path, to be watched. */
  hang(): string {
    const own = bellPath(this.#path, this.#id);
    Deno.writeTextFileSync(own, "", { mode: 0o600 });
    return own;
  }

  /** Looks whose bells there are, and rings those that are new: they may have missed what was committed before. */
  look(): void {
    const known = new Set(this.#peers);
    const own = bellPath(this.#path, this.#id);
    const prefix = basename(bellPath(this.#path, ""));
    const folder = dirname(this.#path);
    this.#peers = [];
    for (const { name } of Deno.readDirSync(folder)) {
      const peer = `${folder}/${name}`;
      if (name.startsWith(prefix) && name !== basename(own)) this.#peers.push(peer);
    }
    for (const peer of this.#peers) if (!known.has(peer)) this.#ringOne(peer);
  }

  /** Something was committed: wakes the others. */
  ring(): void {
    if (this.#peers.length === 0 || this.#waits) return;
    const wait = this.#rungAt + RING_EVERY_MS - systemClock.monotonic();
    if (wait <= 0) return this.#ringAll();
    this.#waits = true;
    void systemClock.sleep(wait, this.#stopped.signal).then(() => {
      this.#waits = false;
      this.#ringAll();
    });
  }

  #ringAll(): void {
    this.#rungAt = systemClock.monotonic();
    for (const peer of this.#peers) this.#ringOne(peer);
  }

  #ringOne(peer: string): void {
    try {
      Deno.utimeSync(peer, 0, 0);
    } catch {
      this.#peers = this.#peers.filter((other) => other !== peer); // it took its bell down
    }
  }

  /** Rings once more and takes this process's bell down. */
  close(): void {
    this.#stopped.abort();
    this.#ringAll();
    removeBell(this.#path, this.#id);
  }
}

/** Takes down the bell of a process that has ended. */
export function removeBell(path: string, id: string): void {
  try {
    Deno.removeSync(bellPath(path, id));
  } catch {
    // Somebody else has, or never was a bell.
  }
}
