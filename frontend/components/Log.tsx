/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatUtc } from "../lib/format.ts";
import type { LogLine } from "../lib/job.ts";
import { usePage } from "../lib/page-info.ts";
import { Text } from "./Text.tsx";

/** As many lines as are rendered at first, the last ones, and as many more with each step. */
const SHOWN = 300;
/** How near to its end, in pixels, somebody reads who wants to see what comes. */
const NEAR = 40;

/** What a handler has written. Who looks at the end of it stays there while it grows. */
export function Log({ lines, label, isFollowed = false }: {
  lines: readonly LogLine[];
  label: string;
  /** Whether it grows: then it begins at its end. */
  isFollowed?: boolean;
}) {
  const { zone } = usePage();
  const [most, setMost] = useState(SHOWN);
  const well = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const shown = lines.slice(-most);
  const clock = clockIn(zone);
  useEffect(() => {
    if (isFollowed && isAtEnd && well.current !== null) well.current.scrollTop = well.current.scrollHeight;
  }, [lines.length, isFollowed, isAtEnd]);

  function look(
    { currentTarget: { scrollHeight, scrollTop, clientHeight } }: { currentTarget: HTMLElement },
  ) {
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR);
  }

  return (
    <>
      <div class="well logs" tabIndex={0} role="region" aria-label={label} ref={well} onScroll={look}>
        {lines.length > shown.length && (
          <button
            class="btn bare"
            type="button"
            onClick={() => setMost(most + SHOWN)}
          >
            {formatCount(lines.length - shown.length)} earlier lines
          </button>
        )}
        <ol class="log">
          {shown.map(({ at, level, message, fields }, i) => (
            <li key={lines.length - shown.length + i}>
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
          ))}
        </ol>
      </div>
      {isFollowed && !isAtEnd && (
        <button class="btn bare" type="button" onClick={() => setAtEnd(true)}>Follow the end</button>
      )}
    </>
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
