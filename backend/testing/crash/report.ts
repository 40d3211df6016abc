import type { Ledger } from "./ledger.ts";
import { type Moment, MOMENTS } from "./plan.ts";
import type { CrashOptions, CrashResult } from "./run.ts";

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
  const rows: (readonly [string, number, string])[] = [
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
    ...FAULTS.map(([row, kind]) => {
      const count = ledger.findings.filter((finding) => finding.kind === kind).length;
      return [row, count, count === 0 ? "" : "must be 0"] as const;
    }),
  ];
  const title = `${processes} ${processes === 1 ? "process" : "processes"}, seed ${seed}, ${
    Math.round(took / 1_000)
  } s`;
  const lines = rows.map(([row, count, note]) =>
    `  ${row.padEnd(26)}${String(count).padStart(8)}  ${note}`.trimEnd()
  );
  const findings = ledger.findings.slice(0, SHOWN).map(({ kind, subject, why }) =>
    `  ${kind}: ${subject} ${why}`
  );
  const hidden = ledger.findings.length - findings.length;
  return [title, ...lines, ...findings, ...(hidden > 0 ? [`  and ${hidden} more`] : [])].join("\n");
}
