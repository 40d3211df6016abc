import { describe } from "../lib/check.ts";
import type { Clock } from "../lib/clock.ts";
import { InputTypeError } from "../lib/errors.ts";
import type { Store } from "../lib/store.ts";

/** How a store is made from its address. */
export interface StoreAddressOptions {
  /** Keeps several installations in one store apart. @default "cronosaur" */
  prefix?: string;
  /** The id of this process. @default the host's name and the first free number */
  workerId?: string;
  /** Milliseconds of silence after which a process counts as dead, where nothing proves it earlier. @default 15_000 */
  leaseMs?: number;
  clock?: Clock;
}

/**
 * Returns what makes the store at `url`, not opened yet: `memory:` (this process's memory, for tests and tries) or
 * `kv:PATH` (a Deno KV file, such as `kv:./data/jobs.db`). Only the store that is used is loaded, when it is made.
 *
 * @throws {InputTypeError} There is no such store. What else the address holds is not shown: it may be a password.
 */
export function storeAt(url: string, options: StoreAddressOptions = {}): () => Promise<Store> {
  if (typeof url !== "string") {
    throw new InputTypeError("store", `must be an address or a store, found ${describe(url)}`);
  }
  const { workerId, ...rest } = options;
  const id = workerId === undefined ? {} : { workerId };
  if (url === "memory:") {
    return async () => {
      const { MemoryStore } = await import("./memory.ts");
      return new MemoryStore(id);
    };
  }
  if (/^kv:./s.test(url)) {
    if (typeof Deno.openKv !== "function") {
      throw new InputTypeError(
        "store",
        'needs Deno KV: put "unstable": ["kv"] into deno.json or run with --unstable-kv',
      );
    }
    return async () => {
      const { KvStore } = await import("./kv/store.ts");
      return new KvStore({ path: url.slice("kv:".length), ...rest, ...id });
    };
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0];
  const found = scheme === undefined ? "no scheme" : `"${scheme}${scheme === url ? "" : "…"}"`;
  throw new InputTypeError("store", `must be "memory:" or "kv:PATH", found ${found}`);
}
