/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { shapesOf, ticksOf, UP, ZERO } from "../lib/chart.ts";
import { formatCount } from "../lib/format.ts";
import type { Bar, Mark } from "../lib/overview.ts";
import { usePage } from "../lib/page-info.ts";

/** Hundredths of the width that a label needs on a phone, and where there is more room. */
const LABEL = 11;
const WIDE_LABEL = 7;

/** How many jobs completed, above the line, and failed, below it. `label` says the same in a sentence. */
export function Chart({ bars, step, marks, label, unit, onPoint }: {
  bars: readonly Bar[];
  /** Width of a bar, milliseconds. */
  step: number;
  marks: readonly Mark[];
  label: string;
  /** What a bar is the number of: "per minute". */
  unit: string;
  /** The bar under the pointer; null: none. */
  onPoint: (bar: Bar | null) => void;
}) {
  const { zone } = usePage();
  const [pointed, setPointed] = useState<number | null>(null);
  // The browser may know a better zone than the server did, and hydration leaves attributes as they are.
  const [isReady, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  const { top, shapes } = shapesOf(bars);
  const x = (index: number) => `${(index / bars.length * 100).toFixed(2)}%`;
  const width = `${(78 / bars.length).toFixed(2)}%`;
  const from = bars[0]?.at ?? 0;

  function point(index: number | null) {
    setPointed(index);
    onPoint(index === null ? null : bars[index] ?? null);
  }

  function onMove({ currentTarget, clientX }: { currentTarget: SVGSVGElement; clientX: number }) {
    const { left, width } = currentTarget.getBoundingClientRect();
    point(Math.max(0, Math.min(bars.length - 1, Math.floor((clientX - left) / width * bars.length))));
  }

  return (
    <svg
      key={isReady ? zone : ""}
      class="chart"
      role="img"
      aria-label={label}
      onPointerMove={onMove}
      onPointerDown={onMove}
      onPointerLeave={() => point(null)}
    >
      {pointed !== null && (
        <rect class="pointed" x={x(pointed)} y={14} width={`${100 / bars.length}%`} height={205} />
      )}
      <line x1="0" x2="100%" y1={ZERO - UP} y2={ZERO - UP} />
      <line x1="0" x2="100%" y1={ZERO - UP / 2} y2={ZERO - UP / 2} />
      <g class="bars">
        {shapes.map(({ up }, i) =>
          up > 0 && <rect key={i} x={x(i)} y={ZERO - up} width={width} height={up} />
        )}
        {shapes.map(({ down }, i) =>
          down > 0 && <rect key={i} data-status="failed" x={x(i)} y={ZERO + 1} width={width} height={down} />
        )}
      </g>
      <line class="zero" x1="0" x2="100%" y1={ZERO + .5} y2={ZERO + .5} />
      <Marks marks={marks} place={(at) => (at - from) / (step * bars.length) * 100} />
      <text x="0" y={ZERO - UP - 5}>
        {formatCount(top)}
        <tspan class="wide">{` ${unit}`}</tspan>
      </text>
      <g>
        {ticksOf(bars, step, zone).map(({ index, text }, i) => {
          const at = index / bars.length * 100;
          const isWide = i % 2 === 1;
          const room = isWide ? WIDE_LABEL : LABEL;
          return (i === 0 || at > 1.5 * room && at < 100 - room) && (
            <text
              key={index}
              class={isWide ? "wide" : undefined}
              x={x(index)}
              y={239}
              text-anchor={i === 0 ? undefined : "middle"}
            >
              {text}
            </text>
          );
        })}
      </g>
      <text x="100%" y={239} text-anchor="end">now</text>
    </svg>
  );
}

/** Lines with names; where they would lie upon each other the later one has its name. */
function Marks({ marks, place }: { marks: readonly Mark[]; place: (at: number) => number }) {
  return (
    <>
      {marks.map(({ at, text }, i) => {
        const x = place(at);
        const next = marks[i + 1];
        const x1 = `${x.toFixed(2)}%`;
        return (
          <g key={at} class="mark">
            <line x1={x1} x2={x1} y1={14} y2={217} />
            {(next === undefined || place(next.at) - x > LABEL) && (
              <text x={x1} y={10} text-anchor={x < 10 ? "start" : x > 90 ? "end" : "middle"}>
                {text.length > 16 ? `${text.slice(0, 15)}…` : text}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}
