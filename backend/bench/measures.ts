import { systemClock as clock } from "../lib/clock.ts";
import type { Crew, Runner } from "./crew.ts";
import type { TaskName } from "./runner.ts";
import { CLAIM, SHARE } from "./tasks-many.ts";
import { type Effort, perSecond, type Reading } from "./tasks.ts";

/** What is measured, each time in a folder of its own. */
export interface Measure {
  /** For `--only`. */
  readonly name: string;
  /** True: it takes long and is only for this program's own contenders, on request. */
  readonly isHeavy: boolean;
  /** True: what comes before its first round is run and not counted. */
  readonly warmsUp: boolean;
  /** @returns Null if the contender cannot do it. */
  run(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null>;
}

/** Milliseconds in which processes that begin together have opened their file. */
const OPENING = 1000;
/** Jobs that are shared between processes, in those of other measures. */
const SHARED = 3;

const RESIDENT: readonly TaskName[] = [
  "add-1",
  "add-64",
  "bulk",
  "run-1",
  "run-5",
  "run-100",
  "nap-1",
  "nap-20",
  "idle",
  "commit",
  "mixed",
  "data-1",
  "data-20",
  "types",
];

/** How the numbers are called that goals are set for. */
export function labelsOf({ many }: Pick<Effort, "many">) {
  const count = many.toLocaleString("en");
  return {
    shared: "two processes on one file, together, to one",
    claimed: `${count} pending: claim rate, to that of an empty queue`,
    memory: `${count} pending: memory while jobs run`,
    page: `${count} pending and as many finished: first page`,
    stats: `${count} pending and as many finished: stats`,
  };
}

/** Everything that can be measured side by side. */
export const MEASURES: readonly Measure[] = [
  ...RESIDENT.map((name): Measure => ({
    name,
    isHeavy: false,
    warmsUp: true,
    run: (crew, folder, effort) => crew.resident.perform(name, { folder, effort }),
  })),
  { name: "use", isHeavy: false, warmsUp: false, run: useOf },
  { name: "pair", isHeavy: true, warmsUp: false, run: pair },
  { name: "million", isHeavy: true, warmsUp: false, run: million },
];

async function useOf(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null> {
  await using runner = crew.fresh();
  return await runner.perform("use", { folder, effort });
}

/** One process runs the jobs of a file; then two run those of another together. */
async function pair(crew: Crew, folder: string, effort: Effort): Promise<Reading[]> {
  await using first = crew.fresh();
  await using second = crew.fresh();
  const runners = [first, second];
  for (const [i, runner] of runners.entries()) {
    await runner.perform("run-100", { folder: await newFolder(folder, `warm-${i}`), effort });
  }
  const many = SHARED * effort.jobs;
  const rates: number[] = [];
  for (const sharers of [[first], runners]) {
    const own = await newFolder(folder, `by-${sharers.length}`);
    await first.perform("fill", { folder: own, effort: { ...effort, many } });
    rates.push(await sharedRate(sharers, own, { ...effort, many }));
  }
  const [one = NaN, two = NaN] = rates;
  return [
    { label: "one process on a file", unit: "/s", value: one },
    { label: "two processes on one file, together", unit: "/s", value: two },
    { label: labelsOf(effort).shared, unit: "×", value: two / one },
  ];
}

/** Jobs a second that the runners start together. */
async function sharedRate(runners: readonly Runner[], folder: string, effort: Effort): Promise<number> {
  const startAt = clock.now() + OPENING;
  const parts = await Promise.all(
    runners.map((runner) => runner.perform("share", { folder, effort, startAt })),
  );
  const all = (label: string) => parts.map((part) => valueOf(part, label)).filter((value) => !isNaN(value));
  const count = all(SHARE.count).reduce((sum, value) => sum + value, 0);
  if (count !== effort.many) throw new Error(`Cannot use the result: ${count} runs of ${effort.many} jobs`);
  return perSecond(count, Math.max(...all(SHARE.ended)) - Math.min(...all(SHARE.began)));
}

/** A file with so many jobs that wait, and then with as many that are finished too, each step in a new process. */
async function million(crew: Crew, folder: string, effort: Effort): Promise<Reading[]> {
  const alone = async (task: TaskName, name: string, many = effort.many) => {
    await using runner = crew.fresh();
    return await runner.perform(task, { folder: await newFolder(folder, name), effort: { ...effort, many } });
  };
  await alone("fill", "few", 2 * effort.jobs);
  const few = await alone("claim", "few");
  await alone("fill", "many");
  const many = await alone("claim", "many");
  await alone("share", "many");
  await alone("fill", "many");
  const seen = await alone("views", "many");
  const labels = labelsOf(effort);
  const rates = [few, many].map((readings) => valueOf(readings, CLAIM.rate));
  const [rateOfFew = NaN, rateOfMany = NaN] = rates;
  return [
    { label: "an empty queue: claim rate", unit: "/s", value: rateOfFew },
    { label: `${effort.many.toLocaleString("en")} pending: claim rate`, unit: "/s", value: rateOfMany },
    { label: labels.claimed, unit: "×", value: rateOfMany / rateOfFew },
    { label: labels.memory, unit: "MB", value: valueOf(many, CLAIM.memory) },
    { label: labels.page, unit: "ms", value: valueOf(seen, "first page") },
    { label: labels.stats, unit: "ms", value: valueOf(seen, "stats") },
  ];
}

function valueOf(readings: readonly Reading[] | null, label: string): number {
  return readings?.find((reading) => reading.label === label)?.value ?? NaN;
}

async function newFolder(parent: string, name: string): Promise<string> {
  const folder = `${parent}/${name}`;
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}
