import { createApp } from "../app.ts";
import { createJobs, type Jobs } from "../jobs.ts";
import { systemClock } from "../lib/clock.ts";
import { Releases } from "../lib/releases.ts";
import { Random } from "../testing/crash/random.ts";
import { arrivals } from "./arrivals.ts";
import { registerJobs } from "./jobs/register.ts";
import { loseWorker } from "./lost-worker.ts";
import { DEEDS, type Hands } from "./people.ts";
import { declareOldSchedules, declareSchedules } from "./schedules.ts";
import { DEATH, moments, NO_SCHEDULER, OUTAGE, RELEASES, SPAN } from "./timeline.ts";
import { type PastClock, pastClock, pastWorld } from "./world.ts";

/** How a history is made. */
export interface HistoryOptions {
  /** Where the file of jobs is made. */
  folder: string;
  /** Moments at which jobs are added, one to four each. */
  moments: number;
  /** The same seed makes, at the same time of day, the same history. */
  seed: number;
  /** Where the receiver of webhooks is. */
  receiver: string;
}

/** Something that happens at a time, epoch milliseconds. */
interface Happening {
  at: number;
  act(): Promise<unknown>;
}

/** Milliseconds between two looks at what webhooks are to be told. */
const LISTEN_EVERY = 300_000;

/**
 * Makes the history of three days, by the queue itself: jobs are added, run, retried and scheduled through its API, two
 * processes take turns, and only the clock is not the system's. It ends now.
 */
export async function makeHistory(options: HistoryOptions): Promise<void> {
  const end = systemClock.now();
  const history = new History(options, end);
  try {
    await history.run();
  } finally {
    await history.close();
  }
}

class History {
  readonly #options: HistoryOptions;
  readonly #end: number;
  readonly #clock: PastClock;
  readonly #random: Random;
  readonly #processes: readonly [Jobs, Jobs];
  readonly #hands: Hands;
  /** What is to come, the next first. */
  #agenda: Happening[] = [];

  constructor(options: HistoryOptions, end: number) {
    this.#options = options;
    this.#end = end;
    this.#clock = pastClock(systemClock, end - SPAN);
    this.#random = new Random(options.seed);
    this.#processes = [this.#process("web-1"), this.#process("worker-1")];
    const [{ queue, scheduler, webhooks }] = this.#processes;
    declareSchedules(scheduler);
    declareOldSchedules(scheduler);
    const app = createApp({ queue, scheduler, webhooks, authorize: () => "admin", clock: this.#clock });
    this.#hands = {
      queue,
      receiver: options.receiver,
      async ask(method, path, body) {
        const json = { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
        const response = await app.request(`/api/admin${path}`, {
          method,
          ...(body === undefined ? {} : json),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`Cannot ${method} ${path}: ${response.status} ${text}`);
        return text;
      },
    };
  }

  async run(): Promise<void> {
    this.#plan();
    for (let next = this.#next(); next !== null; next = this.#next()) {
      await this.#wait(next.at);
      await next.act();
      await this.#work();
    }
    await this.#wait(this.#end);
    await this.#processes[0].webhooks.runOnce();
  }

  async close(): Promise<void> {
    for (const process of this.#processes) await process.stop();
  }

  #plan(): void {
    const { moments: count } = this.#options;
    const [{ queue }] = this.#processes;
    for (const [before, version] of RELEASES) {
      this.#at(this.#end - before, () => new Releases(queue).begin(version));
    }
    for (const before of moments(this.#random, count, this.#end)) {
      this.#at(this.#end - before, () => queue.addMany(arrivals(this.#random)));
    }
    for (const { before, act } of DEEDS) this.#at(this.#end - before, () => act(this.#hands));
    this.#at(this.#end - DEATH, () => loseWorker(this.#options.folder, queue, DEATH));
    for (const process of this.#processes) {
      for (const event of ["retrying", "added"] as const) {
        process.queue.on(event, ({ scheduledAt }) => {
          if (scheduledAt > this.#clock.now()) this.#at(scheduledAt, () => Promise.resolve());
        });
      }
    }
    this.#at(this.#end - SPAN + 1, () => this.#tick());
  }

  /** What happens next; null: the present is reached. */
  #next(): Happening | null {
    const next = this.#agenda.shift();
    return next === undefined || Math.max(next.at, this.#clock.now()) >= this.#end ? null : next;
  }

  #at(at: number, act: () => Promise<unknown>): void {
    const index = this.#agenda.findIndex((other) => other.at > at);
    this.#agenda.splice(index < 0 ? this.#agenda.length : index, 0, { at, act });
  }

  /** Lets time pass until `time`. Meanwhile webhooks hear of what happens: who listens too seldom misses some. */
  async #wait(time: number): Promise<void> {
    const [{ webhooks }] = this.#processes;
    while (time - this.#clock.now() > LISTEN_EVERY) {
      this.#clock.reach(this.#clock.now() + LISTEN_EVERY);
      await webhooks.runOnce();
    }
    this.#clock.reach(time);
  }

  /** Fires the schedules that are due, and comes back when the next one is. */
  async #tick(): Promise<void> {
    const [{ scheduler }] = this.#processes;
    await scheduler.runOnce();
    const schedules = await scheduler.list();
    const next = Math.min(...schedules.map(({ nextTickAt }) => nextTickAt ?? Infinity));
    if (next === Infinity) return;
    const isAway = next > this.#end - NO_SCHEDULER.from && next < this.#end - NO_SCHEDULER.until;
    this.#at(
      isAway ? this.#end - NO_SCHEDULER.until : Math.max(next, this.#clock.now() + 1_000),
      () => this.#tick(),
    );
  }

  /** Runs what is due in one of the processes, and tells of it. */
  async #work(): Promise<void> {
    const [{ webhooks }] = this.#processes;
    const { queue } = this.#processes[this.#random.chance(0.6) ? 0 : 1];
    await queue.drain();
    while (await webhooks.runOnce() > 0) await queue.drain();
  }

  #process(workerId: string): Jobs {
    const jobs = createJobs({
      store: `kv:${this.#options.folder}/jobs.db`,
      clock: this.#clock,
      workerId,
      concurrency: 1,
      version: RELEASES[0]?.[1] ?? "",
      allowPrivateUrls: true,
    });
    const isSearchUp = () => {
      const before = this.#end - this.#clock.now();
      return before > OUTAGE.from || before < OUTAGE.until;
    };
    const world = pastWorld(this.#clock, this.#random, isSearchUp);
    registerJobs(jobs.queue, world);
    jobs.queue.use(async (job, next) => {
      // Those send real requests, which take none of the time of the past.
      if (job.type.startsWith("webhook:")) await world.work(job, this.#random.between(40, 400));
      await next();
    });
    return jobs;
  }
}
