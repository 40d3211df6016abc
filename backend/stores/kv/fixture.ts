import type { Clock } from "../../lib/clock.ts";
import { LockFile } from "./lock-file.ts";
import { KvStore, type KvStoreOptions } from "./store.ts";

/** Several stores on one new database file, for tests; each stands for one process. */
export class KvLab {
  readonly path: string;
  readonly #stores = new Map<KvStore, LockFile>();

  constructor(readonly clock: Clock, readonly options: Partial<KvStoreOptions> = {}) {
    this.path = `${Deno.makeTempDirSync({ prefix: "cronosaur-" })}/jobs.db`;
  }

  /** Opens one more. */
  async open(workerId?: string): Promise<KvStore> {
    let lock: LockFile | null = null;
    const takeLock = async (path: string, id?: string) => lock = await LockFile.take(path, id);
    const { path, clock } = this;
    const id = workerId === undefined ? {} : { workerId };
    const store = new KvStore({ path, clock, ...id, ...this.options, takeLock });
    await store.open(clock.now());
    if (lock !== null) this.#stores.set(store, lock);
    return store;
  }

  /** Frees the lock of `store`, as its death would. The store does not know. */
  crash(store: KvStore): void {
    this.#stores.get(store)?.close();
  }

  /** Closes what is open and deletes the file. */
  async dispose(): Promise<void> {
    for (const store of this.#stores.keys()) await store.close();
    Deno.removeSync(this.path.slice(0, -"/jobs.db".length), { recursive: true });
  }
}
