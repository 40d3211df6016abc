/** What every process of this program does, with HTTP or without. */
import { type Config, ConfigError, type Flags, loadConfig, StartError } from "./config.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { isInputError, QueueError } from "./lib/errors.ts";
import { logOf } from "./lib/log.ts";
import type { Queue } from "./lib/queue.ts";
import { configureLogs } from "./logging.ts";
import { registerAllWorkers } from "./workers/index.ts";

/** Signals that ask to stop, and the status of a process that one of them ended. */
const SIGNALS: readonly (readonly [Deno.Signal, number])[] = Deno.build.os === "windows"
  ? [["SIGINT", 130], ["SIGBREAK", 149]]
  : [["SIGINT", 130], ["SIGTERM", 143]];

/** How long after the first signal the same one still is an echo of it, in milliseconds. */
const ECHO = 1000;

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
    const cleanup = { ...config.cleanup, retention: config.queue.retention };
    registerAllWorkers(queue, {
      families: config.workers,
      allowPrivateUrls: config.allowPrivateUrls,
      cleanup,
    });
  } catch (error) {
    const issue = isInputError(error) ? error.issues[0] : undefined;
    throw issue === undefined ? error : new ConfigError([`WORKERS: ${issue.message}`]);
  }
  return config;
}

/**
 * Returns what tells the meaning of each signal: `stop` for the first, `exit` for a second one, since who sends that
 * does not want to wait.
 *
 * One Ctrl-C can come several times: the terminal signals every process of the group, and `deno task` and `npx`
 * pass on what they get. So the first signal again, within a second, is an `echo`.
 */
export function signalReader(clock: Clock): (signal: Deno.Signal) => "stop" | "echo" | "exit" {
  let first: { signal: Deno.Signal; at: number } | null = null;
  return (signal) => {
    const now = clock.monotonic();
    if (first === null) {
      first = { signal, at: now };
      return "stop";
    }
    return signal === first.signal && now - first.at <= ECHO ? "echo" : "exit";
  };
}

/**
 * Resolves once this process is asked to stop, by a signal or by another process. At a second signal the process
 * exits at once, and others rescue its jobs.
 */
export function stopRequested(queue: Queue): Promise<void> {
  const log = logOf("worker");
  const read = signalReader(systemClock);
  return new Promise((resolve) => {
    for (const [signal, status] of SIGNALS) {
      Deno.addSignalListener(signal, () => {
        const meaning = read(signal);
        if (meaning === "exit") Deno.exit(status);
        if (meaning === "echo") return;
        log.info("Stopping at {signal}; running jobs may end, another signal after a second exits at once", {
          signal,
        });
        resolve();
      });
    }
    queue.onStopRequested(() => {
      log.info("Stopping because another process asks for it; running jobs may end");
      resolve();
    });
  });
}
