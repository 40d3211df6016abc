/** @jsxImportSource preact */
import type { TargetedSubmitEvent } from "preact";
import { formatJobs } from "../lib/format.ts";
import { visible } from "../lib/preview.ts";
import type { QueueRow } from "../lib/queues.ts";
import { Dialog } from "./Dialog.tsx";

/** Asks why a queue shall pause. No answer is one too: Enter pauses it. */
export function PauseQueue({ queue: { name, counts: { running } }, onPause, onClose }: {
  queue: QueueRow;
  /** Told why; empty: nobody said. */
  onPause: (name: string, note: string) => void;
  onClose: () => void;
}) {
  function send(event: TargetedSubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    onPause(name, String(new FormData(event.currentTarget).get("note")).trim());
  }

  return (
    <Dialog
      title={`Pause ${visible(name)}?`}
      onClose={onClose}
      actions={
        <>
          <button class="btn main" type="submit" form="pause">
            <span class="cut">Pause {visible(name)}</span>
          </button>
          <button class="btn" type="button" onClick={onClose}>Let it run</button>
        </>
      }
    >
      <p class="soft">
        Its jobs wait until somebody resumes it; new ones are accepted.
        {running > 0 && ` ${formatJobs(running)} that ${running === 1 ? "runs goes" : "run go"} on.`}
      </p>
      <form id="pause" onSubmit={send}>
        <label for="pause-note">Why, for others to read (optional)</label>
        <input id="pause-note" name="note" maxLength={200} autocomplete="off" />
      </form>
    </Dialog>
  );
}
