import type { AddRequest } from "./adder.ts";
import type { JobDefinition } from "./define-job.ts";
import { resultOf, type WaitOptions, WaitTimeoutError } from "./finish-waits.ts";
import { isFinal, type Job } from "./job.ts";
import type { AddOptions } from "./options.ts";
import { QueueAdmin } from "./queue-admin.ts";

/**
 * Jobs: adds them, runs those it has handlers for, and lets people look at and change them.
 *
 * Cheap to make: the store is opened at first use. Every method that returns a promise rejects with
 * `StoreUnavailableError` if the store cannot be reached, and with `ClosedError` after `stop()`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "../stores/memory.ts";
 * import { Queue } from "./queue.ts";
 *
 * await using queue = new Queue({ store: new MemoryStore() });
 * queue.process<{ name: string }>("greet", (job) => `Hello ${job.data.name}`);
 * await queue.start();
 * const id = await queue.add("greet", { name: "Ada" });
 * assertEquals(await queue.wait(id), "Hello Ada");
 * ```
 */
export class Queue extends QueueAdmin {
  /**
   * Adds a job. Resolves with its id when it is stored durably.
   *
   * A `jobId` that exists already, or a `unique` key that is held (`onConflict: "keep"`), stores nothing and gives
   * the id of the job that is there. What the caller changes in `data` afterwards does not matter.
   *
   * @throws {InputTypeError} Type, data or an option is of the wrong type; nothing was stored.
   * @throws {InputRangeError} One of them is out of range; nothing was stored.
   * @throws {UniqueConflictError} The unique key is held and `onConflict` is "reject"; nothing was stored.
   * @throws {StoreUnavailableError} The store did not answer; a job with a `jobId` can be added again without harm.
   */
  add<Input = unknown>(
    type: string | JobDefinition<Input>,
    data: NoInfer<Input>,
    options?: AddOptions,
  ): Promise<string> {
    return this.adder.add(type, data, options);
  }

  /** Adds a job like `add`. @returns Its id, and the job; null if nothing was stored since one was there. */
  async addAndSee(
    type: string,
    data: unknown,
    options?: AddOptions,
  ): Promise<{ id: string; job: Job | null }> {
    let job: Job | null = null;
    const id = await this.adder.add(type, data, options, { onAdded: (added) => job = added });
    return { id, job };
  }

  /**
   * Adds many jobs, in the order given. Resolves with their ids when all are stored durably.
   *
   * All are checked before any is stored. If the process dies meanwhile, the first of them may be stored, of those
   * with unique keys also later ones; if the store fails, some of them: a `jobId` for each makes a repeat safe.
   *
   * @throws {InputTypeError} One is wrong; its path begins with its index: `[3].options.priority`. Nothing was stored.
   * @throws {InputRangeError} Likewise.
   * @throws {UniqueConflictError} The unique key of one is held and its `onConflict` is "reject"; `index` says of
   * which. The others were stored.
   */
  addMany(jobs: readonly AddRequest[]): Promise<string[]> {
    return this.adder.addMany(jobs);
  }

  /**
   * Adds a job with the type and options of job `id`, but other data. The new one names the old in `retryOf`.
   *
   * @throws {NotFoundError} There is no such job.
   * @throws {InputTypeError | InputRangeError} The data is refused; nothing was stored.
   * @throws {UniqueConflictError} The old job's unique key is held; nothing was stored.
   */
  async repeat(id: string, data: unknown): Promise<string> {
    const repeats = await this.existing(id);
    return await this.adder.add(repeats.type, data, undefined, { repeats });
  }

  /**
   * Resolves with the result of a job once it has completed, wherever it runs.
   *
   * @throws {JobFailedError} It failed.
   * @throws {CancelledError} It was cancelled.
   * @throws {WaitTimeoutError} It has not finished within `timeout`; it goes on.
   * @throws {NotFoundError} There is no such job, or it was removed meanwhile.
   */
  async wait(id: string, options: WaitOptions = {}): Promise<unknown> {
    const job = await this.waitFinished(id, options);
    if (!isFinal(job.status)) throw new WaitTimeoutError(id, options.timeout ?? 0);
    return resultOf(job);
  }

  /**
   * Resolves with the job once it has finished, wherever it runs, or as it is when `timeout` is over.
   *
   * @throws {NotFoundError} There is no such job, or it was removed meanwhile.
   */
  async waitFinished(id: string, options: WaitOptions = {}): Promise<Job> {
    const { waits } = await this.open();
    return await waits.wait(id, options);
  }
}
