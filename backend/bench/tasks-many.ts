/**
 * Steps of measures that take several processes on one file: each is done by a process of its own. What must not
 * count, the memory of the one that added the jobs say, ends with its process.
 */
import process from "node:process";
import { systemClock as clock } from "../lib/clock.ts";
import { quantile } from "./samples.ts";
import {
  addChunks,
  perSecond,
  type Reading,
  RunCounter,
  scaled,
  type Task,
  timed,
  withSubject,
} from "./tasks.ts";

const CONCURRENCY = 100;
/** Milliseconds without a job after which a process holds that none is left. */
const QUIET = 1000;
/** Milliseconds between two looks. */
const LOOK_EVERY = 100;
/** Calls of which the median counts. */
const VIEWS = 25;
/** Calls that do not count. */
const FIRST_VIEWS = 3;
const MEGABYTE = 1e6;

/** What `share` says. */
export const SHARE = { count: "jobs run", began: "first at", ended: "last at" };
/** What `claim` says. */
export const CLAIM = { rate: "claim rate", memory: "memory" };

/** CPU time and memory of a process that adds jobs and runs them, its server's with it. */
export const use: Task = (contender, { folder, effort }) =>
  withSubject(contender, {
    folder,
    concurrency: Math.min(CONCURRENCY, contender.maxConcurrency ?? Infinity),
  }, async (subject) => {
    const count = scaled(effort.jobs, contender);
    const runs = new RunCounter();
    await subject.run(runs.hit);
    await subject.addMany(count);
    await runs.reached(count); // The compiler is done with the code.
    const before = cpuTime() + (contender.server?.().cpu ?? 0);
    await subject.addMany(count);
    await runs.reached(2 * count);
    await subject.settled();
    const after = cpuTime() + (contender.server?.().cpu ?? 0);
    runs.assert(2 * count);
    const memory = Deno.memoryUsage().rss + (contender.server?.().memory ?? 0);
    return [
      {
        label: "CPU a job, added and run, with its server",
        unit: "µs",
        value: (after - before) * 1000 / count,
      },
      { label: "memory then, with its server", unit: "MB", value: memory / MEGABYTE },
    ];
  });

/** Adds `effort.many` jobs. */
export const fill: Task = (contender, { folder, effort }) =>
  withSubject(contender, { folder, concurrency: CONCURRENCY }, async (subject) => {
    await addChunks(subject, effort.many);
    return [];
  });

/** Runs jobs, begun at `startAt`, until none is left: with others, a part of them. */
export const share: Task = (contender, { folder, startAt = 0 }) =>
  withSubject(contender, { folder, concurrency: CONCURRENCY }, async (subject) => {
    await subject.views?.stats(); // Opens the file.
    await clock.sleep(startAt - clock.now());
    let began = NaN;
    let ended = clock.now();
    let count = 0;
    await subject.run(() => {
      ended = clock.now();
      if (count++ === 0) began = ended;
    });
    while (clock.now() - ended < QUIET) await clock.sleep(LOOK_EVERY);
    await subject.settled();
    return [
      { label: SHARE.count, unit: "jobs", value: count },
      { label: SHARE.began, unit: "ms", value: began },
      { label: SHARE.ended, unit: "ms", value: ended },
    ];
  });

/** Runs some of many jobs: how fast they start once the compiler is done, and the most memory it takes. */
export const claim: Task = (contender, { folder, effort }) =>
  withSubject(contender, { folder, concurrency: CONCURRENCY }, async (subject) => {
    const first = Math.ceil(effort.jobs / 2);
    const { promise, resolve } = Promise.withResolvers<number>();
    let began = NaN;
    let count = 0;
    let memory = 0;
    await subject.run(() => {
      count++;
      if (count === first) began = clock.monotonic();
      if (count % 1000 === 0) memory = Math.max(memory, Deno.memoryUsage().rss);
      if (count === first + effort.jobs) resolve(clock.monotonic() - began);
    });
    const value = perSecond(effort.jobs, await promise);
    memory = Math.max(memory, Deno.memoryUsage().rss);
    return [
      { label: CLAIM.rate, unit: "/s", value },
      { label: CLAIM.memory, unit: "MB", value: memory / MEGABYTE },
    ];
  });

/** How long a person waits for the first page of jobs and for the counts. */
export const views: Task = (contender, { folder }) =>
  withSubject(contender, { folder, concurrency: CONCURRENCY }, async ({ views }) => {
    if (views === undefined) return [];
    const measure = async (label: string, look: () => Promise<unknown>): Promise<Reading> => {
      for (let i = 0; i < FIRST_VIEWS; i++) await look();
      const times: number[] = [];
      for (let i = 0; i < VIEWS; i++) times.push(await timed(look));
      return { label, unit: "ms", value: quantile(times, 0.5) };
    };
    return [await measure("first page", views.firstPage), await measure("stats", views.stats)];
  });

/** Milliseconds of CPU time of this process, all threads. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
