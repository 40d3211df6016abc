import type { Clock } from "./clock.ts";
import type { Listener, QueueEvents } from "./events.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store.ts";

/** What a live feed needs of its queue, besides what everybody may use. */
export interface LiveHost {
  /** The time the queue works by. */
  readonly clock: Clock;
  /** The log that the queue was given, if it was. */
  readonly log: Log | undefined;
  /** The store, open. */
  store(): Promise<Store>;
  /** Calls `listener` at each `event` of this process. @returns Stops it. */
  on<K extends keyof QueueEvents>(event: K, listener: Listener<QueueEvents[K]>): () => void;
  /** Calls `listener` once the queue has stopped. @returns Stops it. */
  onStopped(listener: () => void): () => void;
}
