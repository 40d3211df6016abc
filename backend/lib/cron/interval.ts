import { LATEST } from "./calendar.ts";
import type { ClockChange, Times } from "./search.ts";

/**
 * The times of `@every`: a whole number of intervals after the anchor, one at least. Zones and their changes are nothing
 * to it. An anchor within a second counts as the end of that second, so that the first time never comes early.
 */
export class IntervalTimes implements Times {
  readonly #anchor: number;
  readonly #length: number;

  /** @param anchor Milliseconds since the Unix epoch. */
  constructor(seconds: number, anchor: number) {
    this.#anchor = Math.ceil(anchor / 1000) * 1000;
    this.#length = seconds * 1000;
  }

  next(after: number): number {
    const passed = after - this.#anchor;
    if (passed < 0) return this.#first;
    const time = after - passed % this.#length + this.#length;
    return time > LATEST ? Infinity : time;
  }

  prev(before: number): number {
    if (before <= this.#first) return -Infinity;
    const rest = (before - this.#anchor) % this.#length;
    return before - (rest === 0 ? this.#length : rest);
  }

  has(time: number): boolean {
    return time >= this.#first && (time - this.#anchor) % this.#length === 0;
  }

  changes(): ClockChange[] {
    return [];
  }

  get #first(): number {
    return this.#anchor + this.#length;
  }
}
