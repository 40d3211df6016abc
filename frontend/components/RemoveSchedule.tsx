/** @jsxImportSource preact */
import type { ScheduleRow } from "../lib/schedules.ts";
import { Dialog } from "./Dialog.tsx";

/** Asks whether a schedule shall go. */
export function RemoveSchedule({ schedule, onRemove, onClose }: {
  schedule: ScheduleRow;
  onRemove: (name: string) => void;
  onClose: () => void;
}) {
  const { name, createdBy } = schedule;
  return (
    <Dialog
      title={`Remove ${name}?`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main danger" type="button" onClick={() => onRemove(name)}>
            Remove 1 schedule
          </button>
          <button class="btn" type="button" onClick={onClose}>Keep it</button>
        </>
      }
    >
      <p>It fires no more, and its history goes with it. The jobs it has added stay.</p>
      {createdBy === null && (
        <p class="soft">
          If code declares it, it comes back when such a program starts: switch it off to keep it from firing.
        </p>
      )}
    </Dialog>
  );
}
