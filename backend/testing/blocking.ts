import type { JobContext } from "../lib/context.ts";
import { gate } from "./test-queue.ts";

/** A handler that says when it starts and runs until the test lets it. */
export function blocking() {
  const running = new Map<unknown, JobContext>();
  const waiting = new Map<unknown, PromiseWithResolvers<unknown>>();
  const starts: unknown[] = [];
  let tell = () => {};
  return {
    starts,
    running,
    handler: async (job: JobContext) => {
      const end = gate<unknown>();
      starts.push(job.data);
      running.set(job.data, job);
      waiting.set(job.data, end);
      tell();
      try {
        return await end.promise;
      } finally {
        running.delete(job.data);
      }
    },
    end: (data: unknown, result?: unknown) => waiting.get(data)?.resolve(result),
    /** Resolves once `count` handlers have started in all. */
    async started(count: number) {
      while (starts.length < count) await new Promise<void>((resolve) => tell = resolve);
    },
  };
}
