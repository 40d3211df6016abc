import type { Add, ShownSchedule, TickJob } from "./judge.ts";
import type { Life } from "./lives.ts";
import { SECOND } from "./plan.ts";
import { timeOf } from "./time.ts";

/** Runs that a schedule remembers. */
const KEPT_RUNS = 50;

/** What a schedule says of itself, and its jobs by their ticks. */
export interface RecordCase {
  name: string;
  shown: ShownSchedule;
  ticks: ReadonlyMap<number, TickJob>;
  lives: readonly Life[];
}

/** What a schedule says of itself must be what its jobs are. */
export function judgeRecord({ name, shown, ticks, lives }: RecordCase, add: Add): void {
  if (shown.runCount !== ticks.size) {
    add("miscounted", name, `counts ${shown.runCount} runs, there are ${ticks.size} jobs`);
  }
  judgeRuns(name, shown, ticks, add);
  const wrong = (why: string) => add("misremembered", name, why);
  const { state, changes, createdAt, lastTickAt, nextTickAt } = shown;
  if (state !== "active") wrong(`is ${state}`);
  if (changes.length !== 1) wrong(`was changed: ${changes.map(({ what }) => what).join(", ")}`);
  if (createdAt > Math.min(...lives.map(({ schedulingAt }) => schedulingAt))) {
    wrong("was made after a scheduler had started that declares it");
  }
  const last = Math.max(...ticks.keys());
  if (ticks.size > 0 && (lastTickAt === null || lastTickAt < last)) {
    wrong(`had its last tick at ${lastTickAt}, its last job is of ${last}`);
  }
  if (lastTickAt !== null && nextTickAt !== lastTickAt + SECOND) {
    wrong(`has its next tick at ${nextTickAt} after ${lastTickAt}`);
  }
}

/** The runs it remembers must be the last ones, in their order, each with the outcome of its job. */
function judgeRuns(
  name: string,
  { runs }: ShownSchedule,
  ticks: ReadonlyMap<number, TickJob>,
  add: Add,
): void {
  for (const { dueAt, outcome, jobId } of runs) {
    const job = ticks.get(dueAt);
    if (jobId === (job?.id ?? null) && outcome === (job?.status ?? "missed")) continue;
    const said = `run at ${timeOf(dueAt)} as ${outcome}, job ${jobId}`;
    add("misremembered", name, `remembers its ${said}; there is ${job?.id ?? "none"}, ${job?.status}`);
  }
  const oldest = runs.length < KEPT_RUNS ? -Infinity : runs.at(-1)?.dueAt ?? -Infinity;
  const known = new Set(runs.map(({ dueAt }) => dueAt));
  for (const tick of ticks.keys()) {
    if (tick > oldest && !known.has(tick)) {
      add("misremembered", name, `does not know its run at ${timeOf(tick)}`);
    }
  }
  if (runs.some(({ dueAt }, i) => dueAt >= (runs[i - 1]?.dueAt ?? Infinity))) {
    add("misremembered", name, "remembers its runs in another order, or one twice");
  }
}
