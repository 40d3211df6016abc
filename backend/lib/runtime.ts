import { Announcer } from "./announcer.ts";
import type { Adder } from "./adder.ts";
import type { Emitter, QueueEvents } from "./events.ts";
import { FinishWaits } from "./finish-waits.ts";
import type { HandlerRegistry } from "./handlers.ts";
import { Heartbeat } from "./heartbeat.ts";
import { logOf } from "./log.ts";
import { Maintainer } from "./maintainer.ts";
import { Outage } from "./outage.ts";
import type { CheckedQueueOptions } from "./queue-options.ts";
import type { Store, StoreChange, WorkerReport } from "./store.ts";
import { StoreClock } from "./store-clock.ts";
import { currentTrace } from "./tracing.ts";
import { Worker } from "./worker.ts";

/** What a `Runtime` needs. */
export interface RuntimeOptions {
  store: Store;
  clock: StoreClock;
  queue: CheckedQueueOptions;
  registry: HandlerRegistry;
  events: Emitter<QueueEvents>;
  adder: Adder;
  /** True while this process runs a scheduler. */
  isScheduling(): boolean;
  /** Another process asked this one to stop. */
  onStopRequested(): void;
}

/** Milliseconds that the methods of processors have to end when the queue stops. */
const LAST_HOOKS = 5_000;

/** What an open queue consists of: worker, maintainer, heartbeat and waits on one store, and the wires between them. */
export class Runtime {
  readonly store: Store;
  readonly worker: Worker;
  readonly waits: FinishWaits;
  readonly #options: RuntimeOptions;
  readonly #maintainer: Maintainer;
  readonly #heartbeat: Heartbeat;
  readonly #announcer: Announcer;
  readonly #unwatch: () => void;
  readonly #startedAt: number;
  #status: "new" | "running" | "draining" = "new";

  constructor(options: RuntimeOptions) {
    const { store, clock, queue, registry, events, adder } = options;
    const { pollInterval, heartbeatInterval, concurrency, queues, types } = queue;
    const log = queue.log ?? logOf("worker");
    const outage = new Outage({
      log: queue.log ?? logOf("store"),
      onError: (error) => events.emit("error", error),
    });
    this.#options = options;
    this.#startedAt = clock.now();
    this.store = store;
    this.waits = new FinishWaits({ store, clock, pollInterval });
    const announcer = this.#announcer = new Announcer({
      events,
      log,
      onFinished: (job) => this.waits.finished(job),
    });
    this.worker = new Worker({
      store,
      clock,
      log,
      outage,
      registry,
      concurrency,
      pollInterval,
      queues,
      ...(types === undefined ? {} : { families: types }),
      observer: {
        onStarted: (attempt) => announcer.started(attempt),
        onProgress: (attempt, context, progress) => announcer.progress(attempt, context, progress),
        onSettled: (attempt, job) => announcer.settled(attempt, job),
        addChild: ({ traceContext }, type, data, childOptions) =>
          adder.add(type, data, childOptions, { traceContext: currentTrace() ?? traceContext }),
      },
    });
    this.#maintainer = new Maintainer({
      store,
      clock,
      log: queue.log ?? logOf("maintainer"),
      outage,
      pollInterval,
      rescueInterval: heartbeatInterval,
      retention: queue.retention,
      auditRetention: queue.auditRetention,
    });
    this.#heartbeat = new Heartbeat({
      store,
      clock,
      outage,
      interval: heartbeatInterval,
      report: (lag) => this.#report(lag),
      onAnswer: (answer) => {
        if (answer.now !== undefined) clock.correct(answer.now);
        if (answer.cancel.length > 0) this.worker.cancel(answer.cancel);
        if (answer.stop) options.onStopRequested();
      },
    });
    this.#unwatch = store.watch((change) => this.#onChange(change));
  }

  get isRunning(): boolean {
    return this.#status === "running";
  }

  /** Begins to claim, promote, rescue and prune. Idempotent. */
  start(): void {
    if (this.#status !== "new") return;
    this.#status = "running";
    this.worker.start(); // before the heartbeat, which says what types it handles
    this.#heartbeat.start();
    this.#maintainer.start();
  }

  /** Shows others at once what has changed about this process. Resolves when they can see it. */
  async report(): Promise<void> {
    if (this.#status === "running") await this.#heartbeat.runOnce();
  }

  /** Runs everything that is due, until nothing is. @returns How many attempts ran. */
  async drain(): Promise<number> {
    const { store } = this;
    const { clock } = this.#options;
    for (let total = 0;;) {
      await store.rescue(clock.now());
      await store.expire(clock.now());
      const { promoted } = await store.promote(clock.now());
      const ran = await this.worker.drain();
      total += ran;
      if (ran === 0 && promoted === 0) return total;
    }
  }

  /** Stops gracefully and closes the store. */
  async stop(drainTimeout: number): Promise<void> {
    const { clock } = this.#options;
    if (this.#status === "running") {
      this.#status = "draining";
      void this.#heartbeat.runOnce(); // others see at once that it takes no more jobs
    }
    this.#maintainer.close();
    await this.worker.stop(drainTimeout);
    const over = new AbortController();
    await Promise.race([this.#announcer.idle(), clock.sleep(LAST_HOOKS, over.signal)]);
    over.abort();
    this.#heartbeat.close();
    this.waits.close();
    this.#unwatch();
    await this.store.close();
    await Promise.all([this.worker.ended(), this.#maintainer.ended(), this.#heartbeat.ended()]);
  }

  #onChange(change: StoreChange): void {
    switch (change.kind) {
      case "work":
        return this.worker.wake(change.types);
      case "due":
        return this.#maintainer.expect(change.at);
      case "cancel":
        return this.worker.cancel(change.seqs);
      case "lost":
        return this.worker.lose(change.seqs);
      case "stop":
        return this.#options.onStopRequested();
      case "jobs":
        return this.waits.changed();
    }
  }

  #report(eventLoopLag: number): WorkerReport {
    const { host, pid, version, memory } = this.#options.queue.process;
    return {
      host,
      pid,
      version,
      status: this.#status === "draining" ? "draining" : "running",
      concurrency: this.#options.queue.concurrency,
      types: this.worker.types,
      scheduler: this.#options.isScheduling(),
      ...this.#announcer.counts,
      running: this.worker.running,
      startedAt: this.#startedAt,
      eventLoopLag,
      memory: memory(),
    };
  }
}
