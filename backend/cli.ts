import { Command } from "commander";
import type { Config } from "./config.ts";
import { queue, webhooks } from "./jobs.ts";
import { typeMatches } from "./lib/filter.ts";
import { logOf } from "./lib/log.ts";
import { prepare, runProcess, stopRequested } from "./process.ts";

/** What commander makes of the flags of `worker`: as written, `prepare` checks them with the environment. */
interface WorkerFlags {
  concurrency?: string;
  types?: string;
  queues?: string;
  workerId?: string;
  pollInterval?: string;
}

if (import.meta.main) await createProgram().parseAsync();

/** The commands of this program. */
export function createProgram(): Command {
  const program = new Command("cronosaur").showHelpAfterError("(--help lists what there is)");
  program.command("worker")
    .description("Run jobs, without HTTP, on the store that STORE_URL names")
    .option("--concurrency <number>", "jobs at the same time (JOB_QUEUE_DEFAULT_CONCURRENCY)")
    .option("--types <names>", "only these types and families: email,file")
    .option("--queues <names>", "only jobs of these queues: a,b")
    .option("--worker-id <id>", "a name of its own, which no other running process may use")
    .option(
      "--poll-interval <ms>",
      "between two looks for work, should no wake-up come (JOB_QUEUE_POLL_INTERVAL)",
    )
    .action((flags: WorkerFlags) => runProcess(() => runWorker(flags)));
  return program;
}

async function runWorker(flags: WorkerFlags): Promise<void> {
  const config = prepare(queue, {
    "--concurrency": flags.concurrency,
    "--types": flags.types,
    "--queues": flags.queues,
    "--worker-id": flags.workerId,
    "--poll-interval": flags.pollInterval,
  });
  const stop = stopRequested(queue);
  await webhooks.start();
  await queue.start();
  announce(config);
  await stop;
  await webhooks.stop();
  await queue.stop();
  logOf("worker").info("Stopped: every job is stored");
}

function announce(config: Config): void {
  const log = logOf("worker");
  const { types: wanted, queues, concurrency } = config.queue;
  const types = queue.types().filter((type) => wanted?.some((name) => typeMatches(type, name)) ?? true);
  log.info("Worker {id} runs {types}, {concurrency} at a time, from {queues}", {
    id: queue.workerId,
    types: types.join(", ") || "nothing",
    concurrency,
    queues: queues === undefined ? "all queues" : `the queues ${queues.join(", ")}`,
  });
  const known = queue.types();
  for (const name of wanted ?? []) {
    if (known.some((type) => typeMatches(type, name))) continue;
    log.warn('No handler of this process runs "{name}": it has {known}', {
      name,
      known: known.join(", ") || "none",
    });
  }
}
