import { pathToFileURL } from "node:url";
import type { createJobs } from "../jobs.ts";
import type { Contender, Setting, Subject } from "./contender.ts";

/**
 * This program, by its public API, on a KV file and with its defaults: every commit is synced to disk and finished
 * jobs are kept.
 *
 * @param path Its `jobs.ts`, of this tree or another.
 */
export async function loadProduct(name: string, path: string): Promise<Contender> {
  const { createJobs: create } = await import(pathToFileURL(path).href) as { createJobs: typeof createJobs };
  return { name, createJobs: create, open: (setting) => Promise.resolve(openProduct(create, setting)) };
}

function openProduct(create: typeof createJobs, { folder, concurrency, types, data }: Setting): Subject {
  const jobs = create({ store: `kv:${folder}/jobs.db`, concurrency });
  const { queue } = jobs;
  const typeOf = (i: number) => types[i % types.length] ?? "";
  return {
    add: () => queue.add(typeOf(0), data),
    addMany: (count) => queue.addMany(Array.from({ length: count }, (_, i) => ({ type: typeOf(i), data }))),
    async run(handler) {
      for (const type of types) queue.process(type, handler);
      await jobs.start();
    },
    async settled() {
      await queue.drain();
    },
    views: { firstPage: () => queue.list(), stats: () => queue.stats() },
    close: () => jobs.stop(),
  };
}
