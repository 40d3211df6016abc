import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Contender, Setting, Subject } from "./contender.ts";
import { usageOf } from "./server-use.ts";

/** Where the throwaway Redis is. */
export interface RedisAddress {
  /** Its Unix socket. */
  socket: string;
  pid: number;
}

const NAME = "bench";

/**
 * BullMQ on a Redis, through ioredis and a Unix socket, with its defaults: finished jobs are kept. One queue; types are
 * job names. A job counts as settled when its `completed` event has come.
 */
export function bullmq({ socket, pid }: RedisAddress): Contender {
  return {
    name: "BullMQ",
    server: () => usageOf(pid),
    open: (setting) => openBullmq(socket, setting),
  };
}

async function openBullmq(path: string, { concurrency, types, data }: Setting): Promise<Subject> {
  const connection = new Redis({ path, maxRetriesPerRequest: null });
  await connection.flushall();
  const queue = new Queue(NAME, { connection });
  await queue.waitUntilReady();
  const typeOf = (i: number) => types[i % types.length] ?? "";
  let worker: Worker | null = null;
  let started = 0;
  let completed = 0;
  let whenEqual = () => {};
  return {
    add: () => queue.add(typeOf(0), data),
    addMany: (count) => queue.addBulk(Array.from({ length: count }, (_, i) => ({ name: typeOf(i), data }))),
    async run(handler) {
      worker = new Worker(NAME, () => {
        started++;
        return Promise.resolve(handler());
      }, { connection, concurrency });
      worker.on("completed", () => {
        if (++completed === started) whenEqual();
      });
      await worker.waitUntilReady();
    },
    async settled() {
      if (completed === started) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      whenEqual = resolve;
      await promise;
    },
    async close() {
      await worker?.close();
      await queue.close();
      connection.disconnect();
    },
  };
}
