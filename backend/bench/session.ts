/** What a benchmark works with. */
export interface Session {
  /** A temporary folder, removed in the end. */
  folder: string;
  /** What has to be stopped or removed in the end, last things first. */
  stack: AsyncDisposableStack;
}

/** As a shell tells of a program that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Calls `use`, and cleans up after it: also when it throws, and when the program is told to stop. */
export async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const stack = new AsyncDisposableStack();
  let cleaning: Promise<void> | undefined;
  let code: number | undefined;
  const clean = () => cleaning ??= stack.disposeAsync();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const stop = async () => {
      code ??= EXIT_CODES[signal];
      await clean();
      Deno.exit(code);
    };
    const listener = () => void stop();
    Deno.addSignalListener(signal, listener);
    stack.defer(() => Deno.removeSignalListener(signal, listener));
  }
  try {
    const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    return await use({ folder, stack });
  } finally {
    await clean();
    // What failed because everything was stopped is no news.
    if (code !== undefined) Deno.exit(code);
  }
}
