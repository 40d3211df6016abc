import type { AddRequest } from "./adder.ts";
import type { Clock } from "./clock.ts";
import type { QueueEvents } from "./events.ts";
import type { Job } from "./job.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store.ts";

/** What schedules, sessions, webhooks and the audit log need of their queue, besides what everybody may use. */
export interface QueueHost {
  /** The time the queue works by. */
  readonly clock: Clock;
  /** The log that the queue was given, if it was. */
  readonly log: Log | undefined;
  /** The store, open. */
  store(): Promise<Store>;
  /**
   * Returns the job that `add` would store, checked as there.
   *
   * @throws {InputTypeError | InputRangeError} `add` would refuse it.
   */
  build(request: AddRequest): Promise<Job>;
  /** Tells listeners of the queue. */
  emit<K extends keyof QueueEvents>(event: K, value: QueueEvents[K]): void;
  /** Shows other processes whether this one runs a scheduler; resolves once they can see it. */
  setScheduling(isScheduling: boolean): Promise<void>;
}
