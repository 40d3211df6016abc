import { commitAlone } from "./committer.ts";
import type { Context } from "./context.ts";

/** Pages moved in one commit: each may have 12 kB, of the 800 that one takes. */
const AT_ONCE = 40;

/**
 * Brings a file from before to where things are now: pages of pending jobs stood behind the records. Several processes
 * that start may do so at once; none may run an earlier version beside them (`docs/STORES.md`).
 */
export async function upgrade({ kv, keys }: Context): Promise<void> {
  const prefix = keys.formerReadies();
  for (;;) {
    const pages = await Array.fromAsync(kv.list({ prefix }, { limit: AT_ONCE, batchSize: AT_ONCE }));
    if (pages.length === 0) return;
    const op = kv.atomic().check(...pages);
    for (const { key, value } of pages) {
      op.delete(key).set([...keys.readies(), ...key.slice(prefix.length)], value);
    }
    await commitAlone(op.set(keys.lock(), new Uint8Array(0)));
  }
}
