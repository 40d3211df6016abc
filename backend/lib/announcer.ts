import type { Attempt } from "./attempt.ts";
import type { JobContext } from "./context.ts";
import type { Emitter, JobEvent, QueueEvents } from "./events.ts";
import { isFinal, type Job, type JobProgress, type RunningJob } from "./job.ts";
import type { Log } from "./log.ts";

/** What an `Announcer` needs. */
export interface AnnouncerOptions {
  events: Emitter<QueueEvents>;
  log: Log;
  /** A job of this process has finished. */
  onFinished(job: Job): void;
}

/** Tells the listeners of a queue, and the methods of its processors, how attempts fare. Counts them. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  /** Promises of processors' methods that have not ended. */
  readonly #told = new Set<Promise<void>>();
  /** Attempts whose end is stored, those that succeeded, and those that failed. */
  readonly counts = { processed: 0, succeeded: 0, failed: 0 };

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  started(attempt: Attempt): void {
    const { events } = this.#options;
    if (events.has("started")) events.emit("started", shown(attempt.job));
  }

  progress(attempt: Attempt, context: JobContext, progress: JobProgress): void {
    const { events } = this.#options;
    if (events.has("progress")) events.emit("progress", { ...shown(attempt.job), progress });
    const { hooks } = attempt.handler;
    if (hooks.onProgress !== undefined) this.#tell(attempt, () => hooks.onProgress?.(context, progress));
  }

  settled(attempt: Attempt, job: Job | "lost" | "dropped"): void {
    const { log, onFinished } = this.#options;
    if (typeof job === "string") {
      if (job === "lost") {
        log.debug("Lost the lease on job {id}: its outcome is not stored", { id: attempt.job.id });
      }
      return;
    }
    const { status } = job;
    if (isFinal(status)) onFinished(job);
    if (isFinal(status) || status === "retrying") this.#announce(attempt, job, status);
  }

  /** Resolves once no processor's method is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#told);
  }

  #announce(attempt: Attempt, job: Job, event: JobEvent & Job["status"]): void {
    const { events, log } = this.#options;
    const { hooks } = attempt.handler;
    this.counts.processed++;
    if (event === "completed") {
      this.counts.succeeded++;
      if (hooks.onComplete !== undefined) this.#tell(attempt, () => hooks.onComplete?.(job, job.result));
    } else if (event === "failed" || event === "retrying") {
      this.counts.failed++;
      log.debug("Attempt {attempt} of job {id} failed: {error}", {
        id: job.id,
        type: job.type,
        attempt: job.attempt,
        error: job.errors.at(-1)?.message,
      });
      if (hooks.onError !== undefined) this.#tell(attempt, () => hooks.onError?.(job, attempt.thrown));
    }
    if (events.has(event)) events.emit(event, job);
  }

  #tell(attempt: Attempt, call: () => unknown): void {
    const report = (error: unknown) => {
      const { type, id } = attempt.job;
      this.#options.log.error("Processor of {type} threw in its handling of job {id}: {error}", {
        type,
        id,
        error,
      });
      this.#options.events.emit("error", error);
    };
    try {
      const returned = call();
      if (!(returned instanceof Promise)) return;
      const told: Promise<void> = returned.then(() => {}, report).finally(() => this.#told.delete(told));
      this.#told.add(told);
    } catch (error) {
      report(error);
    }
  }
}

/** The job without the proof of its claim, which is nobody's business. */
function shown({ lease: _, ...job }: RunningJob): Job {
  return job;
}
