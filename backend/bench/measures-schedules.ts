import type { Crew } from "./crew.ts";
import type { Measure } from "./measures.ts";
import { BURST, LATE, REST } from "./tasks-schedules.ts";
import type { Effort, Reading } from "./tasks.ts";

/** How the numbers are called that goals are set for. */
export function scheduleLabelsOf({ schedules }: Pick<Effort, "schedules">) {
  return {
    late: `${LATE.added}, p99`,
    cpu: `${schedules.toLocaleString("en")} schedules not due: what they cost of a core`,
  };
}

/** What can be measured of schedules. Each takes a while, and only this program has them. */
export const SCHEDULE_MEASURES: readonly Measure[] = [
  { name: "ticks", isHeavy: true, warmsUp: false, run: ticks },
  { name: "rest", isHeavy: true, warmsUp: false, run: rest },
  { name: "burst", isHeavy: true, warmsUp: false, run: burst },
];

async function ticks(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null> {
  await using runner = crew.fresh();
  return await runner.perform("schedule-ticks", { folder, effort });
}

/** One process stores the schedules, another starts with them, and rests beside one that has none. */
async function rest(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null> {
  const others = `${folder}/none`;
  await Deno.mkdir(others);
  const first = await restOf(crew, folder, { ...effort, resting: 0 });
  if (first === null) return null;
  const [many, none] = await Promise.all([
    restOf(crew, folder, effort),
    restOf(crew, others, { ...effort, schedules: 0 }),
  ]);
  const count = effort.schedules.toLocaleString("en");
  const [with_, without] = [valueOf(many, REST.cpu), valueOf(none, REST.cpu)];
  return [
    {
      label: `${count} schedules of code, none stored: start`,
      unit: "ms",
      value: valueOf(first, REST.start),
    },
    { label: `${count} schedules of code, all stored: start`, unit: "ms", value: valueOf(many, REST.start) },
    { label: `${count} schedules not due: CPU of the process`, unit: "%", value: with_ },
    { label: "no schedules: CPU of the process", unit: "%", value: without },
    { label: scheduleLabelsOf(effort).cpu, unit: "%", value: with_ - without },
    { label: `${count} schedules not due: memory`, unit: "MB", value: valueOf(many, REST.memory) },
    { label: "no schedules: memory", unit: "MB", value: valueOf(none, REST.memory) },
  ];
}

async function restOf(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null> {
  await using runner = crew.fresh();
  return await runner.perform("schedule-rest", { folder, effort });
}

async function burst(crew: Crew, folder: string, effort: Effort): Promise<Reading[] | null> {
  await using runner = crew.fresh();
  const readings = await runner.perform("schedule-burst", { folder, effort });
  const count = effort.schedules.toLocaleString("en");
  return readings && [
    {
      label: `${count} schedules due at once: first job added`,
      unit: "ms",
      value: valueOf(readings, BURST.first),
    },
    {
      label: `${count} schedules due at once: all jobs added`,
      unit: "ms",
      value: valueOf(readings, BURST.all),
    },
  ];
}

function valueOf(readings: readonly Reading[] | null, label: string): number {
  return readings?.find((reading) => reading.label === label)?.value ?? NaN;
}
