/** A worker that dies in the middle of its jobs: `lost-worker.ts STORE BEFORE`, which said "holds" before. */
import { createJobs } from "../jobs.ts";
import { systemClock } from "../lib/clock.ts";
import type { Queue } from "../lib/queue.ts";
import { Random } from "../testing/crash/random.ts";
import { picture } from "./arrivals.ts";
import { VERSION } from "./timeline.ts";

/** Jobs that it holds. */
const HELD = 2;

if (import.meta.main) await main(Deno.args[0] ?? "", Number(Deno.args[1]));

async function main(store: string, before: number): Promise<void> {
  const clock = { ...systemClock, now: () => systemClock.now() - before };
  const { queue } = createJobs({ store, clock, workerId: "worker-2", concurrency: HELD, version: VERSION });
  let held = 0;
  queue.process("image:resize", (job) => {
    if (++held === HELD) console.log("holds");
    return new Promise((_, reject) => job.signal.addEventListener("abort", () => reject(job.signal.reason)));
  });
  await queue.start();
}

/** Adds pictures, starts a worker for them and kills it as a lack of memory would, `before` milliseconds ago. */
export async function loseWorker(folder: string, queue: Queue, before: number): Promise<void> {
  const random = new Random(2);
  await queue.addMany(Array.from({ length: HELD }, () => picture(random)));
  const script = new URL("./lost-worker.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, `kv:${folder}/jobs.db`, String(before)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const said = child.stdout.getReader();
  await said.read(); // "holds", or nothing if it could not
  child.kill("SIGKILL");
  await said.cancel();
  await child.status;
}
