import type { Contender } from "./contender.ts";
import { type Effort, type Measure, measureOn, type Reading } from "./measures.ts";
import { median } from "./samples.ts";
import { formatNumber, formatTable } from "./table.ts";

/** What counts. */
const EFFORT: Effort = { adding: 700, bulk: 10_000, jobs: 20_000, idle: 150 };
/** What comes before and is not counted: enough for the compiler to be done with the code of both. */
const WARM_UP: Effort = { adding: 500, bulk: 10_000, jobs: 10_000, idle: 50 };

/** One row of the table: what each contender gave, round by round. */
interface Row extends Omit<Reading, "value"> {
  values: number[][];
}

/** What `runRounds` is given. */
export interface RoundsOptions {
  /** The first is held against the others. */
  contenders: readonly Contender[];
  measures: readonly Measure[];
  rounds: number;
  onProgress(line: string): void;
}

/**
 * Measures all contenders by turns, round after round, and returns the table of medians.
 *
 * On a machine that others use too, numbers move from minute to minute and only what was measured side by side can
 * be compared: so a ratio is the median of the rounds' own ratios. Above 1 the first contender is the better.
 */
export async function runRounds(options: RoundsOptions): Promise<string> {
  const { contenders, measures, rounds, onProgress } = options;
  const rows = new Map<string, Row>();
  for (const measure of measures) {
    onProgress(measure.name);
    for (const contender of contenders) await measureOn(contender, measure, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const [i, contender] of contenders.entries()) {
        for (const { value, ...reading } of await measureOn(contender, measure, EFFORT)) {
          const row = rows.get(reading.label) ?? { ...reading, values: contenders.map(() => []) };
          rows.set(reading.label, row);
          row.values[i]?.push(value);
        }
      }
    }
  }
  return format(contenders, [...rows.values()]);
}

function format(contenders: readonly Contender[], rows: readonly Row[]): string {
  const [own, ...others] = contenders.map(({ name }) => name);
  const head = ["", "unit", own ?? "", ...others.flatMap((name) => [name, "ratio"])];
  return formatTable(
    head,
    rows.map(({ label, unit, values }) => {
      const [mine = [], ...theirs] = values;
      const cells = theirs.flatMap((their) => [
        formatNumber(median(their)),
        median(mine.map((value, i) => ratioOf(unit, value, their[i] ?? NaN))).toFixed(2),
      ]);
      return [label, unit, formatNumber(median(mine)), ...cells];
    }),
  );
}

/** How much better `mine` is. */
function ratioOf(unit: Reading["unit"], mine: number, theirs: number): number {
  return unit === "ms" ? theirs / mine : mine / theirs;
}
