import { backoffDelay, customDelay, DEFAULT_BACKOFF } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { type AttemptControls, JobContext } from "./context.ts";
import { type JobDefinition, parseData } from "./define-job.ts";
import {
  InputTypeError,
  isInputError,
  LeaseLostError,
  type QueueError,
  ShutdownError,
  TimeoutError,
} from "./errors.ts";
import type { RegisteredHandler } from "./handlers.ts";
import type { Intent } from "./intent.ts";
import { isExpired, type JobProgress, type Outcome, type RunningJob } from "./job.ts";
import { toJobError } from "./job-error.ts";
import { copyJson, toResult } from "./json.ts";
import type { Log } from "./log.ts";
import type { AddOptions } from "./options.ts";
import { Reports } from "./reports.ts";
import type { LogLine, Settlement, Store } from "./store.ts";
import { isTracing, traceRun } from "./tracing.ts";

/** What all attempts of a worker share. */
export interface AttemptHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The handler is about to be called. */
  onStarted(attempt: Attempt): void;
  onProgress(attempt: Attempt, context: JobContext, progress: JobProgress): void;
  addChild(
    parent: RunningJob,
    type: string | JobDefinition,
    data: unknown,
    options: AddOptions | undefined,
  ): Promise<string>;
}

/** The outcome of an attempt that has not ended: should its worker stop here, the job goes back as it was. */
const RELEASED: Outcome = Object.freeze({ kind: "released" });

/**
 * One run of one job: check that it may run, parse its data, call the handler within its time limit, and turn
 * whatever comes of it into an outcome. It is what the worker holds from claim to settle, and is itself the
 * settlement it hands to the store; so that a store can copy it whole, it shows no other fields.
 */
export class Attempt implements Settlement, AttemptControls {
  readonly job: RunningJob;
  /** What to store; `released` until the attempt has ended. */
  outcome: Outcome = RELEASED;
  readonly #handler: RegisteredHandler;
  readonly #host: AttemptHost;
  readonly #claimedAt: number;
  #thrown: unknown = undefined;
  #intent: Intent | null = null;
  #abortReason: QueueError | null = null;
  #controller: AbortController | null = null;
  #reports: Reports | null = null;
  #over = false;

  constructor(job: RunningJob, handler: RegisteredHandler, host: AttemptHost) {
    this.job = job;
    this.#handler = handler;
    this.#host = host;
    this.#claimedAt = host.clock.monotonic();
  }

  get handler(): RegisteredHandler {
    return this.#handler;
  }

  /** Monotonic milliseconds. */
  get claimedAt(): number {
    return this.#claimedAt;
  }

  /** What the handler threw: the very object, of which the outcome keeps name, message and stack. */
  get thrown(): unknown {
    return this.#thrown;
  }

  /** True when the process lost its lease on the job: the outcome must not be stored. */
  get isLost(): boolean {
    return this.#abortReason instanceof LeaseLostError;
  }

