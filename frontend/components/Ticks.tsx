/** @jsxImportSource preact */
import { formatUtc } from "../lib/format.ts";
import { clockShown, formatShown, formatTick } from "../lib/schedule-times.ts";
import { formatFromNow } from "../lib/schedule-words.ts";
import type { ClockChange } from "../lib/schedules.ts";
import { Note } from "./Note.tsx";

/** The next times of a schedule on its own clocks; those that a change of the clocks moves, leaves out or repeats are marked. */
export function Ticks({ times, zone, clockChanges, now }: {
  times: readonly string[];
  zone: string;
  clockChanges: readonly ClockChange[];
  now: number;
}) {
  const isLong = new Set([new Date(now).toISOString(), ...times].map((at) => at.slice(0, 4))).size > 1;
  const skipped = clockChanges.filter(({ effect }) => effect === "skipped");
  return (
    <ol class={isLong ? "times long" : "times"}>
      {times.flatMap((at, i) => {
        const mark = markOf(at, clockChanges);
        const before = skipped.filter((change) => change.at <= at && change.at > (times[i - 1] ?? ""));
        const text = formatTick(at, zone, now);
        return [
          ...before.map((change) => (
            <li key={`skipped ${change.at}`} class="warn left-out">
              <s>{formatShown(change.time, now)}</s> skipped
            </li>
          )),
          <li key={at} class={mark === null ? undefined : "warn"}>
            <time dateTime={at} title={`${formatFromNow(at, now)}, ${formatUtc(at)}`}>
              {mark === null ? text : <strong>{text}</strong>}
            </time>
            {mark && ` ${mark}`}
          </li>,
        ];
      })}
    </ol>
  );
}

/** Says what each change of the clocks does to the times; of the first ones. */
export function ClockNotes({ clockChanges, zone, now }: {
  clockChanges: readonly ClockChange[];
  zone: string;
  now: number;
}) {
  const city = zone.split("/").at(-1)?.replaceAll("_", " ");
  return (
    <>
      {clockChanges.slice(0, 2).map(({ at, effect, time, from, to }) => {
        const [day] = formatShown(time, now).split(/, (?=[^,]*$)/);
        const isTwice = effect === "twice";
        return (
          <Note
            key={at}
            status="warn"
            icon="scheduled"
            title={isTwice ? `${day} has ${clockShown(time)} twice` : `${day} has no ${clockShown(time)}`}
          >
            Clocks in {city} go {isTwice && "back"} from {clockShown(from)} to {clockShown(to)}. {isTwice
              ? "It runs both times."
              : effect === "moved"
              ? `It runs once, at ${clockShown(to)}.`
              : "It does not run then."}
          </Note>
        );
      })}
    </>
  );
}

function markOf(at: string, clockChanges: readonly ClockChange[]): string | null {
  for (const change of clockChanges) {
    if (change.effect === "moved" && change.at === at) return "moved";
    const again = Date.parse(at) - Date.parse(change.at);
    const length = Date.parse(`${change.from}Z`) - Date.parse(`${change.to}Z`);
    if (change.effect === "twice" && again >= 0 && again < length) return "again";
  }
  return null;
}
