/** A process that runs jobs as their data says, for tests that look at them meanwhile. Its store is that of its folder. */
import { createJobs } from "../jobs.ts";

interface Demo {
  lines?: string[];
  percent?: number;
  note?: string;
  /** What to fail with. */
  failure?: string;
  /** Whether to go on until a job of `demo:go` runs. */
  isHeld?: boolean;
  result?: unknown;
}

const jobs = createJobs();
const held = new Set<() => void>();

jobs.queue.process<Demo>("demo:run", async (job) => {
  const { data, signal } = job;
  for (const line of data.lines ?? []) job.log.info(line);
  if (data.percent !== undefined) await job.progress(data.percent, data.note);
  if (data.isHeld) {
    const { promise, resolve } = Promise.withResolvers<void>();
    held.add(resolve);
    signal.addEventListener("abort", () => resolve());
    await promise;
  }
  if (data.failure !== undefined) throw new RangeError(data.failure);
  return data.result ?? null;
});
jobs.queue.process("demo:go", () => {
  for (const resolve of held) resolve();
  held.clear();
});

await jobs.start();
console.log("Ready");
