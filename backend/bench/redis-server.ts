import type { RedisAddress } from "./bullmq.ts";
import { startServer, UnavailableError } from "./server-process.ts";

/**
 * Starts a Redis in `folder` that writes nothing to disk and listens on a Unix socket there and nowhere else.
 * `stack` stops it.
 *
 * @throws {UnavailableError} If there is no `redis-server`.
 */
export async function startRedis(folder: string, stack: AsyncDisposableStack): Promise<RedisAddress> {
  const socket = `${folder}/redis.sock`;
  const args = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "no"];
  try {
    const pid = await startServer({ program: "redis-server", args, stopSignal: "SIGTERM", socket, stack });
    return { socket, pid };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UnavailableError("there is no redis-server", { cause });
  }
}
