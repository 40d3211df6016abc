import type { EventFilter } from "./event-frames.ts";

/** Bytes a client may leave unread, besides one frame; then it is dropped, and resumes when it comes back. */
const MOST_UNREAD = 1_048_576;

/** Bytes that are put ready for a client. */
const READY = 65_536;

/** How an `EventClient` is made. */
export interface EventClientOptions {
  filter: EventFilter;
  /** Which browser session it belongs to; null: none. */
  session: string | null;
  /** Asks again whether the client may see events. */
  isAllowed(): Promise<boolean>;
  /** It is gone: it left, was too slow, or was sent away. */
  onGone(client: EventClient): void;
}

/** One stream of events, and how much of it waits to be read. */
export class EventClient {
  readonly stream: ReadableStream<Uint8Array>;
  readonly filter: EventFilter;
  readonly session: string | null;
  readonly isAllowed: () => Promise<boolean>;
  /** Monotonic milliseconds of the last time it was. */
  checkedAt = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #drained = Promise.withResolvers<void>();
  readonly #onGone: (client: EventClient) => void;

  constructor({ filter, session, isAllowed, onGone }: EventClientOptions) {
    this.filter = filter;
    this.session = session;
    this.isAllowed = isAllowed;
    this.#onGone = onGone;
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#drained.resolve();
        this.#drained = Promise.withResolvers();
      },
      cancel: () => this.#gone(),
    }, { highWaterMark: READY, size: ({ length }) => length });
  }

  get isGone(): boolean {
    return this.#controller === null;
  }

  /** Queues `frame`, which may be shared. A client that has left too much unread is dropped instead. */
  send(frame: Uint8Array): void {
    const controller = this.#controller;
    if (controller === null) return;
    if (READY - (controller.desiredSize ?? 0) > MOST_UNREAD) {
      this.#gone();
      return controller.error(new Error("The client reads too slowly"));
    }
    controller.enqueue(frame);
  }

  /** True while much waits to be read. */
  get isFull(): boolean {
    return this.#controller !== null && (this.#controller.desiredSize ?? 1) <= 0;
  }

  /** Resolves once nearly all has been read, or the client is gone. */
  async drained(): Promise<void> {
    while (this.isFull) {
      await this.#drained.promise;
    }
  }

  /** Ends the stream in order. */
  close(): void {
    const controller = this.#controller;
    this.#gone();
    controller?.close();
  }

  #gone(): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.#drained.resolve();
    this.#onGone(this);
  }
}
