import type { RedisAddress } from "./bullmq.ts";
import type { Origin } from "./origins.ts";
import { startPostgres } from "./postgres-server.ts";
import type { PostgresAddress } from "./postgres-database.ts";
import { startRedis } from "./redis-server.ts";
import { UnavailableError } from "./server-process.ts";

/** Other queues that this one can be measured beside, by the names that `--peers` takes. */
export const PEERS = ["bullmq", "bullmq-synced", "graphile", "pg-boss", "plainjob"] as const;

export type PeerName = typeof PEERS[number];

/** Where servers keep what they need. */
interface Place {
  /** A temporary folder. */
  folder: string;
  /** Stops the servers. */
  stack: AsyncDisposableStack;
}

/**
 * Starts the servers that the peers need, each once.
 *
 * @returns Those that can run, and why the others cannot.
 */
export async function startPeers(
  names: readonly PeerName[],
  { folder, stack }: Place,
): Promise<{ origins: Origin[]; notes: string[] }> {
  const origins: Origin[] = [];
  const notes: string[] = [];
  let postgres: Promise<PostgresAddress> | undefined;
  const startOnce = () => postgres ??= startPostgres(stack);
  for (const name of names) {
    try {
      const redis = (on: "memory" | "disk") => startRedis(folder, stack, on);
      origins.push(await originOf(name, { redis, postgres: startOnce }));
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      notes.push(`${name} is left out: ${error.message}`);
    }
  }
  return { origins, notes };
}

async function originOf(
  name: PeerName,
  start: { redis(on: "memory" | "disk"): Promise<RedisAddress>; postgres(): Promise<PostgresAddress> },
): Promise<Origin> {
  switch (name) {
    case "bullmq":
      return { kind: "bullmq", name: "BullMQ", at: await start.redis("memory") };
    case "bullmq-synced":
      return { kind: "bullmq", name: "BullMQ, synced", at: await start.redis("disk") };
    case "graphile":
      return { kind: "graphile", name: "graphile-worker", at: await start.postgres() };
    case "pg-boss":
      return { kind: "pg-boss", name: "pg-boss", at: await start.postgres() };
    case "plainjob":
      return { kind: "plainjob", name: "plainjob" };
  }
}
