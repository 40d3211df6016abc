import { Signal } from "./signal.ts";

/** What the server sends: an `EventSource` hears only what it is asked to by name. */
export const LIVE_EVENTS = [
  "job.added",
  "job.started",
  "job.progress",
  "job.retrying",
  "job.completed",
  "job.failed",
  "job.cancelled",
  "job.many",
  "stats",
  "worker.joined",
  "worker.draining",
  "worker.left",
  "worker.died",
  "schedule.created",
  "schedule.declared",
  "schedule.updated",
  "schedule.reverted",
  "schedule.enabled",
  "schedule.disabled",
  "schedule.not in code",
  "schedule.in code again",
  "schedule.fired",
  "schedule.triggered",
  "schedule.removed",
  "schedule.changed",
  "reset",
] as const;

export type LiveEvent = typeof LIVE_EVENTS[number];

/** off: nobody listens, or the tab is hidden. */
export type LiveState = "off" | "connecting" | "live" | "retrying";

/** Something that wants to know. */
export interface Listener {
  /** Called for each event, in order. */
  onEvent?: (event: LiveEvent, data: unknown) => void;
  /** Called when events may have been missed, and every 5 seconds while there is no connection: read all anew. */
  onReload?: () => void;
}

/** The part of an `EventSource` that is used. */
export interface Source {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  close(): void;
}

/** What `Live` needs of the browser. */
export interface LiveHost {
  /** Opens the stream; `lastEventId` is where it shall go on, "" for now. */
  open(lastEventId: string): Source;
  isVisible(): boolean;
  onVisibility(listener: () => void): void;
  /** Calls `listener` in `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, listener: () => void): () => void;
}

/** Events of jobs that are told one by one; of more at a time, which nobody can follow, only how many they were. */
const MOST_AT_ONCE = 50;

/** Milliseconds between two looks while there is no connection. */
const POLL = 5000;
const CLOSED = 2;

/**
 * The one stream of events of a page, shared by its islands.
 *
 * It is open while somebody listens and the tab can be seen. A stream that ends is opened again where it stood; until
 * then everybody is asked to read anew every 5 seconds. While paused, nothing is told; what was missed is counted.
 */
export class Live {
  readonly state: Signal<LiveState> = new Signal("off");
  readonly isPaused: Signal<boolean> = new Signal(false);
  /** The session has ended, here or elsewhere: what is shown stays as it is. */
  readonly isSignedOut: Signal<boolean> = new Signal(false);
  /** Events that came while paused. */
  readonly missed: Signal<number> = new Signal(0);
  readonly #host: LiveHost;
  readonly #listeners = new Set<Listener>();
  #source: Source | null = null;
  #lastEventId = "";
  #cancelPoll: (() => void) | null = null;

  constructor(host: LiveHost) {
    this.#host = host;
    host.onVisibility(() => this.#check());
  }

  /** Begins to tell `listener`, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#check();
    return () => {
      this.#listeners.delete(listener);
      this.#check();
    };
  }

  pause(): void {
    this.isPaused.value = true;
  }

  resume(): void {
    this.isPaused.value = false;
    this.missed.value = 0;
    this.refresh();
  }

  /** Asks everybody to read anew, unless updates are paused: something has changed, or may have. */
  refresh(): void {
    if (this.isPaused.value) return;
    for (const { onReload } of [...this.#listeners]) onReload?.();
  }

  /** Opens or closes the stream, as is due. */
  #check(): void {
    const isWanted = this.#listeners.size > 0 && this.#host.isVisible();
    if (isWanted && this.#source === null) this.#open();
    if (!isWanted && this.state.value !== "off") this.#close();
  }

  #open(): void {
    const source = this.#source = this.#host.open(this.#lastEventId);
    if (this.state.value === "off") this.state.value = "connecting";
    source.onopen = () => {
      this.state.value = "live";
      this.#stopPolling();
      this.refresh(); // what happened since the page was made, or since it was hidden, and is not told again
    };
    source.onerror = () => {
      this.state.value = "retrying";
      this.#poll();
      // Refused, not broken: the browser itself will not try again.
      if (source.readyState === CLOSED && this.#source === source) this.#source = null;
    };
    for (const event of LIVE_EVENTS) {
      source.addEventListener(event, (message) => this.#tell(event, message));
    }
    source.addEventListener("message", ({ lastEventId }) => this.#note(lastEventId));
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
    this.state.value = "off";
    this.#stopPolling();
  }

  #tell(event: LiveEvent, { data, lastEventId }: MessageEvent): void {
    this.#note(lastEventId);
    if (this.isPaused.value) {
      this.missed.value++;
      return;
    }
    if (event === "reset") return this.refresh();
    const parsed: unknown = JSON.parse(data);
    for (const { onEvent } of [...this.#listeners]) onEvent?.(event, parsed);
  }

  #note(lastEventId: string): void {
    if (lastEventId !== "") this.#lastEventId = lastEventId;
  }

  #poll(): void {
    this.#cancelPoll ??= this.#host.after(POLL, () => {
      this.#cancelPoll = null;
      this.refresh();
      this.#check();
      if (this.state.value === "retrying") this.#poll();
    });
  }

  #stopPolling(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = null;
  }
}

let ofPage: Live | undefined;

/** The stream of this page. `base` is where the dashboard is mounted. For the browser alone. */
export function pageLive(base: string): Live {
  return ofPage ??= new Live({
    open: (lastEventId) => {
      const query = new URLSearchParams({ most: String(MOST_AT_ONCE), ...(lastEventId && { lastEventId }) });
      return new EventSource(`${base}/api/admin/events?${query}`);
    },
    isVisible: () => document.visibilityState === "visible",
    onVisibility: (listener) => document.addEventListener("visibilitychange", listener),
    after: (ms, listener) => {
      const timer = setTimeout(listener, ms);
      return () => clearTimeout(timer);
    },
  });
}
