import type { Context, MiddlewareHandler } from "hono";

/** What is done before a route is asked, or after: returns if the request may go on, throws what answers it if not. */
export type Check = (c: Context) => void | Promise<void>;

/**
 * One middleware of `checks`, in their order, and of what is done `after` the answer is there. As a middleware each
 * they would be the larger part of what answering costs, since each is waited for, whether it waits for something or
 * not.
 */
export function inOrder(checks: readonly Check[], after: readonly Check[] = []): MiddlewareHandler {
  return async (c, next) => {
    for (const check of checks) {
      const waits = check(c);
      if (waits !== undefined) await waits;
    }
    await next();
    for (const check of after) {
      const waits = check(c);
      if (waits !== undefined) await waits;
    }
  };
}
