import type { RedisAddress } from "./bullmq.ts";
import { startServer, UnavailableError } from "./server-process.ts";

/** What a Redis does with what it is told: keeps it in memory, or answers once it is synced to disk. */
const KEEPING = {
  memory: ["--appendonly", "no"],
  disk: ["--appendonly", "yes", "--appendfsync", "always"],
} as const;

/**
 * Starts a Redis in a folder of its own in `folder` that listens on a Unix socket there and nowhere else. `stack` stops
 * it.
 *
 * @throws {UnavailableError} If there is no `redis-server`.
 */
export async function startRedis(
  folder: string,
  stack: AsyncDisposableStack,
  on: keyof typeof KEEPING,
): Promise<RedisAddress> {
  const dir = `${folder}/redis-${on}`;
  await Deno.mkdir(dir, { recursive: true });
  const socket = `${dir}/redis.sock`;
  const args = ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", ...KEEPING[on]];
  try {
    const pid = await startServer({ program: "redis-server", args, stopSignal: "SIGTERM", socket, stack });
    return { socket, pid };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UnavailableError("there is no redis-server", { cause });
  }
}
