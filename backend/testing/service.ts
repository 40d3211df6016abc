/** How a process of this program ended, and all that it said. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const ROOT = new URL("../../", import.meta.url);

/** What a process is given so that tests know its tokens. */
export const TOKEN_VARIABLES = {
  ADMIN_TOKEN: "admin-token",
  VIEWER_TOKEN: "viewer-token",
  ENQUEUE_TOKEN: "enqueue-token",
} as const;

/** Variables that would otherwise come from whoever runs the tests. */
const UNSET = [
  "STORE_URL",
  "ADMIN_TOKEN",
  "VIEWER_TOKEN",
  "ENQUEUE_TOKEN",
  "BASE_PATH",
  "PUBLIC_URL",
  "WORKERS",
  "DEBUG",
];

/** A process of this program in a folder of its own; killed when it goes out of scope: `await using`. */
export class Service {
  readonly ended: Promise<Ended>;
  readonly #child: Deno.ChildProcess;
  readonly #isGroup: boolean;
  #stdout = "";
  readonly #waiting = new Set<() => void>();

  /**
   * Starts `script` with `args`: `main.ts`, with the permissions that `deno task start` gives it, or
   * `backend/cli.ts`. Or a task, `task:start`: in a process group of its own, as the shell of a terminal does, and in
   * the repository's folder.
   *
   * @param folder The working folder of a script, in which it keeps its data.
   */
  constructor(folder: string, script: string, args: string[] = [], env: Record<string, string> = {}) {
    const task = /^task:(.*)/.exec(script)?.[1];
    this.#isGroup = task !== undefined;
    const command = task === undefined
      ? ["run", ...permissionsOf(script), new URL(script, ROOT).href]
      : ["task", task];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...command, ...args],
      cwd: task === undefined ? folder : ROOT,
      detached: this.#isGroup,
      env: { ...Object.fromEntries(UNSET.map((name) => [name, ""])), PORT: "0", LOG_FORMAT: "json", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.ended = this.#follow();
  }

  /** The match of `pattern` in what the process has printed, or will. Rejects if it ends without. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const over = this.ended.then(() => true);
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      const more = Promise.withResolvers<boolean>();
      const wake = () => more.resolve(false);
      this.#waiting.add(wake);
      const isOver = await Promise.race([more.promise, over]);
      this.#waiting.delete(wake);
      if (isOver && !pattern.test(this.#stdout)) {
        throw new Error(`It ended without ${pattern}:\n${this.#stdout}${(await this.ended).stderr}`);
      }
    }
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    return (await this.said(/Listening on (http:\/\/[^"\s]+)/))[1] ?? "";
  }

  /** Sends `signal` to the process; to every process of a task's group, as a terminal does. */
  kill(signal: Deno.Signal): void {
    if (this.#isGroup) Deno.kill(-this.#child.pid, signal);
    else this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended;
  }

  async #follow(): Promise<Ended> {
    const [status, stderr] = await Promise.all([
      this.#child.status,
      new Response(this.#child.stderr).text(),
      this.#read(),
    ]);
    return { code: status.code, stdout: this.#stdout, stderr };
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#stdout += text;
      for (const wake of this.#waiting) wake();
    }
  }
}

function permissionsOf(script: string): string[] {
  if (script !== "main.ts") return ["-A"];
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT))) as {
    tasks: { start: string };
  };
  return tasks.start.match(/--allow-\S+/g) ?? [];
}
