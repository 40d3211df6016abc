import { VersionConflictError } from "./errors.ts";
import type { QueueHost } from "./queue-host.ts";
import type { Store } from "./store.ts";

const KIND = "release";
const KEY = "changes";

/** As many changes as are remembered: more than a week of charts has room for. */
const MOST = 50;

/** Milliseconds within which processes count as started together: none of them ran before the others. */
const TOGETHER = 10_000;

/** A time at which a version of the program took over. */
export interface Release {
  readonly version: string;
  /** When its first process began to run, epoch milliseconds. */
  readonly at: number;
  /** What ran before; null: nothing is known of that. */
  readonly before: string | null;
}

/** When the program whose jobs these are was replaced by another version of itself, told by its processes. */
export class Releases {
  readonly #host: QueueHost;

  constructor(queue: { host(): QueueHost }) {
    this.#host = queue.host();
  }

  /**
   * Notes that a process of `version` has begun to run, unless it was the last to take over or another live process
   * runs it: parts of an app may have versions of their own, and restart as they like.
   */
  async begin(version: string): Promise<void> {
    const store = await this.#host.store();
    for (;;) {
      const record = await store.record(KIND, KEY);
      const known = (record?.value ?? []) as Release[];
      const before = known.at(-1)?.version ?? null;
      if (before === version || before !== null && await this.#runsElsewhere(store, version)) return;
      const now = this.#host.clock.now();
      const value = [...known, { version, at: now, before }].slice(-MOST);
      try {
        await store.commit({ put: [{ kind: KIND, key: KEY, value, expect: record?.version ?? null }] }, now);
        return;
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error; // else another process has just begun, too
      }
    }
  }

  /** The changes from one version to another, oldest first. */
  async list(): Promise<Release[]> {
    const record = await (await this.#host.store()).record(KIND, KEY);
    return ((record?.value ?? []) as Release[]).filter(({ before }) => before !== null);
  }

  async #runsElsewhere(store: Store, version: string): Promise<boolean> {
    const now = this.#host.clock.now();
    return (await store.workers(now)).some((worker) =>
      worker.alive && worker.version === version && worker.id !== store.workerId &&
      worker.startedAt < now - TOGETHER
    );
  }
}
