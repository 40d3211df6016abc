/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";
import { whatCodeSays } from "../lib/schedule-code.ts";
import type { Schedule } from "../lib/schedules.ts";
import { Note } from "./Note.tsx";

/**
 * What is wrong with a schedule, or else than code says. Rendered by the server alone: what goes back to code has
 * `data-revert`, and no listener of its own.
 */
export function ScheduleNotes({ schedule, now }: { schedule: Schedule; now: number }) {
  const { role, zone } = usePage();
  const { broken, state, warnings, edited } = schedule;
  return (
    <>
      {broken !== null && (
        <Note status="failed" icon="failed" title="It fires nothing until it is mended">{broken}</Note>
      )}
      {state === "not in code" && (
        <Note status="warn" icon="errors" title="It is not in code">
          No running program declares it any more, so that it fires nothing. It goes on when code declares it
          again.
        </Note>
      )}
      {warnings.map((warning) => <Note key={warning} status="warn" icon="errors" title={warning} />)}
      {edited !== null && (
        <Note
          status="warn"
          icon="edit"
          title="It is not as code says"
          action={role === "admin" && <button class="btn" type="button" data-revert>Back to code</button>}
        >
          {whatCodeSays(schedule, zone, now)}
        </Note>
      )}
    </>
  );
}
