import type { JobContext } from "./context.ts";

/**
 * Runs around every attempt. `next()` runs the rest and resolves with the handler's result.
 *
 * What middleware throws fails the attempt; what it returns is ignored: the handler's result is the job's. It must
 * call `next()` exactly once: a job that nobody performed must not count as completed.
 */
export type Middleware = (job: JobContext, next: () => Promise<unknown>) => unknown;

/** Runs `perform` inside `list`, the first one outermost. @returns What `perform` returned. */
export async function throughMiddleware(
  list: readonly Middleware[],
  job: JobContext,
  perform: () => unknown,
): Promise<unknown> {
  let result: unknown;

  async function step(depth: number): Promise<unknown> {
    const middleware = list[depth];
    if (middleware === undefined) return result = await perform();
    let rest: Promise<unknown> | undefined;
    let over = false;
    await middleware(job, () => {
      if (rest !== undefined) throw new Error("Cannot run the job: its middleware called next() twice");
      rest = step(depth + 1);
      const done = () => void (over = true);
      rest.then(done, done);
      return rest;
    });
    if (rest === undefined) throw new Error("Cannot run the job: its middleware did not call next()");
    // Middleware that did not wait for next() has not seen how it ended; one that did may have handled an error.
    if (!over) await rest;
    return result;
  }

  return await step(0);
}
