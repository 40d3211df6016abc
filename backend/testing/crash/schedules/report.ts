import { faultRows, formatLedger, type Row, titleOf } from "../report.ts";
import type { Finding } from "./judge.ts";
import { type Aim, AIMS } from "./plan.ts";
import type { TickRunOptions, TickRunResult } from "./run.ts";

/** The rows of a ledger that must be 0, and what counts for each. */
const FAULTS: readonly (readonly [row: string, kind: Finding["kind"]])[] = [
  ["gone", "gone"],
  ["twice", "doubled"],
  ["made up for, not wanted", "made up"],
  ["of no tick", "stray"],
  ["not run", "not run"],
  ["miscounted", "miscounted"],
  ["misremembered", "misremembered"],
];

/** The ledger of a run as a table, and under it what was wrong. */
export function formatTickReport(
  { schedules, processes, seed }: Pick<TickRunOptions, "schedules" | "processes" | "seed">,
  { ledger, kills, took }: TickRunResult,
): string {
  const aims = (Object.keys(AIMS) as Aim[]).map((aim) =>
    `${AIMS[aim]} ${kills.filter(({ moment }) => moment === aim).length}`
  );
  const late = ledger.late.toSorted((a, b) => a - b);
  const latest = (part: number) => late[Math.floor((late.length - 1) * part)] ?? 0;
  const rows: Row[] = [
    ["kills", kills.length, `aimed at ${aims.join(", ")}`],
    ["ticks", ledger.ticks, `of ${schedules} schedules`],
    ["jobs", ledger.jobs, ""],
    ["missed", ledger.missed, "no scheduler ran, and their policy does not make up for it"],
    ["run again", ledger.repeated, "their process died while they ran"],
    ["late, median", latest(0.5), "milliseconds, where a scheduler ran"],
    ["late, p99", latest(0.99), ""],
    ...faultRows(FAULTS, ledger.findings),
  ];
  return formatLedger(titleOf(processes, seed, took), rows, ledger.findings);
}
