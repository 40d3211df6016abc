/** @jsxImportSource preact */
import { formatCount } from "../lib/format.ts";

/** Pixels that the longest bar is high. */
const HEIGHT = 22;

/** One bar for each hour, the present one at the right: the longest fills the height, none at all is a line. */
export function HourBars({ counts, what }: { counts: readonly number[]; what: string }) {
  const most = Math.max(1, ...counts);
  const width = 100 / counts.length;
  const label = `${what}: ${formatCount(counts.reduce((sum, n) => sum + n, 0))} in ${counts.length} hours`;
  return (
    <svg class="spark" role="img" aria-label={label}>
      <title>{label}</title>
      <g class="bars">
        {counts.map((count, i) => {
          const height = Math.max(1, Math.round(HEIGHT * count / most));
          return (
            <rect
              key={i}
              class={count === 0 ? "none" : undefined}
              x={`${(i * width).toFixed(2)}%`}
              y={HEIGHT - height}
              width={`${(0.78 * width).toFixed(2)}%`}
              height={height}
            />
          );
        })}
      </g>
    </svg>
  );
}

/** Jobs a minute: `26`, or `0.4` where there are few. */
export function formatRate(perMinute: number): string {
  if (perMinute === 0 || perMinute >= 9.95) return formatCount(Math.round(perMinute));
  return perMinute < 0.05 ? "< 0.1" : perMinute.toFixed(1);
}
