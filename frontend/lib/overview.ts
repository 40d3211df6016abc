import type { InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

type History = InferResponseType<Api["stats"]["history"]["$get"], 200>;
type TypeHistory = History["types"][number];

/** What can be looked back on, in words. */
export const RANGES = { "1h": "1h", "24h": "24h", "7d": "7d" } as const;
export type Range = keyof typeof RANGES;

/** Which times the table of types shows. */
export const MEASURES = { run: "Run time", wait: "Wait" } as const;
export type Measure = keyof typeof MEASURES;

/** As many types as are told apart. */
const MOST_TYPES = 30;

/** One column of the chart. */
export interface Bar {
  /** Where it begins, epoch milliseconds. */
  at: number;
  completed: number;
  failed: number;
}

export type TypeRow = Pick<TypeHistory, "type" | "completed" | "failed" | "run" | "wait">;

/** A line across the chart. */
export interface Mark {
  at: number;
  text: string;
}

/** How it went lately. */
export interface OverviewData {
  /** Width of a bar, milliseconds. */
  step: number;
  bars: Bar[];
  /** Where another version took over. */
  marks: Mark[];
  total: Omit<TypeRow, "type">;
  types: TypeRow[];
}

/** What of the overview is shown, as the address says. */
export interface OverviewQuery {
  range: Range;
  measure: Measure;
  /** Figures instead of bars. */
  asTable: boolean;
}

export function overviewIn(params: URLSearchParams): OverviewQuery {
  const range = params.get("range") ?? "";
  return {
    range: Object.hasOwn(RANGES, range) ? range as Range : "24h",
    measure: params.get("times") === "wait" ? "wait" : "run",
    asTable: params.get("chart") === "table",
  };
}

export async function loadOverview(api: Api, range: Range): Promise<OverviewData> {
  const [{ from, to, step, data, total, types }, versions] = await Promise.all([
    api.stats.history.$get({ query: { range } }).then((answer) => answer.json()),
    api.stats.versions.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  const row = <T extends Omit<TypeRow, "type">>({ completed, failed, run, wait }: T) => {
    return { completed, failed, run, wait };
  };
  return {
    step,
    bars: data.map(({ at, completed, failed }) => ({ at: Date.parse(at), completed, failed })),
    marks: versions.data.filter(({ at }) => at >= from && at < to)
      .map(({ at, version }) => ({ at: Date.parse(at), text: version })),
    total: row(total),
    types: types.filter(({ completed, failed }) => completed + failed > 0).slice(0, MOST_TYPES)
      .map((type) => ({ type: type.type, ...row(type) })),
  };
}
