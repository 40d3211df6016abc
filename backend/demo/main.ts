/**
 * The demo: `deno task demo`. A shop's service with three days of history and jobs that keep coming, on a file of its
 * own; the terminal shows where it is and a link to sign in by. Ctrl-C ends it, and removes the file.
 */
import { Command, InvalidArgumentError } from "commander";
import { loadConfig, StartError } from "../config.ts";
import { configureLogs } from "../logging.ts";
import { runProcess, signalReader } from "../process.ts";
import { systemClock } from "../lib/clock.ts";
import { makeHistory } from "./history.ts";
import { startReceiver } from "./receiver.ts";
import { startService } from "./service.ts";

interface Flags {
  folder?: string;
  port: number;
  moments: number;
  seed: number;
  traffic: boolean;
}

if (import.meta.main) {
  const program = new Command("deno task demo")
    .description("Shows the dashboard with three days of history and jobs that keep coming")
    .option("--folder <path>", "keeps its file of jobs and its tokens there, where none may be yet")
    .option("--port <number>", "where it listens; 0: any free port", wholeNumber, 0)
    .option("--moments <number>", "how much history: moments at which jobs were added", wholeNumber, 500)
    .option(
      "--seed <number>",
      "the same seed makes, at the same time of day, the same history",
      wholeNumber,
      1,
    )
    .option("--no-traffic", "adds no jobs but those of schedules");
  const flags = program.parse(Deno.args, { from: "user" }).opts<Flags>();
  await runProcess(() => main(flags));
}

async function main({ folder: given, port, traffic, ...flags }: Flags): Promise<void> {
  configureLogs({ ...loadConfig().log, level: "warn" });
  const stop = stopSignal();
  await using stack = new AsyncDisposableStack();
  const folder = given ?? await Deno.makeTempDir({ prefix: "cronosaur-demo-" });
  if (given === undefined) stack.defer(() => Deno.remove(folder, { recursive: true }));
  else await makeEmpty(folder);
  const receiver = stack.use(startReceiver());
  console.log("Making three days of history…");
  await makeHistory({ ...flags, folder, receiver: receiver.origin });
  const service = stack.use(
    await startService({ folder, port, hasTraffic: traffic, show: (line) => console.log(line) }),
  );
  await Promise.race([stop, service.asked]);
}

/** Makes the folder. @throws {StartError} It has jobs already. */
async function makeEmpty(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("jobs.db")) {
      throw new StartError(`Cannot make a demo in "${folder}": it holds jobs already`);
    }
  }
}

/** Resolves at the first signal to stop; the process exits at a second one. */
function stopSignal(): Promise<void> {
  const read = signalReader(systemClock);
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        const meaning = read(signal);
        if (meaning === "exit") Deno.exit(1);
        if (meaning === "stop") resolve();
      });
    }
  });
}

function wholeNumber(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(value);
}
