/** The second process of the demo: `worker.ts STORE` runs jobs until its standard input ends. */
import { createJobs } from "../jobs.ts";
import { systemClock } from "../lib/clock.ts";
import { Random } from "../testing/crash/random.ts";
import { registerJobs } from "./jobs/register.ts";
import { VERSION } from "./timeline.ts";
import { presentWorld } from "./world.ts";

if (import.meta.main) await main(Deno.args[0] ?? "");

async function main(store: string): Promise<void> {
  const jobs = createJobs({
    store,
    workerId: "worker-1",
    version: VERSION,
    concurrency: 3,
    allowPrivateUrls: true,
    types: ["image", "search", "report", "webhook"],
  });
  registerJobs(jobs.queue, presentWorld(systemClock, new Random(systemClock.now())));
  const asked = new Promise<void>((resolve) => jobs.queue.onStopRequested(resolve));
  // A terminal tells every process of Ctrl-C; this one lives as long as the one that started it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => {});
  const ended = (async () => {
    for await (const _ of Deno.stdin.readable);
  })();
  await jobs.webhooks.start();
  await jobs.queue.start();
  await Promise.race([asked, ended]);
  await jobs.webhooks.stop();
  await jobs.queue.stop();
  Deno.exit();
}
