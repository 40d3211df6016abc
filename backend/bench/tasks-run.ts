import { systemClock as clock } from "../lib/clock.ts";
import type { Contender, Setting } from "./contender.ts";
import { quantile } from "./samples.ts";
import { addBulk, addFor } from "./tasks-add.ts";
import { perSecond, type Reading, RunCounter, scaled, type Task, timed, withSubject } from "./tasks.ts";

/** Milliseconds between two jobs for an idle queue. */
export const PAUSE = 5;
/** Handlers at the same time where it is not what is varied. */
const MANY = 100;
const CALLERS = 64;

/** Runs jobs that do nothing, `concurrency` at the same time. */
export function runRate(concurrency: number): Task {
  const label = `run no-op jobs, concurrency ${concurrency}`;
  return (contender, { folder, effort }) =>
    addAndRun(contender, { folder, concurrency }, { count: effort.jobs, label });
}

/** Runs jobs that wait for `ms` milliseconds each. */
export function napRate(ms: number): Task {
  const label = `run jobs of ${ms} ms, concurrency ${MANY}`;
  return (contender, { folder, effort }) => {
    const count = Math.ceil(effort.jobs / Math.max(1, ms / 5));
    return addAndRun(contender, { folder, concurrency: MANY }, { count, label, nap: ms });
  };
}

/** Runs no-op jobs of `count` types in turn. */
export function typesRate(count: number): Task {
  const types = Array.from({ length: count }, (_, i) => `type-${i}`);
  const label = `run no-op jobs of ${count} types, concurrency ${MANY}`;
  return (contender, { folder, effort }) =>
    addAndRun(contender, { folder, concurrency: MANY, types }, { count: effort.jobs, label });
}

/** Adds in bulk and runs jobs that carry `size` kilobytes. */
export function dataRate(size: number): Task {
  const data = { text: "0123456789abcdef".repeat(64 * size) };
  return (contender, { folder, effort }) =>
    addAndRun(contender, { folder, concurrency: MANY, data }, {
      count: Math.ceil(effort.jobs / Math.max(2, size / 2)),
      label: `run no-op jobs with ${size} KB, concurrency ${MANY}`,
      addLabel: `add in bulk, ${size} KB`,
    });
}

/** What is measured while jobs run that were added before. */
interface Plan {
  count: number;
  label: string;
  /** Milliseconds that each job takes. @default 0 */
  nap?: number;
  /** Measures the adding too. */
  addLabel?: string;
}

function addAndRun(
  contender: Contender,
  setting: Pick<Setting, "folder" | "concurrency"> & Partial<Setting>,
  { label, nap = 0, addLabel, ...plan }: Plan,
): Promise<Reading[] | null> {
  return withSubject(contender, setting, async (subject) => {
    const count = scaled(plan.count, contender);
    const runs = new RunCounter();
    const rest = async () => {
      await clock.sleep(nap);
      runs.hit();
    };
    const added = await addBulk(subject, count, addLabel ?? "");
    const ms = await timed(async () => {
      await subject.run(nap === 0 ? runs.hit : rest);
      await runs.reached(count);
      await subject.settled();
    });
    runs.assert(count);
    const ran: Reading = { label, unit: "/s", value: perSecond(count, ms) };
    return addLabel === undefined ? [ran] : [added, ran];
  });
}

/** Callers add while jobs run; counts what was added and run by the time all are done. */
export const mixedRate: Task = (contender, { folder, effort }) =>
  withSubject(contender, { folder, concurrency: MANY }, async (subject) => {
    const runs = new RunCounter();
    await subject.run(runs.hit);
    let count = 0;
    const ms = await timed(async () => {
      count = (await addFor(subject, effort.adding, CALLERS)).added;
      await runs.reached(count);
      await subject.settled();
    });
    runs.assert(count);
    return [{
      label: `add by ${CALLERS} callers and run, concurrency ${MANY}`,
      unit: "/s",
      value: perSecond(count, ms),
    }];
  });

/** From an add to the start of the handler, while there is nothing else to do. */
export const idleLatency: Task = (contender, { folder, effort }) =>
  withSubject(
    contender,
    { folder, concurrency: Math.min(5, contender.maxConcurrency ?? 5) },
    async (subject) => {
      let started = () => {};
      await subject.run(() => started());
      const times: number[] = [];
      for (let i = 0; i < effort.idle; i++) {
        await clock.sleep(PAUSE);
        const start = Promise.withResolvers<void>();
        started = start.resolve;
        const began = clock.monotonic();
        const adding = subject.add();
        await start.promise;
        times.push(clock.monotonic() - began);
        await adding;
      }
      return [0.5, 0.99].map((part) => ({
        label: `idle: add to handler start, p${part * 100}`,
        unit: "ms",
        value: quantile(times, part),
      }));
    },
  );
