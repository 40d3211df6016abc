/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { type Draft, hasJob } from "../lib/schedule-draft.ts";
import { partsOf } from "../lib/expression.ts";
import { DST } from "../lib/schedule-times.ts";
import { MISSED, OVERLAP } from "../lib/schedule-words.ts";
import type { Explanation, Fault, Schedule } from "../lib/schedules.ts";
import { CronPreview, SyntaxFault } from "./CronPreview.tsx";
import { Choice, Field } from "./Field.tsx";

/** The fields of a schedule, with what its expression means beside them. A viewer tries expressions alone. */
export function CronForm({ draft, schedule, explained, faults, isAdmin, isBusy, now, onChange }: {
  draft: Draft;
  /** null: a new one. */
  schedule: Schedule | null;
  explained: Explanation;
  /** What was refused when it was sent. */
  faults: readonly Fault[];
  isAdmin: boolean;
  isBusy: boolean;
  now: number;
  onChange: (changed: Partial<Draft>) => void;
}) {
  const [zones, setZones] = useState<readonly string[]>([]);
  useEffect(() => setZones(["UTC", ...Intl.supportedValuesOf("timeZone")]), []); // hundreds: not in the page as sent
  const all = "fault" in explained ? [explained.fault, ...faults] : faults;
  const of = (path: string) => all.find((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
  const onExpression = of("expression") ?? all.find(({ path }) => path === "");
  const text = (field: keyof Draft, path: string = field) => ({
    id: `edit-${field}`,
    value: draft[field],
    "aria-invalid": of(path) === undefined ? undefined : "true" as const,
    "aria-describedby": of(path) === undefined ? undefined : `edit-${field}-fault`,
    onInput: (event: { currentTarget: { value: string } }) =>
      onChange({ [field]: event.currentTarget.value }),
  });
  const parts = partsOf(draft.expression);
  const known = new Set([
    "name",
    "expression",
    "timezone",
    "missedLimit",
    "jitter",
    "startAt",
    "endAt",
    "maxRuns",
  ]);
  const others = faults.filter(({ path }) => !known.has(path) && !/^job\.(type|data|options)\b/.test(path));
  return (
    <>
      {isAdmin && schedule === null && (
        <Field id="edit-name" label="Name" fault={of("name")?.message}>
          <input {...text("name")} required maxLength={100} spellcheck={false} autocomplete="off" />
        </Field>
      )}
      <div>
        <label for="edit-expression">Expression</label>
        <input
          {...text("expression")}
          class="mono"
          name="expression"
          spellcheck={false}
          autocomplete="off"
          aria-describedby={onExpression === undefined ? "words" : "expression-fault"}
        />
        {onExpression !== undefined
          ? (
            <SyntaxFault
              fault={onExpression}
              expression={draft.expression}
              onMend={(expression) => onChange({ expression })}
            />
          )
          : parts.length > 0 && (
            <dl class="slots" data-parts={parts.length} aria-label="Parts">
              {parts.map(([name, part]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd class="cut" title={part}>{part}</dd>
                </div>
              ))}
            </dl>
          )}
      </div>
      <div class="pair">
        <Field id="edit-timezone" label="Time zone" fault={of("timezone")?.message}>
          <input {...text("timezone")} name="timezone" list="zones" spellcheck={false} autocomplete="off" />
          <datalist id="zones">{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
        </Field>
        <Choice
          id="edit-dst"
          label="Clock changes"
          name="dst"
          value={draft.dst}
          options={DST}
          onChange={(dst) => onChange({ dst })}
        />
        {isAdmin && (
          <>
            <Choice
              id="edit-missed"
              label="Missed while down"
              value={draft.missed}
              options={MISSED}
              onChange={(missed) => onChange({ missed })}
            />
            <Choice
              id="edit-overlap"
              label="Still running"
              value={draft.overlap}
              options={OVERLAP}
              onChange={(overlap) => onChange({ overlap })}
            />
          </>
        )}
      </div>
      <CronPreview explained={explained} zone={draft.timezone} now={now} isBusy={isBusy} />
      {isAdmin && hasJob(schedule) && (
        <details class="fold boxed" open={schedule === null || of("job") !== undefined}>
          <summary>
            <strong>Job</strong> <span class="soft cut">{draft.type}</span>
          </summary>
          <div class="body">
            <Field id="edit-type" label="Type" fault={of("job.type")?.message}>
              <input
                {...text("type", "job.type")}
                class="mono"
                required
                spellcheck={false}
                autocomplete="off"
              />
            </Field>
            <Field id="edit-data" label="Data, as JSON" fault={of("job.data")?.message}>
              <textarea {...text("data", "job.data")} rows={5} spellcheck={false} />
            </Field>
            <Field id="edit-options" label="Options, as JSON" fault={of("job.options")?.message}>
              <textarea {...text("options", "job.options")} rows={3} spellcheck={false} />
            </Field>
          </div>
        </details>
      )}
      {isAdmin && (
        <details
          class="fold boxed"
          open={["jitter", "startAt", "endAt", "maxRuns"].some((path) => of(path) !== undefined)}
        >
          <summary>
            <strong>Limits</strong>
          </summary>
          <div class="body pair">
            <Field id="edit-startAt" label="Not before" fault={of("startAt")?.message}>
              <input {...text("startAt")} type="datetime-local" step={1} />
            </Field>
            <Field id="edit-endAt" label="Not after" fault={of("endAt")?.message}>
              <input {...text("endAt")} type="datetime-local" step={1} />
            </Field>
            <Field id="edit-maxRuns" label="Runs at most" fault={of("maxRuns")?.message}>
              <input {...text("maxRuns")} inputMode="numeric" placeholder="no limit" />
            </Field>
            <Field id="edit-jitter" label="Later by up to" fault={of("jitter")?.message}>
              <input {...text("jitter")} spellcheck={false} />
            </Field>
            <Field id="edit-missedLimit" label="Missed runs at most" fault={of("missedLimit")?.message}>
              <input {...text("missedLimit")} inputMode="numeric" />
            </Field>
          </div>
        </details>
      )}
      {others.map(({ path, message }) => <p key={path} class="bad" role="alert">{`${path}: ${message}`}</p>)}
    </>
  );
}
