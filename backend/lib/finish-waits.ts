import { Alarm } from "./alarm.ts";
import type { Clock } from "./clock.ts";
import { CancelledError, ClosedError, NotFoundError, QueueError } from "./errors.ts";
import { isFinal, type Job, type JobError } from "./job.ts";
import { checkTimeout } from "./options.ts";
import type { Store } from "./store.ts";

/** How long to wait for a job. */
export interface WaitOptions {
  /** Milliseconds; at most 2,147,483,647. @default no limit */
  timeout?: number;
  /** Ends the wait: it rejects with the signal's reason. The job is left alone. */
  signal?: AbortSignal;
}

/** The job that was waited for has failed. */
export class JobFailedError extends QueueError {
  readonly code = "job_failed";

  /** @param error How its last attempt went wrong, if it is known. */
  constructor(readonly jobId: string, readonly error: JobError | undefined) {
    super(`Job "${jobId}" failed: ${error?.message ?? "no reason is stored"}`);
  }
}

/** The job that was waited for has not finished in time; it goes on. */
export class WaitTimeoutError extends QueueError {
  readonly code = "wait_timeout";

  constructor(readonly jobId: string, readonly ms: number) {
    super(`Job "${jobId}" has not finished within ${ms} ms`);
  }
}

/** Returns the result of a finished job. @throws {JobFailedError | CancelledError} It has none. */
export function resultOf(job: Job): unknown {
  if (job.status === "completed") return job.result;
  const error = job.errors.at(-1);
  if (job.status === "failed") throw new JobFailedError(job.id, error);
  const reason = error?.name === "CancelledError" || error?.name === "ExpiredError"
    ? error.message
    : undefined;
  throw new CancelledError(job.id, reason);
}

/** Milliseconds between two looks at up to ten jobs, however often the store says that something changed. */
const LOOK_INTERVAL = 20;

interface Wait {
  resolve(job: Job | null): void;
  reject(error: unknown): void;
}

/** What a `FinishWaits` needs. */
export interface FinishWaitsOptions {
  store: Store;
  clock: Clock;
  /** Milliseconds between two looks, should no wake-up come. */
  pollInterval: number;
}

/** Those who wait for jobs to finish. A job that runs in this process is known at once; for others the store is asked. */
export class FinishWaits {
  readonly #options: FinishWaitsOptions;
  readonly #alarm: Alarm;
  readonly #closing = new AbortController();
  readonly #waits = new Map<string, Set<Wait>>();
  #loop: Promise<void> | null = null;
  #lookedAt = -Infinity;

  constructor(options: FinishWaitsOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /** This process stored the end of `job`. */
  finished(job: Job): void {
    if (this.#waits.size === 0) return;
    this.#resolve(job.id, job);
    if (job.seq !== job.id) this.#resolve(job.seq, job);
  }

  /** Some job may have finished, here or elsewhere. */
  changed(): void {
    if (this.#waits.size > 0) this.#alarm.wake();
  }

  /**
   * Resolves with the job once it has finished, or as it is when the time is over.
   *
   * @throws {NotFoundError} There is no such job, or it was removed meanwhile.
   * @throws {ClosedError} The queue was closed meanwhile.
   */
  async wait(id: string, { timeout, signal }: WaitOptions = {}): Promise<Job> {
    if (timeout !== undefined) checkTimeout(timeout, "timeout");
    signal?.throwIfAborted();
    const { clock } = this.#options;
    const over = new AbortController();
    const end = Promise.withResolvers<Job | null>();
    end.promise.catch(() => {}); // it may reject before anybody awaits it
    const abort = () => end.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    this.#add(id, end);
    try {
      const job = await this.#read(id);
      if (isFinal(job.status) || timeout === 0) return job;
      if (timeout !== undefined) void clock.sleep(timeout, over.signal).then(() => end.resolve(null));
      return await end.promise ?? await this.#read(id);
    } finally {
      over.abort();
      signal?.removeEventListener("abort", abort);
      this.#remove(id, end);
    }
  }

  /** Ends every wait. */
  close(): void {
    this.#alarm.close();
    this.#closing.abort();
    for (const waits of this.#waits.values()) {
      for (const wait of waits) wait.reject(new ClosedError("queue"));
    }
  }

  async #read(id: string): Promise<Job> {
    const job = await this.#options.store.get(id);
    if (job === null) throw new NotFoundError("job", id);
    return job;
  }

  #add(id: string, wait: Wait): void {
    const waits = this.#waits.get(id) ?? new Set();
    this.#waits.set(id, waits.add(wait));
    this.#loop ??= this.#run();
  }

  #remove(id: string, wait: Wait): void {
    const waits = this.#waits.get(id);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(id);
    if (this.#waits.size === 0) this.#alarm.wake();
  }

  #resolve(id: string, job: Job): void {
    for (const wait of this.#waits.get(id) ?? []) wait.resolve(job);
  }

  async #run(): Promise<void> {
    const { clock, pollInterval } = this.#options;
    while (this.#waits.size > 0 && !this.#alarm.closed) {
      await this.#alarm.sleep(pollInterval);
      // Many waits share what reading may cost.
      const interval = LOOK_INTERVAL * Math.ceil(this.#waits.size / 10);
      const early = this.#lookedAt + interval - clock.monotonic();
      if (early > 0 && this.#waits.size > 0) await clock.sleep(early, this.#closing.signal);
      await this.#look();
    }
    this.#loop = null;
  }

  async #look(): Promise<void> {
    this.#lookedAt = this.#options.clock.monotonic();
    await Promise.all([...this.#waits.keys()].map(async (id) => {
      try {
        const job = await this.#read(id);
        if (isFinal(job.status)) this.#resolve(id, job);
      } catch (error) {
        // A store that is away now will answer later; a job that was removed never finishes.
        if (!(error instanceof NotFoundError)) return;
        for (const wait of this.#waits.get(id) ?? []) wait.reject(error);
      }
    }));
  }
}
