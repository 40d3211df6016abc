/** @jsxImportSource preact */
import { BULK, BULK_ACTIONS, type BulkAction, type BulkCounts, formatBulkCount } from "../../lib/bulk.ts";
import { formatCount } from "../../lib/format.ts";
import { useBase } from "../../lib/page-info.ts";
import { Icon } from "../Icon.tsx";

/** What is selected, and what can be done with it. */
export function BulkBar({ count, isAll, counts, onAll, onAction, onClear }: {
  /** Jobs selected one by one. */
  count: number;
  /** All that match are selected, on other pages too. */
  isAll: boolean;
  /** null: they are still counted. */
  counts: BulkCounts | null;
  /** Selects all that match; null where there are no others. */
  onAll: (() => void) | null;
  onAction: (action: BulkAction) => void;
  onClear: () => void;
}) {
  const all = counts === null ? "" : ` ${
    formatBulkCount({
      matched: counts.cancel.matched + counts.remove.matched,
      complete: counts.cancel.complete && counts.remove.complete,
    })
  }`;
  return (
    <div class="bulk" role="region" aria-label="Selection">
      <strong role="status">{isAll ? `All${all} matching` : `${formatCount(count)} selected`}</strong>
      {onAll && <button class="link" type="button" onClick={onAll}>Select all that match</button>}
      {counts === null && <span>Counting…</span>}
      {counts !== null &&
        BULK_ACTIONS.filter((action) => counts[action].matched > 0).map((action) => (
          <button
            key={action}
            class="btn"
            type="button"
            onClick={() => onAction(action)}
          >
            <span>
              {BULK[action].verb} {formatBulkCount(counts[action])}
              <span class="wide">&#32;{BULK[action].which}</span>
              {action === "retry" ? "" : "…"}
            </span>
          </button>
        ))}
      <button
        class="btn square"
        type="button"
        aria-label="Clear selection"
        title="Clear selection"
        onClick={onClear}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** A bulk job under way. */
export interface BulkProgress {
  id: string;
  action: BulkAction;
  /** null: it waits for a worker. */
  percent: number | null;
}

export function BulkProgressBar({ bulk: { id, action, percent }, onClose }: {
  bulk: BulkProgress;
  onClose: () => void;
}) {
  const doing = BULK[action].doing;
  return (
    <div class="bulk" role="region" aria-label={`${doing} jobs`}>
      <strong role="status">{doing} jobs</strong>
      <progress max={100} value={percent ?? undefined} aria-label={`${doing} jobs`} />
      <span>{percent === null ? "waits for a worker" : `${percent} %`}</span>
      <a class="btn" href={`${useBase()}/admin/jobs/${encodeURIComponent(id)}`}>Open</a>
      <button
        class="btn square"
        type="button"
        aria-label="Hide; it goes on"
        title="Hide; it goes on"
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
