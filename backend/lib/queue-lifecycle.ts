import { Adder } from "./adder.ts";
import { isJobDefinition, type JobDefinition } from "./define-job.ts";
import { ClosedError } from "./errors.ts";
import { Emitter, type Listener, type QueueEvents } from "./events.ts";
import { type Handler, HandlerRegistry, type ProcessOptions, type Processor } from "./handlers.ts";
import type { LiveHost } from "./live-host.ts";
import { logOf } from "./log.ts";
import type { Middleware } from "./middleware.ts";
import { type CheckedQueueOptions, checkQueueOptions, type QueueOptions } from "./queue-options.ts";
import { Releases } from "./releases.ts";
import { Runtime } from "./runtime.ts";
import type { QueueHost } from "./queue-host.ts";
import { StoreClock } from "./store-clock.ts";

/** The part of a queue that opens, runs and stops it: its store, its handlers, its events. */
export abstract class QueueLifecycle {
  protected readonly events: Emitter<QueueEvents>;
  protected readonly adder: Adder;
  readonly #options: CheckedQueueOptions;
  readonly #clock: StoreClock;
  readonly #registry = new HandlerRegistry();
  readonly #stopListeners = new Set<() => void>();
  readonly #stoppedListeners = new Set<() => void>();
  #runtime: Runtime | null = null;
  #opening: Promise<Runtime> | null = null;
  #stopping: Promise<void> | null = null;
  #isClosed = false;
  #isScheduling = false;
  #stopRequested = false;

  /**
   * @throws {InputTypeError} An option is unknown or of the wrong type.
   * @throws {InputRangeError} An option is out of range.
   */
  constructor(options: QueueOptions) {
    this.#options = checkQueueOptions(options);
    const clock = this.#clock = new StoreClock(this.#options.clock);
    const log = this.#options.log ?? logOf("queue");
    this.events = new Emitter((error, event) => {
      log.error("Listener for {event} threw: {error}", { event, error });
      if (event !== "error") this.events.emit("error", error);
    });
    this.adder = new Adder({
      clock,
      registry: this.#registry,
      events: this.events,
      maxAttempts: this.#options.maxAttempts,
      store: () => {
        const runtime = this.open();
        return runtime instanceof Promise ? runtime.then(({ store }) => store) : runtime.store;
      },
    });
  }

  /** Opens the store, if it is not open yet. */
  async ready(): Promise<void> {
    await this.open();
  }

  /** Reads a little from the store: resolves while it can be reached. */
  async ping(): Promise<void> {
    const { store } = await this.open();
    await store.record("ping", "ping");
  }

  /** The time the queue works by, epoch milliseconds: the store's, where it has one. */
  now(): number {
    return this.#clock.now();
  }

  /** The id under which this process is registered; undefined until the store is open. */
  get workerId(): string | undefined {
    return this.#runtime?.store.workerId;
  }

  /** True from `start()` to `stop()`. */
  get isRunning(): boolean {
    return this.#stopping === null && (this.#runtime?.isRunning ?? false);
  }

  /**
   * Registers what performs the jobs of a type. Nothing runs before `start()` or `drain()`.
   *
   * @throws {InputTypeError} The type has a handler already, or an argument is of the wrong type.
   * @throws {InputRangeError} An option is out of range.
   */
  process<Data = unknown, Result = unknown>(
    type: string,
    handler: Handler<Data, Result> | Processor<Data, Result>,
    options?: ProcessOptions,
  ): this;
  process<Input, Data, Result>(
    definition: JobDefinition<Input, Data, Result>,
    options?: ProcessOptions,
  ): this;
  process<Input, Data, Result>(
    definition: JobDefinition<Input, Data, Result>,
    handler: Handler<Data, Result> | Processor<Data, Result>,
    options?: ProcessOptions,
  ): this;
  process(type: unknown, second?: unknown, third?: unknown): this {
    const isHandler = typeof second === "function" ||
      (typeof second === "object" && second !== null && "process" in second);
    if (isJobDefinition(type) && !isHandler) {
      this.#registry.add(type, type.run, second);
    } else {
      this.#registry.add(type, second, third);
    }
    if (this.isRunning) this.#runtime?.worker.update();
    return this;
  }

