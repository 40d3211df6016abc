import { describe } from "./check.ts";
import { ClosedError, InputTypeError } from "./errors.ts";
import type { Handler, Processor } from "./handlers.ts";
import type { Queue } from "./queue.ts";
import { ScheduleAdmin } from "./schedule/admin.ts";
import { checkDeclaration, checkScheduleName, type ScheduleOptions } from "./schedule/definition.ts";
import { checkTask } from "./schedule/input.ts";
import type { ScheduleTick } from "./schedule/request.ts";
import { labelOf } from "./schedule/runs.ts";
import type { ScheduledJob } from "./schedule/template.ts";
import { Timing } from "./schedule/timing.ts";

/** Milliseconds without a pass that worked after which a scheduler is stuck: one begins each second, tries each 8. */
const STUCK = 30_000;

/**
 * Named schedules that add jobs to a queue when they are due.
 *
 * Each tick adds one job, however many processes run a scheduler, also when the clock steps back, also over restarts:
 * moving the schedule to its next tick and adding the job are one commit. Once added, the job is one like any other,
 * with retries, a log and a timeout. What becomes of ticks that passed while nothing ran is the schedule's choice.
 *
 * Every method that returns a promise rejects with `StoreUnavailableError` if the store cannot be reached, and with
 * `ClosedError` after the queue has stopped.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "../stores/memory.ts";
 * import { Queue } from "./queue.ts";
 * import { Scheduler } from "./scheduler.ts";
 *
 * await using queue = new Queue({ store: new MemoryStore() });
 * await using scheduler = new Scheduler(queue);
 * scheduler.schedule("cleanup", "0 3 * * *", () => "clean", { timezone: "Europe/Paris" });
 * await queue.start();
 * await scheduler.start();
 * assertEquals((await scheduler.get("cleanup"))?.description, "At 03:00, every day (Europe/Paris)");
 * assertEquals(await queue.wait(await scheduler.trigger("cleanup")), "clean");
 * ```
 */
export class Scheduler extends ScheduleAdmin {
  readonly #queue: Queue;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  /** @param queue Where jobs are added. Start it before the scheduler, stop it after. */
  constructor(queue: Queue) {
    super(queue);
    this.#queue = queue;
  }

  /**
   * Declares a schedule of this program. It is stored at `start()`, or at once if the scheduler runs: a new one, or one
   * of which code now says something else. What a person has changed stays until somebody reverts it.
   *
   * Only programs that declare it fire it.
   *
   * @param name 1–100 characters, once in a program. Ids of jobs, `H` and `jitter` depend on it.
   * @param task What runs the jobs, which have the type `schedule:NAME`, or the job to add at each tick.
   * @throws {InputTypeError} The name is taken, or an argument is of the wrong type; nothing was registered.
   * @throws {InputRangeError} The expression cannot be read, or an option is out of range; nothing was registered.
   */
  schedule(
    name: string,
    expression: string,
    task: Handler<ScheduleTick> | Processor<ScheduleTick>,
    options?: ScheduleOptions,
  ): this;
  schedule<Input>(
    name: string,
    expression: string,
    task: ScheduledJob<Input>,
    options?: ScheduleOptions,
  ): this;
  schedule(name: unknown, expression: unknown, task: unknown, options?: unknown): this {
    const { declarations, ticker, clock } = this.runtime;
    const known = checkScheduleName(name);
    if (declarations.has(known)) {
      throw new InputTypeError("name", `must be another for each schedule, found ${describe(known)} again`);
    }
    const { handler, template, definition: job } = checkTask(task);
    const declaration = checkDeclaration(expression, template, options);
    const at = clock.now();
    new Timing(known, declaration.definition, at); // refuses what cannot be read
    if (handler !== null) this.#queue.process(labelOf(known), handler);
    declarations.add(known, { declaration, job, at });
    if (this.isRunning) ticker.wake();
    return this;
  }

  /** True from `start()` to `stop()`. */
  get isRunning(): boolean {
    return this.#starting !== null && this.#stopping === null;
  }

  /** True if it runs and has got nothing done for half a minute: what is due may not fire. */
  get isStuck(): boolean {
    return this.isRunning && this.runtime.ticker.idleFor > STUCK;
  }

  /**
   * Stores what code declares, and begins to fire what is due. Resolves once what is due already has fired; if the
   * store cannot be reached then, it goes on trying. Idempotent.
   *
   * @throws {ClosedError} The scheduler was stopped.
   */
  async start(): Promise<void> {
    if (this.#stopping !== null) throw new ClosedError("scheduler");
    try {
      await (this.#starting ??= this.runtime.start());
    } catch (error) {
      this.#starting = null; // the store could not be opened: the next call tries again
      throw error;
    }
  }

  /** Fires nothing any more. Resolves once what is under way is stored. Idempotent. */
  stop(): Promise<void> {
    return this.#stopping ??= this.runtime.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Stores what code declares and fires what is due, once; also without `start()`. For tests.
   *
   * @returns How many jobs it added.
   */
  runOnce(): Promise<number> {
    return this.runtime.ticker.runOnce();
  }
}
