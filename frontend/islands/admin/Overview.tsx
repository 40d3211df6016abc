/** @jsxImportSource preact */
import { Chart } from "../../components/Chart.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Segments } from "../../components/Segments.tsx";
import { Text } from "../../components/Text.tsx";
import { apiAt } from "../../lib/api.ts";
import { formatCount, formatDuration } from "../../lib/format.ts";
import { formatTime } from "../../lib/format-time.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import {
  type Bar,
  loadOverview,
  type Measure,
  MEASURES,
  type OverviewData,
  type OverviewQuery,
  RANGES,
  type TypeRow,
} from "../../lib/overview.ts";
import { usePage } from "../../lib/page-info.ts";
import { useState } from "preact/hooks";
import { withParam } from "../../lib/urls.ts";

/** The fewest milliseconds between two reads: a history of minutes does not change faster to the eye. */
const SPACING = 5000;

/** As many reads at the most while one bar grows: the wider it is, the more has to be read for it. */
const READS = 240;

/** How jobs fared lately: how many, and how long they took, over time and by type. */
export default function Overview({ initial, query: { range, measure, asTable }, search, renderedAt }: {
  initial: OverviewData;
  query: OverviewQuery;
  /** What is behind the page's path. */
  search: string;
  renderedAt: number;
}) {
  const { base, zone } = usePage();
  const { data } = useFreshData(initial, {
    load: () => loadOverview(apiAt(base), range),
    on: ["stats"],
    spacing: Math.max(SPACING, initial.step / READS),
  });
  const [pointed, setPointed] = useState<Bar | null>(null);
  const { bars, step, marks, total, types } = data.value;
  const unit = `per ${step > 60_000 ? formatDuration(step) : "minute"}`;
  const time = (at: number) => formatTime(at, zone, renderedAt).replace(/:\d\d$/, "");
  const words = ({ completed, failed }: Pick<Bar, "completed" | "failed">) =>
    `${formatCount(completed)} completed, ${formatCount(failed)} failed`;
  const changes = marks.map(({ at, text }) => ` Version ${text} since ${time(at)}.`).join("");

  return (
    <div class="two fill overview">
      <section class="panel" aria-labelledby="throughput">
        <header>
          <h2 id="throughput">Throughput</h2>
          <p class="soft">
            {formatCount(total.completed)} completed ·{" "}
            <span class={total.failed > 0 ? "bad" : undefined}>{formatCount(total.failed)} failed</span>
            {total.completed + total.failed > 0 && ` · ${formatShare(successOf(total))}`}
          </p>
          <Segments label="Range" name="range" options={RANGES} value={range} search={search} />
        </header>
        <div class="body">
          {asTable ? <Figures bars={bars} time={time} label={`Jobs ${unit}`} /> : (
            <Chart
              bars={bars}
              step={step}
              marks={marks}
              unit={unit}
              label={`Jobs ${unit} in the last ${range}: ${words(total)}.${changes}`}
              onPoint={setPointed}
            />
          )}
          <p class="row caption">
            <span class="cut">
              {asTable
                ? `Jobs ${unit}, the latest first`
                : pointed !== null
                ? `${time(pointed.at)}: ${words(pointed)}`
                : (
                  <>
                    Completed above, failed below<span class="wide">, enlarged</span>
                  </>
                )}
            </span>
            <a class="link end" href={withParam(search, "chart", asTable ? null : "table")}>
              {asTable ? "View as chart" : "View as table"}
            </a>
          </p>
        </div>
      </section>
      <section class="panel" aria-labelledby="types">
        <header>
          <h2 id="types">By type</h2>
          <Segments label="Times" name="times" options={MEASURES} value={measure} search={search} />
        </header>
        {types.length === 0
          ? (
            <Empty title={`No job has ended in the last ${range}`}>
              <p>Those that complete or fail show up here by type.</p>
            </Empty>
          )
          : <Types rows={types} total={total} measure={measure} base={base} />}
      </section>
    </div>
  );
}

/** The share of those that completed. */
function successOf({ completed, failed }: Pick<TypeRow, "completed" | "failed">): number {
  const share = completed / (completed + failed);
  return failed > 0 ? Math.min(share, 0.999) : share; // rounded it must not claim that all did
}

function Types({ rows, total, measure, base }: {
  rows: readonly TypeRow[];
  total: OverviewData["total"];
  measure: Measure;
  base: string;
}) {
  const endedOf = ({ completed, failed }: Pick<TypeRow, "completed" | "failed">) => completed + failed;
  const most = Math.max(...rows.map(endedOf));
  const cells = (row: Omit<TypeRow, "type">) => {
    const success = successOf(row);
    const times = row[measure];
    const tone = success < 0.9 ? " bad" : success < 0.99 ? " warn" : "";
    return (
      <>
        <td class="num">{formatCount(endedOf(row))}</td>
        <td class={`num${tone}`}>{formatShare(success)}</td>
        {(["p50", "p95", "p99"] as const).map((name) => (
          <td key={name} class={name === "p95" ? "num" : "num wide"}>
            {times === null ? "–" : formatDuration(times[name])}
          </td>
        ))}
      </>
    );
  };
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Figures by type">
      <table class="snug">
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col" class="wide">Share</th>
            <th scope="col" class="num">Ended</th>
            <th scope="col" class="num">Success</th>
            <th scope="col" class="num wide">p50</th>
            <th scope="col" class="num">p95</th>
            <th scope="col" class="num wide">p99</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.type}>
              <th scope="row" class="mono type cut">
                <a href={`${base}/admin/jobs?type=${encodeURIComponent(row.type)}`} aria-current="false">
                  <Text>{row.type}</Text>
                </a>
              </th>
              <td class="grow wide">
                <progress max={most} value={endedOf(row)} aria-label={`${row.type}, beside the others`} />
              </td>
              {cells(row)}
            </tr>
          ))}
        </tbody>
        {rows.length > 1 && (
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <td class="wide"></td>
              {cells(total)}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** What the chart shows, in numbers: the newest first. */
function Figures({ bars, time, label }: {
  bars: readonly Bar[];
  time: (at: number) => string;
  label: string;
}) {
  return (
    <div class="scroll figures" tabIndex={0} role="region" aria-label={label}>
      <table class="snug">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="num">Completed</th>
            <th scope="col" class="num">Failed</th>
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map(({ at, completed, failed }) => (
            <tr key={at}>
              <th scope="row" class="plain">{time(at)}</th>
              <td class="num">{formatCount(completed)}</td>
              <td class={failed > 0 ? "num bad" : "num"}>{formatCount(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A share of one: `99.4 %`. */
function formatShare(share: number): string {
  return `${formatCount(share * 100)} %`;
}
