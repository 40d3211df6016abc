import { type Finding, judgeSchedule, type ShownSchedule, type TickJob } from "./judge.ts";
import type { Life } from "./lives.ts";
import type { PlannedSchedule } from "./plan.ts";

/** All that is known at the end of a run. */
export interface TickEvidence {
  schedules: readonly PlannedSchedule[];
  /** The schedules in the store, by name. */
  shown: ReadonlyMap<string, ShownSchedule>;
  /** Every job in the store. */
  jobs: readonly TickJob[];
  lives: readonly Life[];
}

/** The outcome of a run. */
export interface TickLedger {
  /** Due times of all schedules together, from the first to the last. */
  ticks: number;
  jobs: number;
  /** Ticks that have no job, as their policy says. */
  missed: number;
  /** Jobs whose process died while it ran them. */
  repeated: number;
  /** Of each tick of a running scheduler, how many milliseconds later its job was made. */
  late: number[];
  findings: Finding[];
}

/** Holds every tick of a run against what the store and the fleet say of it. */
export function makeTickLedger({ schedules, shown, jobs, lives }: TickEvidence): TickLedger {
  const byType = Map.groupBy(jobs, ({ type }) => type);
  const accounts = schedules.map((planned) =>
    judgeSchedule({
      ...planned,
      shown: shown.get(planned.name),
      jobs: byType.get(`schedule:${planned.name}`) ?? [],
      lives,
    })
  );
  const sumOf = (count: (account: typeof accounts[number]) => number) =>
    accounts.reduce((sum, account) => sum + count(account), 0);
  return {
    ticks: sumOf(({ ticks }) => ticks),
    jobs: jobs.length,
    missed: sumOf(({ missed }) => missed),
    repeated: jobs.filter(({ deaths }) => deaths > 0).length,
    late: accounts.flatMap(({ late }) => late),
    findings: accounts.flatMap(({ findings }) => findings),
  };
}
