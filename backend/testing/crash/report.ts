import type { Ledger } from "./ledger.ts";
import { type Moment, MOMENTS } from "./plan.ts";
import type { CrashOptions, CrashResult } from "./run.ts";

/** One line of a table. */
export type Row = readonly [name: string, count: number, note: string];

/** Findings shown in full. */
const SHOWN = 20;

/** The rows of a ledger that must be 0, and what counts for each. */
const FAULTS: readonly (readonly [row: string, kind: Ledger["findings"][number]["kind"]])[] = [
  ["lost", "lost"],
  ["stuck", "stuck"],
  ["run twice, not explained", "unexplained run"],
  ["wrongly charged", "wrongly charged"],
  ["wrongly failed", "wrongly failed"],
  ["added by nobody", "unplanned"],
  ["miscounted", "miscounted"],
];

/** The ledger of a run as a table, and under it what was wrong. */
export function formatReport(
  options: CrashOptions,
  { ledger, evidence, repeatedAdds, took }: CrashResult,
): string {
  const { processes, seed } = options;
  const kills = (Object.keys(MOMENTS) as Moment[]).map((moment) => {
    const count = evidence.kills.filter((kill) => kill.moment === moment).length;
    return `${MOMENTS[moment]} ${count}`;
  });
  const rows: Row[] = [
    ["kills", ledger.kills, `aimed at ${kills.join(", ")}`],
    ["acknowledged", ledger.acknowledged, `${repeatedAdds} adds were sent again`],
    ["completed", ledger.completed, ""],
    ["failed", ledger.failed, "their processes died as often as they may run"],
    ["run twice", ledger.runTwice, `the longest ${ledger.longestUnsettled} ms after its answer`],
    [
      "deaths charged",
      ledger.charged,
      `${ledger.chargedUnseen} of them just before the request or after the answer`,
    ],
    ...faultRows(FAULTS, ledger.findings),
  ];
  const title = titleOf(processes, seed, took);
  return formatLedger(title, rows, ledger.findings);
}

/** What a run was. `took`: milliseconds. */
export function titleOf(processes: number, seed: number, took: number): string {
  return `${processes} ${processes === 1 ? "process" : "processes"}, seed ${seed}, ${
    Math.round(took / 1_000)
  } s`;
}

/** The rows that must be 0, one for each kind of findings. */
export function faultRows<Kind extends string>(
  names: readonly (readonly [row: string, kind: Kind])[],
  findings: readonly { kind: Kind }[],
): Row[] {
  return names.map(([row, kind]) => {
    const count = findings.filter((finding) => finding.kind === kind).length;
    return [row, count, count === 0 ? "" : "must be 0"];
  });
}

/** A table under its title, and under it what was wrong. */
export function formatLedger(
  title: string,
  rows: readonly Row[],
  findings: readonly { kind: string; subject: string; why: string }[],
): string {
  const lines = rows.map(([row, count, note]) =>
    `  ${row.padEnd(26)}${String(count).padStart(8)}  ${note}`.trimEnd()
  );
  const shown = findings.slice(0, SHOWN).map(({ kind, subject, why }) => `  ${kind}: ${subject} ${why}`);
  const hidden = findings.length - shown.length;
  return [title, ...lines, ...shown, ...(hidden > 0 ? [`  and ${hidden} more`] : [])].join("\n");
}
