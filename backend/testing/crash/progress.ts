import type { Clock } from "../../lib/clock.ts";
import type { Moment } from "./plan.ts";
import type { SinkListener } from "./sink.ts";

/** How far a run is, and word of the moments at which a process may be killed. */
export class Progress implements SinkListener {
  /** Jobs whose add was answered. */
  acknowledged = 0;
  /** Requests the sink answered with 200; a job that runs twice counts twice. */
  delivered = 0;
  /** Jobs that may be added by now: kills and jobs shall come to their ends together. */
  allowed = 0;
  readonly #clock: Clock;
  readonly #waiting = new Map<Moment, (() => void)[]>();
  readonly #dueTimes = new Set<number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arrived(): void {
    this.announce("arrival");
  }

  answered(status: number): void {
    if (status === 200) this.delivered++;
    this.announce("answer");
  }

  /** Remembers that a job is due at `time`, epoch milliseconds. */
  due(time: number): void {
    this.#dueTimes.add(time);
  }

  announce(moment: Moment): void {
    const waiting = this.#waiting.get(moment) ?? [];
    this.#waiting.delete(moment);
    for (const wake of waiting) wake();
  }

  /** Resolves when `moment` comes, or after `limit` milliseconds. */
  async reach(moment: Moment, limit: number): Promise<void> {
    if (moment === "due") return await this.#clock.sleep(Math.min(limit, this.#untilNextDue()));
    if (moment === "any" || moment === "start") return;
    const over = new AbortController();
    const waiting = this.#waiting.get(moment) ?? [];
    this.#waiting.set(moment, [...waiting, () => over.abort()]);
    await this.#clock.sleep(limit, over.signal);
  }

  #untilNextDue(): number {
    const now = this.#clock.now();
    let next = Infinity;
    for (const time of this.#dueTimes) {
      if (time < now) this.#dueTimes.delete(time);
      else next = Math.min(next, time);
    }
    return next - now;
  }
}
