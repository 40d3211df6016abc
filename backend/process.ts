/** What every process of this program does, with HTTP or without. */
import { type Config, ConfigError, type Flags, loadConfig, StartError } from "./config.ts";
import { isInputError, QueueError } from "./lib/errors.ts";
import { logOf } from "./lib/log.ts";
import type { Queue } from "./lib/queue.ts";
import { configureLogs } from "./logging.ts";
import { registerAllWorkers } from "./workers/index.ts";

/** Signals that ask to stop, and the status of a process that one of them ended. */
const SIGNALS: readonly (readonly [Deno.Signal, number])[] = Deno.build.os === "windows"
  ? [["SIGINT", 130], ["SIGBREAK", 149]]
  : [["SIGINT", 130], ["SIGTERM", 143]];

/**
 * Runs `main` as this process's whole life, and exits: with 0 when it is done, with 2 if the configuration is
 * wrong, with 1 if anything else goes wrong.
 */
export async function runProcess(main: () => Promise<void>): Promise<never> {
  try {
    await main();
    Deno.exit(0);
  } catch (error) {
    // What somebody can put right is told in a line or two; the rest is a bug and needs its stack.
    const expected = error instanceof StartError || error instanceof QueueError || isInputError(error);
    console.error(expected ? explained(error) : error);
    Deno.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function explained({ message, cause }: Error): string {
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}

/**
 * Reads the configuration, begins to log and registers handlers on `queue`.
 *
 * @throws {ConfigError} A setting is wrong.
 */
export function prepare(queue: Queue, flags: Flags = {}): Config {
  const config = loadConfig(flags);
  configureLogs(config.log);
  try {
    registerAllWorkers(queue, { families: config.workers, allowPrivateUrls: config.allowPrivateUrls });
  } catch (error) {
    const issue = isInputError(error) ? error.issues[0] : undefined;
    throw issue === undefined ? error : new ConfigError([`WORKERS: ${issue.message}`]);
  }
  return config;
}

/**
 * Resolves once this process is asked to stop, by a signal or by another process. Whoever sends a second signal
 * does not want to wait: the process exits at once, and others rescue its jobs.
 */
export function stopRequested(queue: Queue): Promise<void> {
  const log = logOf("worker");
  return new Promise((resolve) => {
    let signals = 0;
    for (const [signal, status] of SIGNALS) {
      Deno.addSignalListener(signal, () => {
        if (++signals > 1) Deno.exit(status);
        log.info("Stopping at {signal}; running jobs may end, a second signal stops at once", { signal });
        resolve();
      });
    }
    queue.onStopRequested(() => {
      log.info("Stopping because another process asks for it; running jobs may end");
      resolve();
    });
  });
}
