import { systemClock as clock } from "../lib/clock.ts";

/** What a process said, and when it was heard: monotonic milliseconds. */
interface Line {
  text: string;
  at: number;
}

/** How a process is started. */
export interface ChildOptions {
  /** @default this Deno */
  command?: string;
  cwd?: string;
  env?: Record<string, string>;
}

/** A process that is stopped by SIGTERM when it goes out of scope: `await using`. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #heard = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(args: readonly string[], { command = Deno.execPath(), ...options }: ChildOptions = {}) {
    this.#process = new Deno.Command(command, {
      ...options,
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read();
  }

  /** When the process said `text` as a line of its own. Waits for it. */
  said(text: string): Promise<number> {
    const at = this.#heard.get(text);
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve) => this.#waiting.set(text, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.ended();
  }

  /** Resolves once the process has ended and all it said is heard. */
  async ended(): Promise<void> {
    await Promise.all([this.#process.status, this.#reading]);
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#hear({ text: line, at: clock.monotonic() });
    }
  }

  #hear({ text, at }: Line): void {
    this.#heard.set(text, at);
    this.#waiting.get(text)?.(at);
    this.#waiting.delete(text);
  }
}
