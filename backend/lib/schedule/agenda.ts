/** What this process knows of when a schedule has to be looked at. */
export interface Plan {
  /** Epoch milliseconds; -Infinity: at once, Infinity: never. */
  fireAt: number;
  /** Jobs whose end its queued ticks wait for; empty: none waits. */
  awaits: readonly string[];
  /** The next tick of a schedule that other code declares, Infinity without one; null: it is no such schedule. */
  foreignTickAt: number | null;
}

/** When which schedule has to be looked at. Holds nothing else of them, so that thousands cost little. */
export class Agenda {
  readonly #plans = new Map<string, Plan>();
  /** The schedules whose queued ticks wait, by the jobs they wait for. */
  readonly #awaited = new Map<string, string>();
  readonly #waiting = new Set<string>();
  /** Computed when it is asked for; null: it may have changed since. */
  #nextAt: number | null = Infinity;

  /** Notes when to look at a schedule. */
  set(name: string, plan: Plan): void {
    const known = this.#plans.get(name);
    this.#forgetJobs(name, known);
    this.#plans.set(name, plan);
    for (const id of plan.awaits) this.#awaited.set(id, name);
    if (plan.awaits.length > 0) this.#waiting.add(name);
    if (this.#nextAt === null) return;
    // Only a plan that was the next one makes it necessary to look through all of them.
    if (known !== undefined && known.fireAt <= this.#nextAt && plan.fireAt > known.fireAt) {
      this.#nextAt = null;
    } else this.#nextAt = Math.min(this.#nextAt, plan.fireAt);
  }

  delete(name: string): void {
    this.#forgetJobs(name, this.#plans.get(name));
    this.#plans.delete(name);
    this.#nextAt = null;
  }

  /** The names of all schedules. */
  names(): string[] {
    return [...this.#plans.keys()];
  }

  /** When the next schedule has to be looked at, but for those whose ticks wait for a job; Infinity: never. */
  get nextAt(): number {
    if (this.#nextAt === null) {
      let next = Infinity;
      for (const { fireAt } of this.#plans.values()) if (fireAt < next) next = fireAt;
      this.#nextAt = next;
    }
    return this.#nextAt;
  }

  /** The schedules to look at by `now`, those that are due longest first. */
  due(now: number): string[] {
    if (this.nextAt > now) return [];
    return [...this.#plans]
      .filter(([, { fireAt }]) => fireAt <= now)
      .sort(([one, { fireAt: a }], [other, { fireAt: b }]) => a === b ? (one < other ? -1 : 1) : a - b)
      .map(([name]) => name);
  }

  /** The schedules whose queued ticks wait for a job to end. */
  waiting(): string[] {
    return [...this.#waiting];
  }

  /** The schedules that other programs declare, or did, of which no tick is known after `time`. */
  foreign(time: number): string[] {
    return this.names().filter((name) => this.isForeign(name, time));
  }

  /** True if other code declares the schedule, or did, and no tick of it is known after `time`. */
  isForeign(name: string, time: number): boolean {
    const tick = this.#plans.get(name)?.foreignTickAt ?? null;
    return tick !== null && tick <= time;
  }

  /** A job has ended: the schedule whose ticks waited for it has to be looked at. @returns True if one did. */
  ended(jobId: string): boolean {
    const name = this.#awaited.get(jobId);
    const plan = name === undefined ? undefined : this.#plans.get(name);
    if (name === undefined || plan === undefined) return false;
    this.set(name, { ...plan, fireAt: -Infinity });
    return true;
  }

  #forgetJobs(name: string, plan: Plan | undefined): void {
    for (const id of plan?.awaits ?? []) this.#awaited.delete(id);
    this.#waiting.delete(name);
  }
}
