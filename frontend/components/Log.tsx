/** @jsxImportSource preact */
import { formatCount, formatUtc } from "../lib/format.ts";
import type { LogLine } from "../lib/job.ts";
import { usePage } from "../lib/page-info.ts";
import { Text } from "./Text.tsx";

/** As many lines as are shown at first, the last ones: those before them are folded. */
const SHOWN = 300;

/** How a log grows that is followed: `refreshParts()` adds lines to those that are shown. */
interface LogGrowth {
  /** What the reader has, of which the lines are the rest; undefined: nothing. */
  known: string | undefined;
  /** What the reader has with them. */
  next: string;
  /** What to say until there is a line. */
  nothing: string;
}

/** What a handler has written. */
export function Log({ lines, label, growth }: {
  lines: readonly LogLine[];
  label: string;
  growth?: LogGrowth;
}) {
  const clock = clockIn(usePage().zone);
  const earlier = growth?.known === undefined ? lines.slice(0, -SHOWN) : [];
  const lineOf = ({ at, level, message, fields }: LogLine, i: number) => (
    <li key={i}>
      <time dateTime={at} title={formatUtc(at)}>{clock(at)}</time>
      <span class={level === "error" ? "bad" : level === "warn" ? "warn" : "soft mono"}>{level}</span>
      <span>
        <Text>{message}</Text>
        {fields !== undefined && (
          <>
            {" "}
            <span class="soft mono">
              <Text>{JSON.stringify(fields)}</Text>
            </span>
          </>
        )}
      </span>
    </li>
  );
  return (
    <div class="well logs" tabIndex={0} role="region" aria-label={label}>
      <ol class="log" data-known={growth?.known} data-next={growth?.next}>
        {earlier.length > 0 && (
          <li class="earlier">
            <details>
              <summary class="btn bare">{formatCount(earlier.length)} earlier lines</summary>
              <ol class="log">{earlier.map(lineOf)}</ol>
            </details>
          </li>
        )}
        {lines.slice(earlier.length).map(lineOf)}
      </ol>
      {growth !== undefined && <p class="soft">{growth.nothing}</p>}
    </div>
  );
}

/** Makes what writes times of the day in `zone`, to the millisecond: `14:32:05.120`. */
function clockIn(zone: string): (at: string | number) => string {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  });
  return (at) => format.format(new Date(at));
}
