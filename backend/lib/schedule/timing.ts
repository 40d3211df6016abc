import { type Cron, parseCron } from "../cron.ts";
import { hashOf } from "../cron/hash.ts";
import type { ScheduleDefinition } from "./definition.ts";

/** What of a definition decides when it is due. */
type When = Pick<ScheduleDefinition, "expression" | "timezone" | "dst" | "jitter" | "startAt" | "endAt">;

/** When a schedule is due, within its `startAt` and `endAt`, and when its ticks fire. Times are epoch milliseconds. */
export class Timing {
  readonly #name: string;
  readonly #cron: Cron;
  readonly #jitter: number;
  readonly #startAt: number;
  readonly #endAt: number;

  /**
   * @param name Decides, with a tick's time, by how much it fires later.
   * @param createdAt From when on `@every` counts.
   * @throws {InputRangeError} The expression cannot be read, or the time zone is unknown.
   */
  constructor(name: string, definition: When, createdAt: number) {
    const { expression, timezone, dst, jitter, startAt, endAt } = definition;
    this.#name = name;
    this.#cron = parseCron(expression, { timezone, dst, seed: name, anchor: new Date(createdAt) });
    this.#jitter = jitter;
    this.#startAt = startAt ?? -Infinity;
    this.#endAt = endAt ?? Infinity;
  }

  /** The expression in words. */
  get description(): string {
    return this.#cron.describe();
  }

  /** What of the expression may not mean what was meant. */
  get warnings(): readonly string[] {
    return this.#cron.warnings;
  }

  /** The first tick after `time`; null: there is none. */
  next(time: number): number | null {
    const after = Math.max(time, this.#startAt - 1);
    const tick = this.#cron.next(new Date(after))?.getTime() ?? null;
    return tick === null || tick > this.#endAt ? null : tick;
  }

  /** The last tick before `time`; null: there is none. */
  prev(time: number): number | null {
    const before = Math.min(time, this.#endAt + 1);
    const tick = this.#cron.prev(new Date(before))?.getTime() ?? null;
    return tick === null || tick < this.#startAt ? null : tick;
  }

  /** When the tick of that time fires, if the one before it has. */
  fireAt(tick: number): number {
    return this.#jitter === 0 ? tick : tick + hashOf(this.#name, `jitter ${tick}`) % this.#jitter;
  }

  /**
   * The ticks that fire by `now`, from the one due at `first` on: the last `limit` of them, oldest first, and the tick
   * that comes next. A tick never fires before an earlier one, however their jitters fall.
   */
  due(first: number, now: number, limit: number): { ticks: number[]; next: number | null } {
    if (this.fireAt(first) > now) return { ticks: [], next: first };
    // What was due a whole jitter ago has fired; the ticks since then are looked at one by one.
    const ticks: number[] = [];
    const settled = Math.max(first, now - this.#jitter);
    let next = this.next(settled);
    for (; next !== null && this.fireAt(next) <= now; next = this.next(next)) ticks.push(next);
    for (let tick = this.prev(settled + 1); tick !== null && tick > first; tick = this.prev(tick)) {
      if (ticks.length >= limit) break;
      ticks.unshift(tick);
    }
    // `first` was promised, also should the zone's rules say something else by now.
    if (ticks.length < limit) ticks.unshift(first);
    return { ticks: ticks.slice(-limit), next };
  }
}

/** The timings of many schedules, each made anew only once what it is made of changes. */
export class Timings {
  readonly #known = new Map<string, { key: string; timing: Timing }>();

  /** @throws {InputRangeError} The expression cannot be read, or the time zone is unknown. */
  of(name: string, definition: When, createdAt: number): Timing {
    const { expression, timezone, dst, jitter, startAt, endAt } = definition;
    const key = JSON.stringify([expression, timezone, dst, jitter, startAt, endAt, createdAt]);
    const known = this.#known.get(name);
    if (known?.key === key) return known.timing;
    const timing = new Timing(name, definition, createdAt);
    this.#known.set(name, { key, timing });
    return timing;
  }

  /** Forgets what belongs to `name`. */
  forget(name: string): void {
    this.#known.delete(name);
  }
}
