import { Committer, type CommitterHooks, type CommitterOptions } from "./committer.ts";
import { FeedWriter, type FeedWriterOptions } from "./feed-writer.ts";
import { Process } from "./process.ts";
import { Tallies } from "./tallies.ts";

/** With more adds than this waiting, the second writer begins though nobody shared them out. */
export const BULK = 200;

/** So few adds are not worth an atomic beside the first writer's. */
const FEW = 15;

/** About as many adds as one atomic takes. */
export const FULL = 440;

/** The second writer of a process: its key, its totals, its committer. */
export interface BulkWriter {
  process: Process;
  tallies: Tallies;
  committer: Committer;
}

/**
 * Makes the second writer of process `id`. It works only while many adds wait: then one atomic is put together and
 * handed over to the database's thread while that still works on the one before.
 *
 * It holds no jobs, so nobody fences it; its key only tells whether an atomic whose answer was lost was applied. Its
 * atomics reach the database in the order of adding, as the first writer's do.
 */
export function createBulkWriter(
  options: Omit<CommitterOptions, "process" | "tallies" | "feed" | "hooks" | "wakeKey" | "leaves">,
  id: string,
  { placed, applied, ...fed }:
    & Pick<CommitterHooks, "placed" | "applied">
    & Omit<FeedWriterOptions, "keys" | "name" | "process">,
): BulkWriter {
  const { keys } = options;
  const name = `${id}/adds`;
  const process = new Process(id, keys.adder(id));
  const tallies = new Tallies(keys, name);
  const feed = new FeedWriter({ ...fed, keys, name, process });
  const nothing = {
    readAgain() {},
    readInbox: () => Promise.resolve(),
    beginning: () => Promise.resolve(null),
    fenced() {},
    lockSet() {},
  };
  const hooks: CommitterHooks = { ...nothing, placed, applied };
  return {
    process,
    tallies,
    committer: new Committer({ ...options, process, tallies, feed, hooks, wakeKey: null, leaves: FEW }),
  };
}
