import type { JobDefinition } from "./define-job.ts";
import { checkMs, checkNumber } from "./check.ts";
import type { Intent } from "./intent.ts";
import { AttemptEnd } from "./intent.ts";
import type { RunningJob } from "./job.ts";
import { clip } from "./job-error.ts";
import type { AddOptions } from "./options.ts";
import type { LogLine } from "./store.ts";

/** What a context needs of its attempt. */
export interface AttemptControls {
  readonly job: RunningJob;
  readonly signal: AbortSignal;
  intend(intent: Intent): void;
  write(level: LogLine["level"], message: unknown, fields: unknown): void;
  report(context: JobContext, percent: number, note: string | null): void;
  addChild(type: string | JobDefinition, data: unknown, options: AddOptions | undefined): Promise<string>;
}

/** Writes lines to a job's log. */
export class JobLog {
  readonly #attempt: AttemptControls;

  constructor(attempt: AttemptControls) {
    this.#attempt = attempt;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#attempt.write("debug", message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#attempt.write("info", message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#attempt.write("warn", message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#attempt.write("error", message, fields);
  }
}

/** What a handler gets: its job, and what it can do with it. One for each attempt. */
export class JobContext<Data = unknown> {
  /** What was added; as the schema parsed it, where the type has one. */
  readonly data: Data;
  readonly #attempt: AttemptControls;

  /** Made by the worker. */
  constructor(attempt: AttemptControls, data: Data) {
    this.#attempt = attempt;
    this.data = data;
  }

  get id(): string {
    return this.#attempt.job.id;
  }

  get type(): string {
    return this.#attempt.job.type;
  }

  /** Which run this is, from 1. */
  get attempt(): number {
    return this.#attempt.job.attempt;
  }

  get maxAttempts(): number {
    return this.#attempt.job.maxAttempts;
  }

  get queue(): string {
    return this.#attempt.job.queue;
  }

  get tags(): readonly string[] {
    return [...this.#attempt.job.tags];
  }

  /** When it was added, epoch milliseconds. */
  get createdAt(): number {
    return this.#attempt.job.createdAt;
  }

  /**
   * Aborts when the attempt must end: with a `TimeoutError`, a `CancelledError`, a `LeaseLostError` or, when the
   * process stops, a `ShutdownError` as its reason. Pass it on to `fetch` and the like.
   */
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  /**
   * The job's log: at most 1,000 lines an attempt and 4 KiB a line. Lines are stored at most four times a second
   * and before the attempt is settled; a killed process loses those of the last quarter second.
   */
  get log(): JobLog {
    return new JobLog(this.#attempt);
  }

  /**
   * Says how far the work is. Resolves at once: it is stored at most four times a second, the last one wins.
   *
   * @param percent 0–100.
   * @param note What is being done, at most 1,000 characters.
   * @throws {InputRangeError} `percent` is not within 0–100.
   */
  progress(percent: number, note?: string): Promise<void> {
    try {
      checkNumber(percent, "percent", 0, 100);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#attempt.report(this, percent, note === undefined ? null : clip(String(note), 1000, 4000));
    return Promise.resolve();
  }

  /**
   * Ends this attempt and runs the job again `ms` milliseconds from now; the attempt is given back.
   *
   * @throws {InputRangeError} `ms` is not within 0 to ten years.
   */
  snooze(ms: number): never {
    return this.#end({ kind: "snooze", ms: checkMs(ms, "ms") });
  }

  /** Ends this attempt and fails the job, whatever attempts are left. `reason` is stored as its error. */
  fail(reason: string | Error): never {
    return this.#end({ kind: "fail", reason });
  }

  /** Ends this attempt and the job as cancelled. */
  cancel(reason = "its handler cancelled it"): never {
    return this.#end({ kind: "cancel", reason: clip(String(reason), 1000, 2000) });
  }

  /** Adds a job that belongs to the same trace. @returns Its id, once it is stored; see `Queue.add`. */
  add<Input>(
    type: string | JobDefinition<Input>,
    data: NoInfer<Input>,
    options?: AddOptions,
  ): Promise<string> {
    return this.#attempt.addChild(type, data, options);
  }

  #end(intent: Intent): never {
    this.#attempt.intend(intent);
    throw new AttemptEnd(intent);
  }
}