  /** The handler's signal. Made when somebody looks at it: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Asks the handler to end. The first reason counts; a lost lease outranks all others. */
  abort(reason: QueueError): void {
    if (this.#over || (this.#abortReason !== null && !(reason instanceof LeaseLostError))) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** Gives the job back although its handler still runs: it did not heed its signal. */
  abandon(): void {
    this.#over = true;
    this.outcome = RELEASED;
    void this.#reports?.close();
  }

  /** Runs the job; when it resolves, `outcome` says what to store. Never rejects. */
  async run(): Promise<void> {
    const { job } = this;
    const { store, clock, log } = this.#host;
    if (isExpired(job, clock.now())) {
      this.outcome = { kind: "cancelled", reason: "expired before it started" };
      return;
    }
    try {
      const marked = store.started(job);
      if (marked !== undefined) await marked;
    } catch (error) {
      log.debug("Cannot mark job {id} as started, giving it back: {error}", { id: job.id, error });
      return;
    }
    let outcome: Outcome;
    try {
      outcome = isTracing() ? await traceRun(job, () => this.#traced()) : await this.#perform(this.#handler);
    } catch (error) {
      outcome = this.#failure(error);
    }
    this.#markEnded();
    if (this.#over) return; // abandoned
    this.#over = true;
    this.outcome = outcome;
    if (this.#reports !== null) await this.#reports.close();
  }

  async #traced(): Promise<Outcome> {
    try {
      return await this.#perform(this.#handler);
    } catch (error) {
      return this.#failure(error);
    }
  }

  /** Should the mark stay, a death of this process is charged to the job: no reason to lose its outcome. */
  #markEnded(): void {
    try {
      this.#host.store.ended(this.job);
    } catch (error) {
      this.#host.log.debug("Cannot mark job {id} as ended: {error}", { id: this.job.id, error });
    }
  }

  async #perform(handler: RegisteredHandler): Promise<Outcome> {
    const { job } = this;
    let data = copyJson(job.data); // what a handler does to its data must not be stored
    if (handler.schema !== null) {
      const parsed = await parseData(handler.schema, data);
      if (!parsed.ok) return this.#dataFailure(parsed.path, parsed.message);
      data = parsed.data;
    }
    if (this.#abortReason !== null) return RELEASED; // it came while the store or the schema took their time
    const context = new JobContext(this, data);
    this.#host.onStarted(this);
    const timeout = job.timeout ?? handler.defaults.timeout ?? 0;
    const work = handler.run(context);
    const result = timeout > 0 ? await this.#within(timeout, work) : await work;
    return this.#intent === null ? this.#completion(result) : this.#intended(this.#intent);
  }

  /** Waits for `work`, but no longer than `ms`: a handler that hangs must not hold its slot for ever. */
  async #within(ms: number, work: unknown): Promise<unknown> {
    const done = new AbortController();
    const deadline = this.#host.clock.sleep(ms, done.signal).then(() => {
      if (done.signal.aborted) return;
      const error = new TimeoutError(this.job.id, ms);
      this.abort(error);
      throw error;
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      done.abort();
    }
  }

  #completion(result: unknown): Outcome {
    try {
      return { kind: "completed", result: toResult(result) };
    } catch (error) {
      // Another run would return the like; the work is done and must not be done again.
      if (!isInputError(error)) throw error;
      this.#thrown = error;
      return { kind: "failed", error: this.#jobError(error), retryAt: null };
    }
  }

  #dataFailure(path: string, message: string): Outcome {
    this.#thrown = new InputTypeError(path, message);
    const error = this.#jobError(this.#thrown);
    return { kind: "failed", error: { ...error, name: "InvalidDataError" }, retryAt: null };
  }

  #failure(thrown: unknown): Outcome {
    if (this.#intent !== null) return this.#intended(this.#intent);
    if (this.#abortReason instanceof ShutdownError) return RELEASED;
    this.#thrown = thrown;
    return { kind: "failed", error: this.#jobError(thrown), retryAt: this.#retryAt(thrown) };
  }

  #intended(intent: Intent): Outcome {
    switch (intent.kind) {
      case "snooze":
        return { kind: "snoozed", until: this.#host.clock.now() + intent.ms };
      case "cancel":
        return { kind: "cancelled", reason: intent.reason };
      case "fail":
        this.#thrown = intent.reason;
        return { kind: "failed", error: this.#jobError(intent.reason), retryAt: null };
    }
  }

  #jobError(thrown: unknown) {
    const { attempt, startedAt, workerId } = this.job;
    return { ...toJobError(thrown, attempt, this.#host.clock.now()), startedAt, workerId };
  }

  #retryAt(thrown: unknown): number | null {
    const { job } = this;
    const { clock, log } = this.#host;
    if (job.attempt >= job.maxAttempts) return null;
    const backoff = job.backoff ?? this.#handler.defaults.backoff ?? DEFAULT_BACKOFF;
    if (typeof backoff !== "function") return clock.now() + backoffDelay(backoff, job.attempt);
    const delay = customDelay(backoff, job.attempt, thrown);
    if (delay === undefined) {
      log.warn("Backoff function of {type} gave no number of milliseconds, using the default", {
        type: job.type,
      });
    }
    return clock.now() + (delay ?? backoffDelay(DEFAULT_BACKOFF, job.attempt));
  }

  // What the handler can do, by its JobContext.

  /**
   * Remembers how the handler wants to end; what it says first counts. Once its process stops it is not asked:
   * `catch (error) { job.fail(error) }` around an aborted fetch would fail a job that was only interrupted.
   */
  intend(intent: Intent): void {
    if (!this.#over && !(this.#abortReason instanceof ShutdownError)) this.#intent ??= intent;
  }

  write(level: LogLine["level"], message: unknown, fields: unknown): void {
    if (!this.#over) this.#reporting.write(level, message, fields);
  }

  report(context: JobContext, percent: number, note: string | null): void {
    if (this.#over) return;
    const progress = { percent, note, at: this.#host.clock.now() };
    this.#reporting.progress(progress);
    this.#host.onProgress(this, context, progress);
  }

  addChild(type: string | JobDefinition, data: unknown, options: AddOptions | undefined): Promise<string> {
    return this.#host.addChild(this.job, type, data, options);
  }

  get #reporting(): Reports {
    return this.#reports ??= new Reports(this.job, this.#host);
  }
}
