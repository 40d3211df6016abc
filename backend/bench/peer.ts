/** A process of its own that runs jobs of the store it is given, and says on standard output what becomes of them. */
import { createJobs } from "../jobs.ts";
import { systemClock as clock } from "../lib/clock.ts";

if (import.meta.main) await main(Deno.args[0] ?? "", Number(Deno.args[1]));

async function main(store: string, concurrency: number): Promise<void> {
  const { queue } = createJobs({ store, concurrency });
  queue.process("note", (job) => say("started", job.id));
  queue.process("nap", async (job) => {
    say("started", job.id);
    await clock.sleep(1000, job.signal);
    say("ended", job.id);
  });
  queue.process("hold", async (job) => {
    job.signal.addEventListener("abort", () => say("aborted", job.id));
    say("started", job.id);
    await clock.sleep(60_000, job.signal);
  });
  queue.onStopRequested(() => void queue.stop());
  Deno.addSignalListener("SIGTERM", () => void queue.stop().then(() => Deno.exit()));
  await queue.start();
  say("ready", "");
}

/** At once: what is printed through `console` may wait. */
function say(what: string, id: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${what} ${id}\n`));
}
