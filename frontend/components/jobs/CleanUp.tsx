/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { apiAt } from "../../lib/api.ts";
import { type BulkCount, countFinished, formatBulkCount } from "../../lib/bulk.ts";
import { formatJobs } from "../../lib/format.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { pageLive } from "../../lib/live.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";
import { Dialog } from "../Dialog.tsx";
import { Status } from "../Status.tsx";

const AGES = [["1h", "an hour"], ["1d", "a day"], ["7d", "7 days"], ["30d", "30 days"], [
  "90d",
  "90 days",
]] as const;
const STATUSES = ["completed", "failed", "cancelled"] as const;

/** Milliseconds without another choice after which it is counted. */
const CALM = 250;

/** Asks which finished jobs to remove, and says how many that are before it does. For islands. */
export function CleanUp({ onClose }: { onClose: () => void }) {
  const base = useBase();
  const api = apiAt(base);
  const age = useSignal<string>("7d");
  const statuses = useSignal<readonly typeof STATUSES[number][]>(["completed"]);
  const count = useSignal<BulkCount | null>(null);
  const refusal = useSignal("");
  const isBusy = useSignal(false);

  useEffect(() => {
    const given = new AbortController();
    count.value = null;
    const timer = setTimeout(async () => {
      try {
        const found = await countFinished(
          api,
          { olderThan: age.value, statuses: statuses.value },
          given.signal,
        );
        if (!given.signal.aborted) count.value = found;
      } catch (error) {
        if (!given.signal.aborted) refusal.value = reasonOf(error);
      }
    }, CALM);
    return () => {
      clearTimeout(timer);
      given.abort();
    };
  }, [age.value, statuses.value]);

  function toggle(status: typeof STATUSES[number]) {
    const chosen = statuses.value;
    statuses.value = STATUSES.filter((one) => chosen.includes(one) !== (one === status));
  }

  async function remove() {
    isBusy.value = true;
    refusal.value = "";
    try {
      const json = { olderThan: age.value, status: [...statuses.value] };
      const { removed } = await (await api.jobs.cleanup.$post({ json })).json();
      onClose();
      toast("good", `Removed ${formatJobs(removed)}`);
      pageLive(base).refresh();
    } catch (error) {
      refusal.value = reasonOf(error);
      isBusy.value = false;
    }
  }

  const found = count.value;
  const isNone = found?.matched === 0 || statuses.value.length === 0;
  const jobs = found === null
    ? "jobs"
    : `${formatBulkCount(found)} ${found.matched === 1 && found.complete ? "job" : "jobs"}`;
  return (
    <Dialog
      title="Clean up finished jobs"
      onClose={onClose}
      actions={
        <>
          <button
            class="btn main danger"
            type="button"
            disabled={found === null || isNone || isBusy.value}
            onClick={() => void remove()}
          >
            {isBusy.value ? `Removing ${jobs}…` : `Remove ${isNone ? "no jobs" : jobs}`}
          </button>
          <button class="btn" type="button" onClick={onClose}>Keep them</button>
        </>
      }
    >
      <div>
        <label for="clean-age">Finished longer ago than</label>
        <select
          id="clean-age"
          value={age.value}
          onChange={({ currentTarget }) => age.value = currentTarget.value}
        >
          {AGES.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
      </div>
      <fieldset>
        <legend class="label">Status</legend>
        <div class="row checks">
          {STATUSES.map((status) => (
            <label key={status}>
              <input
                type="checkbox"
                checked={statuses.value.includes(status)}
                onChange={() => toggle(status)}
              />
              <Status status={status} />
            </label>
          ))}
        </div>
      </fieldset>
      <p class="soft" role="status">
        {statuses.value.length === 0
          ? "Choose a status."
          : found === null
          ? "Counting…"
          : isNone
          ? "No job is that old."
          : `${jobs} go, with their logs. This cannot be undone. Unfinished jobs stay.`}
      </p>
      {refusal.value !== "" && <p class="bad" role="alert">Cannot clean up: {refusal.value}</p>}
    </Dialog>
  );
}
