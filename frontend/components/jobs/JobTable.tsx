/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useBase, usePage } from "../../lib/page-info.ts";
import type { Around, JobRow as Job } from "../../lib/jobs.ts";
import { isByAge, jobPath, type JobsQuery, placeOf } from "../../lib/jobs-query.ts";
import { type JobAction, JobRow } from "./JobRow.tsx";

/** The rows of a page of jobs. */
export function JobTable({ rows, gone, around, query, now, selected, onSelect, onAction, children }: {
  rows: readonly Job[];
  gone: ReadonlySet<string>;
  around: Around;
  query: JobsQuery;
  now: number;
  /** null: nobody may select or change any. */
  selected: ReadonlySet<string> | null;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
  onAction: (job: Job, action: JobAction) => void;
  /** Stands over the table, in nobody's way. */
  children?: ComponentChildren;
}) {
  const base = useBase();
  const { zone } = usePage();
  const chosen = rows.filter(({ id }) => selected?.has(id)).length;
  return (
    <section class="panel jobs" id="table">
      <h2 class="hidden" id="matching">Matching jobs</h2>
      {children}
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="matching">
        <table class="cards">
          <thead>
            <tr>
              {selected !== null && (
                <th scope="col">
                  <input
                    type="checkbox"
                    checked={chosen > 0 && chosen === rows.length}
                    indeterminate={chosen > 0 && chosen < rows.length}
                    aria-label="Select all jobs of this page"
                    onChange={() => onSelect(rows.map(({ id }) => id), chosen < rows.length)}
                  />
                </th>
              )}
              <th scope="col">Status</th>
              <th scope="col">Type</th>
              <th scope="col">Data</th>
              <th scope="col">Now</th>
              <th scope="col" class="roomy">Queue</th>
              <th scope="col" class="num roomy">Priority</th>
              <th scope="col" class="num">Attempts</th>
              <th scope="col" class="num" aria-sort={isByAge(query) ? "ascending" : undefined}>Age</th>
              <th scope="col" class="num">Duration</th>
              <th scope="col">Worker</th>
              {selected !== null && (
                <th scope="col">
                  <span class="hidden">Action</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((job, i) => (
              <JobRow
                key={job.id}
                job={job}
                href={base + jobPath(job.id, query)}
                now={now}
                zone={zone}
                around={around}
                place={placeOf(query, i)}
                isGone={gone.has(job.id)}
                isSelected={selected === null ? null : selected.has(job.id)}
                onSelect={(id, isSelected) => onSelect([id], isSelected)}
                onAction={onAction}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
