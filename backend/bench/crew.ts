import type { Origin } from "./origins.ts";
import { type Answer, REPLY, type Request, type TaskName } from "./runner.ts";
import type { Order, Reading } from "./tasks.ts";

const RUNNER = new URL("./runner.ts", import.meta.url).pathname;
const CONFIG = new URL("./deno.json", import.meta.url).pathname;

/** A process that measures one contender, one task after the other. It is killed when it goes out of scope. */
export class Runner implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #answered: ((answer: Answer) => void) | null = null;
  #hasEnded = false;

  constructor(origin: Origin) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", CONFIG, RUNNER, JSON.stringify(origin)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Has a task done. One at a time.
   *
   * @returns Null if the contender cannot do it.
   * @throws {Error} If it fails, or the process ends.
   */
  async perform(task: TaskName, order: Order): Promise<Reading[] | null> {
    const request: Request = { task, ...order };
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#answered = resolve;
    if (this.#hasEnded) this.#answer({ error: "its process has ended" });
    else await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    const answer = await promise;
    if ("error" in answer) throw new Error(`Cannot measure ${task}: ${answer.error}`);
    return answer.readings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#writer.close().catch(() => {}); // It has nobody to read it any more.
    await this.#reading;
    await this.#process.status;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith(REPLY)) this.#answer(JSON.parse(line.slice(REPLY.length)) as Answer);
        else console.error(line);
      }
    }
    this.#hasEnded = true;
    this.#answer({ error: "its process ended" });
  }

  #answer(answer: Answer): void {
    this.#answered?.(answer);
    this.#answered = null;
  }
}

/** Who measures one contender. */
export class Crew implements AsyncDisposable {
  readonly origin: Origin;
  readonly #folder: string;
  readonly #stack = new AsyncDisposableStack();
  #resident: Runner | null = null;
  #folders = 0;

  /** @param folder Where folders are made for measurements. */
  constructor(origin: Origin, folder: string) {
    this.origin = origin;
    this.#folder = folder;
  }

  /** The process that stays, so that its code is compiled; another one if it has ended. */
  get resident(): Runner {
    if (this.#resident === null || this.#resident.hasEnded) {
      this.#resident = this.#stack.use(new Runner(this.origin));
    }
    return this.#resident;
  }

  /** A process that has done nothing yet. Let it go out of scope. */
  fresh(): Runner {
    return this.#stack.use(new Runner(this.origin));
  }

  /** Calls `use` with a new folder and removes it. */
  async withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = `${this.#folder}/${this.origin.kind}-${this.#folders++}`;
    await Deno.mkdir(folder, { recursive: true });
    try {
      return await use(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
