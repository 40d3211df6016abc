import { setImmediate } from "node:timers";

/** A source of time: the system's in production, `FakeClock` in tests. */
export interface Clock {
  /** The current time, in milliseconds since the Unix epoch. May step back when the system's clock is corrected. */
  now(): number;
  /** Milliseconds since some fixed moment; never steps back. For leases, deadlines and measuring. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest a platform timer can wait (2^31 − 1 ms); longer sleeps wake early and are asked for again. */
const LONGEST_TIMER = 2_147_483_647;

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, ms), LONGEST_TIMER));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};

/**
 * Calls `callback` once what is ready now has had its turn, within microseconds: `setTimeout(0)` takes
 * 1–2 ms. Lets resolved callers join the next batch.
 */
export function soon(callback: () => void): void {
  setImmediate(callback);
}
