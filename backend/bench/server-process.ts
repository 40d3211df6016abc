import { systemClock as clock } from "../lib/clock.ts";

/** Milliseconds between two tries to reach a server that is starting. */
const TRY_EVERY = 20;
/** Milliseconds after which a start counts as failed. */
const START_LIMIT = 20_000;

/** A user and group of the system, by number. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/** How a server is started. */
export interface ServerOptions {
  program: string;
  args: readonly string[];
  /** @default this program's */
  user?: SystemUser;
  /** Makes it stop at once but in order. */
  stopSignal: Deno.Signal;
  /** Where it is reached: it is up when a connection is accepted. */
  socket: string;
  /** Stops it. */
  stack: AsyncDisposableStack;
}

/** That a server is not to be had on this machine, and why. */
export class UnavailableError extends Error {}

/**
 * Starts a server and waits until it accepts connections.
 *
 * @returns The id of its process.
 * @throws {UnavailableError} If it does not.
 */
export async function startServer(options: ServerOptions): Promise<number> {
  const { program, args, user, stopSignal, socket, stack } = options;
  const process = new Deno.Command(program, {
    ...user,
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  const ended = process.status.then(() => {
    hasEnded = true;
  });
  stack.defer(async () => {
    if (!hasEnded) process.kill(stopSignal);
    await ended;
  });
  const limit = clock.monotonic() + START_LIMIT;
  while (!await accepts(socket)) {
    if (hasEnded || clock.monotonic() > limit) {
      throw new UnavailableError(`Cannot start ${program}: it does not answer at ${socket}`);
    }
    await clock.sleep(TRY_EVERY);
  }
  return process.pid;
}

async function accepts(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}
