/** @jsxImportSource preact */
import type { QueueRow } from "../lib/queues.ts";
import { Text } from "./Text.tsx";
import { Age, roundAge } from "./Time.tsx";

/** Who paused a queue, how long ago and why: a sentence, of what is known. */
export function PausedBy({ pause, now }: { pause: QueueRow["pause"]; now: number }) {
  if (pause === null) return null;
  const { at, by, note } = pause;
  const isNew = now - Date.parse(at) < 60_000;
  return (
    <>
      {by !== null && (
        <>
          By <Text>{by}</Text>
          {" "}
        </>
      )}
      {isNew ? <time dateTime={at}>just now</time> : (
        <>
          <Age at={at} now={roundAge(at, now)} /> ago
        </>
      )}
      {note !== null && (
        <>
          : “<Text>{note}</Text>”
        </>
      )}.{" "}
    </>
  );
}
