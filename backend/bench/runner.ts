/**
 * A process that measures one contender: `runner.ts ORIGIN`. So nobody's garbage, compiled code or memory is another's.
 *
 * Each line of standard input is a `Request`; each is answered by a line of standard output, `REPLY` and an `Answer`.
 */
import { loadContender, type Origin } from "./origins.ts";
import { addRate, bulkRate } from "./tasks-add.ts";
import { commitLatency } from "./tasks-disk.ts";
import { claim, fill, share, use, views } from "./tasks-many.ts";
import { burst, restWith, ticksOf } from "./tasks-schedules.ts";
import { dataRate, idleLatency, mixedRate, napRate, runRate, typesRate } from "./tasks-run.ts";
import type { Order, Reading, Task } from "./tasks.ts";

/** What one runner can be told to do. */
const TASKS = {
  "add-1": addRate(1),
  "add-64": addRate(64),
  "bulk": bulkRate,
  "run-1": runRate(1),
  "run-5": runRate(5),
  "run-100": runRate(100),
  "nap-1": napRate(1),
  "nap-20": napRate(20),
  "idle": idleLatency,
  "commit": commitLatency,
  "mixed": mixedRate,
  "data-1": dataRate(1),
  "data-20": dataRate(20),
  "types": typesRate(20),
  use,
  fill,
  share,
  claim,
  views,
  "schedule-ticks": ticksOf,
  "schedule-rest": restWith,
  "schedule-burst": burst,
} satisfies Record<string, Task>;

export type TaskName = keyof typeof TASKS;

/** A line of standard input. */
export interface Request extends Order {
  task: TaskName;
}

/** How a line of standard output begins that answers; others are a library's. */
export const REPLY = "\u0006";

/** What came of a request. Null: the contender cannot do it. */
export type Answer = { readings: Reading[] | null } | { error: string };

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? "") as Origin);

async function main(origin: Origin): Promise<void> {
  // Whoever started this process ends it, once everything else is in order.
  Deno.addSignalListener("SIGINT", () => {});
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) reply(await answer(origin, JSON.parse(line) as Request));
  }
  Deno.exit();
}

async function answer(origin: Origin, { task, ...order }: Request): Promise<Answer> {
  try {
    const contender = await loadContender(origin);
    return { readings: await TASKS[task](contender, order) };
  } catch (error) {
    return { error: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

function reply(given: Answer): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${REPLY}${JSON.stringify(given)}\n`));
}
