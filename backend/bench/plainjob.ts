import Database from "better-sqlite3";
import { better, defineQueue, defineWorker } from "plainjob";
import type { Contender, Setting, Subject } from "./contender.ts";

/** Nothing is said: its default writes every step to the console. */
const QUIET = { error() {}, warn() {}, info() {}, debug() {} };
/** Milliseconds between two looks for a job while there is none: it has no wake-up, so the shortest. */
const LOOK_EVERY = 1;

/**
 * plainjob on better-sqlite3, which is synchronous: the program stands still while it works. Its worker runs one job
 * at a time, so there is nothing at a higher concurrency. It sets `synchronous = NORMAL`: commits are not synced one
 * by one. Finished jobs are kept.
 */
export function plainjob(): Contender {
  return {
    name: "plainjob",
    maxConcurrency: 1,
    open: (setting) => Promise.resolve(openPlainjob(setting)),
  };
}

function openPlainjob({ folder, types, data }: Setting): Subject {
  const queue = defineQueue({
    connection: better(new Database(`${folder}/plainjob.db`)),
    logger: QUIET,
  });
  const [first = ""] = types;
  let workers: ReturnType<typeof defineWorker>[] = [];
  let working: Promise<unknown> = Promise.resolve();
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
    await working;
  };
  return {
    add: () => Promise.resolve(queue.add(first, data)),
    addMany: (count) => Promise.resolve(queue.addMany(first, Array.from({ length: count }, () => data))),
    run(handler) {
      workers = types.map((type) =>
        defineWorker(type, handler, { queue, logger: QUIET, pollIntervall: LOOK_EVERY })
      );
      working = Promise.all(workers.map((worker) => worker.start()));
      return Promise.resolve();
    },
    settled: stop,
    async close() {
      await stop();
      queue.close();
    },
  };
}
