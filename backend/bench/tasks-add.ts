import { systemClock as clock } from "../lib/clock.ts";
import type { Subject } from "./contender.ts";
import { perSecond, type Reading, scaled, type Task, timed, withSubject } from "./tasks.ts";

/** Jobs added before anything is counted, so that the file, its tables and its log exist. */
const FIRST = 200;

/** Adds one by one, by `callers` at the same time, for a while. */
export function addRate(callers: number): Task {
  return (contender, { folder, effort }) =>
    withSubject(contender, { folder, concurrency: 1 }, async (subject) => {
      await subject.addMany(FIRST);
      const value = await addFor(subject, effort.adding, callers).then(({ added, ms }) =>
        perSecond(added, ms)
      );
      return [{ label: `add, ${callers} caller${callers === 1 ? "" : "s"}`, unit: "/s", value }];
    });
}

/** Adds many in one call. */
export const bulkRate: Task = (contender, { folder, effort }) =>
  withSubject(contender, { folder, concurrency: 1 }, async (subject) => {
    await subject.addMany(FIRST);
    return [await addBulk(subject, scaled(effort.bulk, contender), "add in bulk")];
  });

export async function addBulk(subject: Subject, count: number, label: string): Promise<Reading> {
  const ms = await timed(() => subject.addMany(count));
  return { label, unit: "/s", value: perSecond(count, ms) };
}

/** Lets `callers` add, each one job after the other, for `duration` milliseconds. */
export async function addFor(
  subject: Subject,
  duration: number,
  callers: number,
): Promise<{ added: number; ms: number }> {
  let added = 0;
  const began = clock.monotonic();
  const call = async () => {
    while (clock.monotonic() - began < duration) {
      await subject.add();
      added++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { added, ms: clock.monotonic() - began };
}
