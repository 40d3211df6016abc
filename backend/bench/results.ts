import { median } from "./samples.ts";
import { formatNumber, formatTable } from "./table.ts";
import type { Reading } from "./tasks.ts";

/** One row of the table: what each contender gave, round by round. */
interface Row {
  label: string;
  unit: Reading["unit"];
  values: number[][];
}

/** What the contenders gave. The first is held against the others. */
export class Results {
  readonly names: readonly string[];
  readonly #rows = new Map<string, Row>();

  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** Takes one number of a round. */
  add(contender: string, round: number, { label, unit, value }: Reading): void {
    const row = this.#rows.get(label) ?? { label, unit, values: this.names.map(() => []) };
    this.#rows.set(label, row);
    const values = row.values[this.names.indexOf(contender)];
    if (values !== undefined) values[round] = value;
  }

  /** The median of what the first contender gave; NaN if it gave nothing. */
  own(label: string): number {
    return median(given(this.#rows.get(label)?.values[0]));
  }

  /**
   * How much better the first contender is than `other`: above 1 it is. The median of the rounds' own ratios, since
   * only what was measured side by side can be compared. NaN if one of them gave nothing.
   */
  ratio(label: string, other: string): number {
    const row = this.#rows.get(label);
    const theirs = row?.values[this.names.indexOf(other)];
    if (row === undefined || theirs === undefined) return NaN;
    return median(given(row.values[0]?.map((mine, i) => ratioOf(row.unit, mine, theirs[i] ?? NaN))));
  }

  /** The row in which the first contender is worst beside another; null if there is none to compare. */
  worst(): { label: string; other: string; ratio: number } | null {
    const all = this.names.slice(1).flatMap((other) =>
      [...this.#rows.keys()].map((label) => ({ label, other, ratio: this.ratio(label, other) }))
    );
    return all.filter(({ ratio }) => !isNaN(ratio)).sort((a, b) => a.ratio - b.ratio)[0] ?? null;
  }

  /** The table of medians, each other contender with its ratio. */
  format(): string {
    const [own = "", ...others] = this.names;
    const head = ["", "unit", own, ...others.flatMap((name) => [name, "ratio"])];
    const rows = [...this.#rows.values()].map(({ label, unit, values }) => {
      const cells = others.flatMap((name, i) => [
        formatNumber(median(given(values[i + 1]))),
        formatRatio(this.ratio(label, name)),
      ]);
      return [label, unit, formatNumber(this.own(label)), ...cells];
    });
    return formatTable(head, rows);
  }
}

export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : "–";
}

/** The numbers among `values`, in which a round that failed left a hole. */
function given(values: readonly number[] = []): number[] {
  return values.filter((value) => Number.isFinite(value));
}

function ratioOf(unit: Row["unit"], mine: number, theirs: number): number {
  return unit === "/s" || unit === "×" ? mine / theirs : theirs / mine;
}