  /** Puts `middleware` around every attempt from now on, inside what was added before. */
  use(middleware: Middleware): this {
    this.#registry.use(middleware);
    return this;
  }

  /** True when a handler of `type` is registered here. Other processes may have one nevertheless. */
  knows(type: string): boolean {
    return this.#registry.get(type) !== undefined;
  }

  /** The types that have a handler here. */
  types(): string[] {
    return this.#registry.types();
  }

  /**
   * Calls `listener` at each `event` of this process. What it throws is logged and disturbs nobody.
   *
   * @returns Stops it.
   */
  on<K extends keyof QueueEvents>(event: K, listener: Listener<QueueEvents[K]>): () => void {
    return this.events.on(event, listener);
  }

  /** Calls `listener` once another process asks this one to stop; at once if it has. @returns Stops it. */
  onStopRequested(listener: () => void): () => void {
    if (this.#stopRequested) listener();
    this.#stopListeners.add(listener);
    return () => {
      this.#stopListeners.delete(listener);
    };
  }

  /**
   * Begins to run jobs. Idempotent.
   *
   * @throws {WorkerIdInUseError} A running process uses the worker id.
   * @throws {ClosedError} The queue was stopped.
   */
  async start(): Promise<void> {
    const runtime = this.#stopping === null ? await this.open() : null;
    if (runtime === null || this.#stopping !== null) throw new ClosedError("queue");
    runtime.start();
    const { process: { version }, log = logOf("queue") } = this.#options;
    if (version === "") return;
    await new Releases(this).begin(version).catch((error: unknown) => {
      log.warn("Cannot note which version runs now: {error}", { error });
    });
  }

  /**
   * Stops gracefully and closes the store: claims no more, gives running handlers `drainTimeout` to end, then aborts
   * their signals and gives their jobs back, the attempt too. Resolves when all that is stored. Idempotent.
   */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Runs all jobs that are due and have a handler here, also those that they add, until none is left; also without
   * `start()`. For tests.
   *
   * @returns How many attempts ran.
   */
  async drain(): Promise<number> {
    return await (await this.open()).drain();
  }

  /** What the parts of this program work with that keep things of their own in the store; nobody else needs it. */
  host(): QueueHost {
    return {
      clock: this.#clock,
      log: this.#options.log,
      store: async () => (await this.open()).store,
      build: (request) => this.adder.build(request),
      emit: (event, value) => this.events.emit(event, value),
      setScheduling: async (isScheduling) => {
        this.#isScheduling = isScheduling;
        await this.#runtime?.report();
      },
    };
  }

  /** What a `LiveFeed` of this queue works with; nobody else needs it. */
  liveHost(): LiveHost {
    return {
      clock: this.#clock,
      log: this.#options.log,
      store: async () => (await this.open()).store,
      on: (event, listener) => this.events.on(event, listener),
      onStopped: (listener) => {
        this.#stoppedListeners.add(listener);
        return () => {
          this.#stoppedListeners.delete(listener);
        };
      },
    };
  }

  /** The open parts of the queue: at once when the store is open, else once it is. */
  protected open(): Runtime | Promise<Runtime> {
    if (this.#isClosed) throw new ClosedError("queue");
    return this.#runtime ?? (this.#opening ??= this.#openStore());
  }

  async #openStore(): Promise<Runtime> {
    try {
      const store = await this.#options.store();
      await store.open(this.now());
      return this.#runtime = new Runtime({
        store,
        clock: this.#clock,
        queue: this.#options,
        registry: this.#registry,
        events: this.events,
        adder: this.adder,
        isScheduling: () => this.#isScheduling,
        onStopRequested: () => this.#onStopRequested(),
      });
    } finally {
      this.#opening = null; // should it have failed, the next use tries again
    }
  }

  async #stop(): Promise<void> {
    try {
      const runtime = this.#runtime ?? await this.#opening?.catch(() => null);
      await runtime?.stop(this.#options.drainTimeout);
    } finally {
      this.#isClosed = true; // until now, handlers that end may still add jobs
      for (const listener of this.#stoppedListeners) listener();
    }
  }

  #onStopRequested(): void {
    if (this.#stopRequested) return;
    this.#stopRequested = true;
    for (const listener of this.#stopListeners) listener();
  }
}
