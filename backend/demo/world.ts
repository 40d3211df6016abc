import { type Clock, soon } from "../lib/clock.ts";
import type { JobContext } from "../lib/context.ts";
import type { Random } from "../testing/crash/random.ts";

/** What handlers of the demo have instead of mail servers and the like: time that passes, and trouble. */
export interface World {
  readonly random: Random;
  /** Lets `ms` milliseconds of an attempt pass. @throws The reason of the job's signal, once that has aborted. */
  work(job: JobContext, ms: number): Promise<void>;
  /** Whether the search engine answers. */
  isSearchUp(): boolean;
}

/** The world of a service that runs: work takes as long as it says. */
export function presentWorld(clock: Clock, random: Random): World {
  return {
    random,
    isSearchUp: () => !random.chance(0.03),
    async work(job, ms) {
      await clock.sleep(ms, job.signal);
      job.signal.throwIfAborted();
    },
  };
}

/** A time of the past, moved by hand. What sleeps wakes when it does: stores need that. */
export interface PastClock extends Clock {
  /** Moves to `time`, epoch milliseconds; never back. */
  reach(time: number): void;
}

/** Returns a clock that begins at `from`, epoch milliseconds. */
export function pastClock(clock: Clock, from: number): PastClock {
  let now = from;
  return {
    now: () => now,
    monotonic: () => clock.monotonic() + now - from,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    reach: (time) => void (now = Math.max(now, Math.round(time))),
  };
}

/** The world of a history in the making: work takes no time but that of `clock`. */
export function pastWorld(clock: PastClock, random: Random, isSearchUp: () => boolean): World {
  return {
    random,
    isSearchUp,
    async work(job, ms) {
      clock.reach(clock.now() + ms);
      await new Promise<void>(soon); // others get their turn, as if time had passed
      job.signal.throwIfAborted();
    },
  };
}
