/** @jsxImportSource preact */
import type { WholeJob } from "../../lib/job.ts";
import { isFinal } from "../../lib/job-status.ts";
import { usePage } from "../../lib/page-info.ts";
import { Icon } from "../Icon.tsx";
import type { Asked } from "./JobDialogs.tsx";

/** What an admin may do with a job of this status. */
export function JobActions({ job, onAsk, onRetry, onRunNow }: {
  job: WholeJob;
  onAsk: (what: Asked) => void;
  onRetry: () => Promise<void>;
  onRunNow: () => Promise<void>;
}) {
  if (usePage().role !== "admin") return null;
  const button = (text: string, icon: string, onClick: () => void, kind = "") => (
    <button class={`btn ${kind}`} type="button" onClick={onClick}>
      <Icon name={icon} />
      {text}
    </button>
  );
  if (isFinal(job.status)) {
    return (
      <div class="row end">
        {button("Remove…", "trash", () => onAsk("remove"), "danger")}
        {button("Retry with edits…", "edit", () => onAsk("edit"))}
        {button("Retry", "retrying", () => void onRetry(), "main")}
      </div>
    );
  }
  if (job.status === "running") {
    return (
      <div class="row end">
        {job.cancelRequestedAt === null
          ? button("Cancel…", "stop", () => onAsk("cancel"), "danger")
          : (
            <button class="btn" type="button" disabled>
              <Icon name="stop" />Stopping
            </button>
          )}
      </div>
    );
  }
  return (
    <div class="row end">
      {button("Cancel…", "stop", () => onAsk("cancel"), "danger")}
      {button("Priority…", "edit", () => onAsk("priority"))}
      {button("Reschedule…", "scheduled", () => onAsk("reschedule"))}
      {job.status !== "pending" && button("Run now", "play", () => void onRunNow(), "main")}
    </div>
  );
}
