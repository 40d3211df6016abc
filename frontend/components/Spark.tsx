/** @jsxImportSource preact */
import { describeRuns } from "../lib/schedule-words.ts";
import type { Outcome } from "../lib/schedules.ts";

/** Runs that have a place in the strip. */
const PLACES = 20;

/** How the last runs ended, the latest at the right: failures hang below, what did not run is hollow. */
export function Spark({ outcomes }: { outcomes: readonly Outcome[] }) {
  const shown = outcomes.slice(0, PLACES);
  const label = describeRuns(shown);
  return (
    <svg class="strata spark" role="img" aria-label={label}>
      <title>{label}</title>
      {Array.from(
        { length: PLACES - shown.length },
        (_, i) => <rect key={i} class="none" x={`${i * 5}%`} y={12} width="3.4%" height={1.5} />,
      )}
      {shown.map((outcome, i) => <Bar key={`run ${i}`} outcome={outcome} x={`${(PLACES - 1 - i) * 5}%`} />)}
    </svg>
  );
}

function Bar({ outcome, x }: { outcome: Outcome; x: string }) {
  switch (outcome) {
    case "missed":
    case "skipped":
    case "removed":
      return <rect class="free" x={x} y={4.5} width="3.2%" height={8} rx={1} />;
    case "failed":
    case "refused":
      return <rect data-status="failed" x={x} y={13} width="3.4%" height={9} rx={1} />;
    case "cancelled":
      return <rect data-status="cancelled" x={x} y={9} width="3.4%" height={4} rx={1} />;
    default:
      return <rect data-status={outcome} x={x} y={4} width="3.4%" height={9} rx={1} />;
  }
}
