/**
 * Makes a file of jobs as they are found after a day's work: `mixed-jobs.ts FOLDER COUNT`. A process of its own, so that
 * its memory and its compiled code are not those of what is measured.
 */
import { createJobs } from "../jobs.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { AddOptions } from "../lib/options.ts";
import type { Queue } from "../lib/queue.ts";
import { RunCounter } from "./tasks.ts";

/** Milliseconds over which jobs have finished. */
const SPAN = 12 * 3_600_000;
/** Milliseconds until the last scheduled job is due, and until the first one is. */
const AHEAD = { last: 30 * 86_400_000, first: 3_600_000 };
/** Jobs added at once. */
const CHUNK = 10_000;
const CONCURRENCY = 100;

/** None of these has a worker in the service: what waits goes on waiting. */
const TYPES = ["mail:welcome", "mail:receipt", "report:daily", "report:yearly", "image", "import"];
const QUEUES = ["default", "mail", "slow"];
const REGIONS = ["eu", "us", "asia"];
const FAULTS = ["Cannot reach host", "Cannot parse row", "Refused by tenant"];

/** What a file of `count` jobs holds: a tenth each has failed, waits and is scheduled. */
export function mixOf(count: number) {
  const tenth = Math.floor(count / 10);
  return { failed: tenth, pending: tenth, scheduled: tenth, completed: count - 3 * tenth };
}

if (import.meta.main) {
  const [folder = "", count = ""] = Deno.args;
  await addFinished(`kv:${folder}/jobs.db`, mixOf(Number(count)));
  await addWaiting(`kv:${folder}/jobs.db`, mixOf(Number(count)));
}

/** Adds jobs and runs them, on a clock that goes by how many have run. */
async function addFinished(
  store: string,
  { completed, failed }: { completed: number; failed: number },
): Promise<void> {
  const count = completed + failed;
  const runs = new RunCounter();
  const from = systemClock.now() - SPAN;
  const clock: Clock = { ...systemClock, now: () => from + Math.floor(SPAN * runs.count / count) };
  const { queue } = createJobs({ store, clock, concurrency: CONCURRENCY });
  const failing = Math.round(count / failed);
  for (const type of TYPES) {
    queue.process<{ n: number }>(type, ({ data: { n } }) => {
      runs.hit();
      if (n % failing === 0) throw new Error(`${FAULTS[n % FAULTS.length]} ${n}`);
      return { sent: n };
    });
  }
  await queue.start();
  for (let at = 0; at < count; at += CHUNK) {
    await addSome(queue, at, Math.min(count, at + CHUNK), () => ({ maxAttempts: 1 }));
    await runs.reached(Math.min(count, at + CHUNK));
  }
  await queue.stop();
}

/** Adds jobs for which there is no worker. */
async function addWaiting(
  store: string,
  { pending, scheduled }: { pending: number; scheduled: number },
): Promise<void> {
  await using queue = createJobs({ store }).queue;
  const first = systemClock.now() + AHEAD.first;
  const count = pending + scheduled;
  for (let at = 0; at < count; at += CHUNK) {
    await addSome(queue, at, Math.min(count, at + CHUNK), (n) => {
      if (n % count < pending) return { priority: n % 3 };
      return { scheduledAt: first + Math.floor((AHEAD.last - AHEAD.first) * (n - pending) / scheduled) };
    });
  }
}

async function addSome(
  queue: Queue,
  from: number,
  to: number,
  optionsOf: (n: number) => AddOptions,
): Promise<void> {
  const one = (n: number) => ({
    type: TYPES[n % TYPES.length] ?? "",
    data: {
      n,
      to: `user-${n}@example.com`,
      customer: { id: n % 1000, plan: n % 7 === 0 ? "paid" : "free" },
    },
    options: {
      queue: QUEUES[n % 4] ?? "default",
      tags: [REGIONS[n % 5] ?? "elsewhere", ...(n % 1000 === 0 ? ["rare"] : [])],
      ...optionsOf(n),
    },
  });
  await queue.addMany(Array.from({ length: to - from }, (_, i) => one(from + i)));
}
