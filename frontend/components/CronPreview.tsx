/** @jsxImportSource preact */
import { mended } from "../lib/expression.ts";
import { reasonIn } from "../lib/schedule-words.ts";
import type { Explanation, Fault } from "../lib/schedules.ts";
import { Note } from "./Note.tsx";
import { ClockNotes, Ticks } from "./Ticks.tsx";

/** What an expression means: in words, what to be warned of, and the next times. */
export function CronPreview({ explained, zone, now, isBusy }: {
  explained: Explanation;
  zone: string;
  now: number;
  isBusy: boolean;
}) {
  if ("fault" in explained) return null;
  const { description, warnings, clockChanges, next, neverFires } = explained.preview;
  const [, words = description, place = ""] = /^(.*) (\([^()]*\))$/.exec(description) ?? [];
  const days = { clockChanges, zone, now };
  return (
    <div class="stack" aria-busy={isBusy ? "true" : "false"}>
      <p id="words" role="status">
        <strong>{words}</strong> <span class="soft">{place}</span>
      </p>
      {warnings.map((warning) => <Note key={warning} status="warn" icon="errors" title={warning} />)}
      <ClockNotes {...days} />
      <section aria-labelledby="next-times">
        <h3 class="label" id="next-times">Next times, {zone}</h3>
        {next.length === 0
          ? <p class="soft">{neverFires ? "None, ever." : "None any more."}</p>
          : <Ticks times={next} {...days} />}
      </section>
    </div>
  );
}

/** Why an expression cannot be read: below where it is wrong, with what to write instead. */
export function SyntaxFault({ fault, expression, onMend }: {
  fault: Fault;
  expression: string;
  /** Without it no mending is offered. */
  onMend?: (expression: string) => void;
}) {
  const { field = "expression", column, suggestion, message } = fault;
  const better = column === undefined || !suggestion ? null : mended(expression, field, column, suggestion);
  const text = reasonIn(message);
  return (
    <div class="fault">
      {column !== undefined && column < 60 && (
        <pre class="caret" aria-hidden="true">{" ".repeat(column)}^</pre>
      )}
      <p class="bad" id="expression-fault">
        {column === undefined ? text : `${capital(field)}, column ${column + 1}: ${text}`}
      </p>
      {better !== null && (
        <p>
          {onMend
            ? (
              <button class="btn" type="button" onClick={() => onMend(better)}>
                Write <code>{better}</code>
              </button>
            )
            : (
              <>
                Write <code>{better}</code>
              </>
            )}
        </p>
      )}
    </div>
  );
}

function capital(text: string): string {
  return (text[0] ?? "").toUpperCase() + text.slice(1);
}
