import { checkInteger } from "../../lib/check.ts";
import type { Clock } from "../../lib/clock.ts";
import { HttpProblem } from "./problem.ts";

const MINUTE = 60_000;

/** As many callers are remembered, about a megabyte; the one that was quiet longest is forgotten first. */
const MOST_CALLERS = 10_000;

/** How a `RateLimiter` counts. */
export interface RateLimiterOptions {
  /** Requests a minute; 0: no limit. */
  perMinute: number;
  clock: Pick<Clock, "monotonic">;
  /** @default 10_000 */
  mostCallers?: number;
}

/**
 * Counts requests by caller: a minute's worth at once, and after that as they are worked off, one by one. So nobody
 * gets two minutes' worth around the turn of a minute.
 *
 * A count of its own rather than `hono-rate-limiter`: the memory of that one grows with every caller of a minute, and
 * it is cleared by an interval that keeps a process from ending.
 */
export class RateLimiter {
  readonly #perMinute: number;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #mostCallers: number;
  /** When all requests of a caller will be worked off, monotonic milliseconds; who asked last is last. */
  readonly #workedOff = new Map<string, number>();

  /**
   * @param name How the limit is called where it is set.
   * @throws {InputTypeError | InputRangeError} `perMinute` is no whole number from 0 to 1,000,000.
   */
  constructor(name: string, { perMinute, clock, mostCallers = MOST_CALLERS }: RateLimiterOptions) {
    this.#perMinute = checkInteger(perMinute, name, 0, 1_000_000);
    this.#clock = clock;
    this.#mostCallers = mostCallers;
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#workedOff.size;
  }

  /**
   * Counts a request of `caller`.
   *
   * @throws {HttpProblem} 429: it is one too many, and says when to try again. It is not counted.
   */
  take(caller: string): void {
    if (this.#perMinute === 0) return;
    const now = this.#clock.monotonic();
    const each = MINUTE / this.#perMinute;
    const before = Math.max(this.#workedOff.get(caller) ?? 0, now);
    const wait = before + each - (now + MINUTE);
    const isTooMany = wait > 0.001; // parts of a minute do not add up to it exactly
    this.#workedOff.delete(caller);
    this.#workedOff.set(caller, isTooMany ? before : before + each);
    this.#forget(now);
    if (!isTooMany) return;
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    throw new HttpProblem(429, "rate_limited", `Too many requests: try again in ${seconds} s`, {
      headers: { "Retry-After": String(seconds) },
    });
  }

  #forget(now: number): void {
    for (const [caller, workedOff] of this.#workedOff) {
      if (workedOff > now && this.#workedOff.size <= this.#mostCallers) return;
      this.#workedOff.delete(caller);
    }
  }
}
