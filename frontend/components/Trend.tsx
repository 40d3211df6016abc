/** @jsxImportSource preact */

/** Pixels of the tallest bar. */
const HEIGHT = 22;

/** How often something failed, over time: the latest at the right, the same height for the most of each row. */
export function Trend({ series, label }: { series: readonly number[]; label: string }) {
  const most = Math.max(1, ...series);
  const step = 100 / series.length;
  return (
    <svg class="spark" role="img" aria-label={label}>
      <g class="bars">
        {series.map((count, i) => {
          const height = count === 0 ? 1 : Math.max(3, Math.round(count / most * HEIGHT));
          return (
            <rect
              key={i}
              x={`${(i * step).toFixed(2)}%`}
              y={HEIGHT - height}
              width={`${(step * .78).toFixed(2)}%`}
              height={height}
              data-status={count > 0 ? "failed" : undefined}
            />
          );
        })}
      </g>
    </svg>
  );
}
