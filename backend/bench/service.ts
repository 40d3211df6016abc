import { systemClock as clock } from "../lib/clock.ts";
import { Child } from "./child.ts";
import { freePort } from "./free-port.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TOKEN = "0123456789abcdef0123456789abcdef";
/** Milliseconds between two tries to reach a process that is starting. */
const TRY_EVERY = 5;
/** Milliseconds after which a start counts as failed. */
const START_LIMIT = 60_000;

/** Ways to start the service, as people type them. */
export const COMMANDS = {
  deno: { command: Deno.execPath(), args: ["task", "start"] },
  npx: { command: "npx", args: ["-y", `deno@${Deno.version.deno}`, "task", "start"] },
} as const;

/** The service, running. */
export interface RunningService extends AsyncDisposable {
  /** Milliseconds from the command to the first answer over HTTP. */
  readonly startTime: number;
  readonly origin: string;
  /** The token that adds jobs. */
  readonly token: string;
  /** Adds a job; resolves when the answer has come. */
  add(type: string, data: unknown): Promise<void>;
  /** Asks for `path` as an admin, with `body` as JSON if one is given. @throws {Error} It is refused. */
  ask(path: string, body?: unknown): Promise<Response>;
  /** The id of the process that answers. */
  pid(): Promise<number>;
  /** Ends it by SIGKILL: there is nothing to dispose of then. */
  kill(): Promise<void>;
}

/**
 * Starts the service with its data in `folder` and waits for its first answer.
 *
 * @throws {Error} If none comes.
 */
export async function startService(
  folder: string,
  how: keyof typeof COMMANDS,
  env: Record<string, string> = {},
): Promise<RunningService> {
  const { command, args } = COMMANDS[how];
  const port = freePort();
  const origin = `http://127.0.0.1:${port}`;
  const began = clock.monotonic();
  const child = new Child(args, {
    command,
    cwd: ROOT,
    env: {
      STORE_URL: `kv:${folder}/jobs.db`,
      PORT: String(port),
      ALLOW_PRIVATE_URLS: "true",
      LOG_LEVEL: "error",
      ADMIN_TOKEN: `${TOKEN}-admin`,
      VIEWER_TOKEN: `${TOKEN}-viewer`,
      ENQUEUE_TOKEN: TOKEN,
      ...env,
    },
  });
  try {
    await firstAnswer(`${origin}/health/live`);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
  const startTime = clock.monotonic() - began;
  return {
    startTime,
    origin,
    token: TOKEN,
    async add(type, data) {
      const response = await fetch(`${origin}/api/admin/jobs`, {
        method: "POST",
        headers: { "authorization": `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ type, data }),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`Cannot add a job: ${response.status} ${answer}`);
    },
    async ask(path, body) {
      const headers = { "authorization": `Bearer ${TOKEN}-admin`, "content-type": "application/json" };
      const send = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const response = await fetch(origin + path, { headers, ...send });
      if (!response.ok) {
        throw new Error(`Cannot ask for ${path}: ${response.status} ${await response.text()}`);
      }
      return response;
    },
    pid: () => pidOf(origin),
    async kill() {
      Deno.kill(await pidOf(origin), "SIGKILL");
      await child.ended();
    },
    async [Symbol.asyncDispose]() {
      // What started it may not pass signals on; and a second one would make it exit at once.
      Deno.kill(await pidOf(origin), "SIGTERM");
      await child.ended();
    },
  };
}

/** The process that answers at `origin`, once it has registered. */
async function pidOf(origin: string): Promise<number> {
  for (;;) {
    const response = await fetch(`${origin}/api/admin/workers`, {
      headers: { "authorization": `Bearer ${TOKEN}-viewer` },
    });
    const { data = [] } = await response.json() as { data?: { pid: number; status: string }[] };
    const worker = data.find(({ status }) => status === "running");
    if (worker !== undefined) return worker.pid;
    await clock.sleep(TRY_EVERY);
  }
}

/** Waits for an answer, whatever it says. */
export async function firstAnswer(url: string): Promise<void> {
  const limit = clock.monotonic() + START_LIMIT;
  for (;;) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      return;
    } catch (cause) {
      if (clock.monotonic() > limit) throw new Error(`Cannot start: no answer from ${url}`, { cause });
    }
    await clock.sleep(TRY_EVERY);
  }
}
