import { systemClock as clock } from "../lib/clock.ts";
import type { Jobs } from "../jobs.ts";
import type { Contender } from "./contender.ts";
import { quantile } from "./samples.ts";
import { cpuTime } from "./tasks-many.ts";
import { type Reading, RunCounter, type Task, timed } from "./tasks.ts";

/** Schedules of which each tick is waited for. */
const FEW = 10;
/** Seconds whose ticks do not count: the compiler is not done. */
const FIRST_SECONDS = 2;
const SECOND = 1000;
/** Milliseconds after the start in which a process comes to rest. */
const SETTLING = 2000;
/** Milliseconds until many schedules are due, and for each of them: they have to be stored by then. */
const LEAD = 5000;
const LEAD_EACH = 3;
const MEGABYTE = 1e6;

/** What `ticksOf` says. */
export const LATE = {
  added: "every second: due to job stored",
  started: "every second: due to handler start",
};
/** What `restWith` says. */
export const REST = { start: "start", cpu: "CPU", memory: "memory" };
/** What `burst` says. */
export const BURST = { first: "first", all: "all" };

/** How late schedules are that are due every second, while there is nothing else to do. */
export const ticksOf: Task = (contender, { folder, effort }) =>
  withJobs(contender, folder, async ({ queue, scheduler }) => {
    const added: number[] = [];
    const started: number[] = [];
    const from = (Math.floor(clock.now() / SECOND) + FIRST_SECONDS + 1) * SECOND;
    const until = from + Math.ceil(effort.ticks / FEW) * SECOND;
    const note = (times: number[], due: number) => {
      if (due >= from && due < until) times.push(clock.now() - due);
    };
    queue.on("added", ({ id }) => note(added, Date.parse(id.slice(id.indexOf("@") + 1))));
    for (let i = 0; i < FEW; i++) {
      scheduler.schedule(
        `every-second-${i}`,
        "* * * * * *",
        ({ data }) => note(started, Date.parse(data.dueAt)),
      );
    }
    await scheduler.start();
    await clock.sleep(until + SECOND / 2 - clock.now());
    if (Math.min(added.length, started.length) < effort.ticks) {
      throw new Error(
        `Cannot use the result: ${added.length} jobs, ${started.length} runs of ${effort.ticks} ticks`,
      );
    }
    return [[LATE.added, added] as const, [LATE.started, started] as const].flatMap(([label, times]) =>
      [0.5, 0.99].map((part): Reading => ({
        label: `${label}, p${part * 100}`,
        unit: "ms",
        value: quantile(times, part),
      }))
    );
  });

/** What schedules take that are not due: to start with them, and while nothing happens. */
export const restWith: Task = (contender, { folder, effort }) =>
  withJobs(contender, folder, async ({ scheduler }) => {
    for (let i = 0; i < effort.schedules; i++) {
      scheduler.schedule(`leap-day-${i}`, "0 0 29 2 *", { type: "rare", data: { i } });
    }
    const start = await timed(() => scheduler.start());
    if (effort.resting > 0) await clock.sleep(SETTLING);
    const [began, before] = [clock.monotonic(), cpuTime()];
    await clock.sleep(effort.resting);
    const part = (cpuTime() - before) / (clock.monotonic() - began);
    return [
      { label: REST.start, unit: "ms", value: start },
      { label: REST.cpu, unit: "%", value: 100 * part },
      { label: REST.memory, unit: "MB", value: Deno.memoryUsage().rss / MEGABYTE },
    ];
  });

/** How long it takes to add the jobs of many schedules that are due at the same second. Nobody runs them. */
export const burst: Task = (contender, { folder, effort }) =>
  withJobs(contender, folder, async ({ queue, scheduler }) => {
    const lead = LEAD + LEAD_EACH * effort.schedules;
    const due = Math.ceil((clock.now() + lead) / SECOND) * SECOND;
    const jobs = new RunCounter();
    let first = NaN;
    queue.on("added", () => {
      if (jobs.count === 0) first = clock.now();
      jobs.hit();
    });
    for (let i = 0; i < effort.schedules; i++) {
      const when = { startAt: due, endAt: due + SECOND - 1 };
      scheduler.schedule(`once-${i}`, "* * * * * *", { type: "rare", data: { i } }, when);
    }
    await scheduler.start();
    if (clock.now() >= due) {
      throw new Error("Cannot use the result: the schedules were due before all were stored");
    }
    await jobs.reached(effort.schedules);
    return [
      { label: BURST.first, unit: "ms", value: first - due },
      { label: BURST.all, unit: "ms", value: clock.now() - due },
    ];
  });

/** Opens this program's queue on a file, gives it to `use` and closes it. Null: it has no schedules. */
async function withJobs(
  { createJobs }: Contender,
  folder: string,
  use: (jobs: Jobs) => Promise<Reading[]>,
): Promise<Reading[] | null> {
  const jobs = createJobs?.({ store: `kv:${folder}/jobs.db` });
  if (jobs?.scheduler === undefined) return null;
  try {
    await jobs.queue.start();
    return await use(jobs);
  } finally {
    await jobs.stop();
  }
}
