/** @jsxImportSource preact */
import { formatUtc } from "../lib/format.ts";
import type { ScheduleRow } from "../lib/schedules.ts";
import { Icon } from "./Icon.tsx";

/** What is to know of a schedule besides when it runs. */
export function ScheduleMarks({ schedule }: { schedule: ScheduleRow }) {
  const { edited, broken, state, warnings } = schedule;
  return (
    <>
      {edited !== null && (
        <span class="tag" data-status="warn" title={`by ${edited.by ?? "somebody"}, ${formatUtc(edited.at)}`}>
          edited
        </span>
      )}{" "}
      {state === "not in code" && (
        <span class="tag" data-status="warn" title="No running code declares it any more: nothing fires">
          not in code
        </span>
      )} {broken !== null && (
        <span class="tag" data-status="failed" title={broken}>
          <Icon name="failed" />broken
        </span>
      )} {warnings.length > 0 && (
        <span class="tag" data-status="warn" title={warnings.join("\n")}>
          {warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`}
        </span>
      )}
    </>
  );
}

export function RunNow({ name, onRun }: { name: string; onRun: () => void }) {
  return <button class="btn" type="button" aria-label={`Run now: ${name}`} onClick={onRun}>Run now</button>;
}
