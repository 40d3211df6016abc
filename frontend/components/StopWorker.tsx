/** @jsxImportSource preact */
import { formatCount } from "../lib/format.ts";
import type { Worker } from "../lib/workers.ts";
import { Dialog } from "./Dialog.tsx";

/** Asks whether a worker shall stop. */
export function StopWorker({ worker, onStop, onClose }: {
  worker: Worker;
  onStop: (worker: Worker) => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={`Stop ${worker.id}?`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main danger" type="button" onClick={() => onStop(worker)}>Stop 1 worker</button>
          <button class="btn" type="button" onClick={onClose}>Let it run</button>
        </>
      }
    >
      <p>
        It takes no more jobs, lets {jobsThatEnd(worker)}{" "}
        and exits. What does not end in time goes back and runs elsewhere.
      </p>
      <p class="soft">
        If this dashboard is served by the same process, it goes with it until something starts that again.
      </p>
    </Dialog>
  );
}

/** `its 3 running jobs end`. */
function jobsThatEnd({ jobs }: Worker): string {
  if (jobs.length === 0) return "what it runs end";
  return jobs.length === 1 ? "its running job end" : `its ${formatCount(jobs.length)} running jobs end`;
}
