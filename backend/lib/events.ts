import type { Job } from "./job.ts";
import type { ScheduleVerb } from "./schedule/changes.ts";

/** What this process did to a schedule. */
export interface ScheduleEvent {
  name: string;
  /** `fired`: ticks have added jobs. `triggered`: a person did. */
  change: ScheduleVerb | "fired" | "triggered" | "removed";
  /** Which change it is, of all that any process has made of schedules; absent if they are as they were: `fired`, `triggered`. */
  revision?: number;
}

/** What a queue tells its listeners, by name. Each concerns what this process did. */
export interface QueueEvents {
  /** A job was stored by this process. */
  added: Job;
  /** A handler of this process is about to run. */
  started: Job;
  /** A handler said how far it is; the job holds the new progress. */
  progress: Job;
  /** An attempt failed and will run again; the last of `errors` says why. */
  retrying: Job;
  /** The result is stored. */
  completed: Job;
  /** The last attempt failed; the last of `errors` says why. */
  failed: Job;
  /** The job ended cancelled. */
  cancelled: Job;
  /** A schedule was changed, or has fired. */
  schedule: ScheduleEvent;
  /** Something went wrong that no call could report: the store is away, a listener threw. */
  error: unknown;
}

/** The events that concern one job. */
export type JobEvent = Exclude<keyof QueueEvents, "error" | "schedule">;

/** Gets one kind of event. What it returns is ignored, but for a promise that rejects. */
export type Listener<T> = (event: T) => unknown;

/**
 * Calls listeners in the order they were added. What a listener throws, or a promise it returns rejects
 * with, goes to `onThrow` and disturbs neither the other listeners nor the emitter's caller.
 */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #onThrow: (error: unknown, event: keyof Events) => void;

  constructor(onThrow: (error: unknown, event: keyof Events) => void) {
    this.#onThrow = onThrow;
  }

  /** Adds a listener. @returns Removes it. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    const own: Listener<Events[K]> = (value) => listener(value); // the same function may be added twice
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }

  /** True when somebody listens: what an event would hold need not be built otherwise. */
  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** Calls the listeners of `event`, those added meanwhile not. */
  emit<K extends keyof Events>(event: K, value: Events[K]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined || listeners.size === 0) return;
    for (const listener of [...listeners] as Listener<Events[K]>[]) {
      try {
        const returned = listener(value);
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#onThrow(error, event));
      } catch (error) {
        this.#onThrow(error, event);
      }
    }
  }
}
