/** @jsxImportSource preact */
import { formatDuration } from "../lib/format.ts";
import type { Stretch } from "../lib/job-life.ts";
import { Icon } from "./Icon.tsx";
import type { JobStatus } from "./Status.tsx";
import { Age, Time } from "./Time.tsx";

/** The least width of a stretch, and what is between two, in per cent. */
const LEAST = 1.2;
const BETWEEN = 0.4;

/** The life of a job as bars, work tall and waiting thin, and as a table. */
export function Timeline({ stretches, end, now }: {
  stretches: readonly Stretch[];
  /** How it ended, if it has. */
  end: { status: JobStatus; at: string } | null;
  now: number;
}) {
  const roots = stretches.map(({ from, to }) => Math.sqrt(Math.max(0, to - from)));
  const all = roots.reduce((sum, root) => sum + root, 0) || 1;
  const room = 100 - (LEAST + BETWEEN) * stretches.length;
  const words = stretches.map(({ status, label, isRun }) => isRun ? `${label} ${status}` : label).join(", ");
  let x = 0;
  return (
    <div class="body stack">
      <div>
        <svg class="strata" role="img" aria-label={words}>
          {stretches.map((stretch, i) => {
            const width = LEAST + (roots[i] ?? 0) / all * room;
            const from = x;
            x += width + BETWEEN;
            return (
              <rect
                key={i}
                data-status={stretch.status}
                x={`${from.toFixed(2)}%`}
                width={`${width.toFixed(2)}%`}
                y={stretch.isRun ? 0 : 4}
                height={stretch.isRun ? 14 : 6}
                rx={2}
              >
                <title>{`${stretch.label}, ${formatDuration(stretch.to - stretch.from)}`}</title>
              </rect>
            );
          })}
        </svg>
        <p class="soft scale">Widths grow with the square root of the time.</p>
      </div>
      <ol class="steps">
        {stretches.map((stretch, i) => (
          <li key={i} data-status={stretch.status}>
            <Icon name={stretch.isRun ? "running" : stretch.status} />
            <span>{stretch.label}</span>
            <span class="soft">
              <Time at={new Date(stretch.from).toISOString()} now={now} isBrief />
            </span>
            <span class="num">{formatDuration(stretch.to - stretch.from)}</span>
          </li>
        ))}
        {end !== null && (
          <li data-status={end.status}>
            <Icon name={end.status} />
            <strong class={end.status === "failed" ? "bad" : undefined}>
              {end.status[0]?.toUpperCase() + end.status.slice(1)}
            </strong>
            <span class="soft">
              <Time at={end.at} now={now} isBrief />
            </span>
            <span class="num soft">
              <Age at={end.at} now={now} /> ago
            </span>
          </li>
        )}
      </ol>
    </div>
  );
}
