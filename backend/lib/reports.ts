import type { Clock } from "./clock.ts";
import type { JobProgress, RunningJob } from "./job.ts";
import type { Log } from "./log.ts";
import { makeLogLine } from "./log-line.ts";
import type { LogLine, Store } from "./store.ts";

/** Lines of a job's log that one attempt may write. */
export const MAX_LOG_LINES = 1_000;

/** Milliseconds between two writes of one attempt's log and progress: at most four a second. */
const FLUSH_INTERVAL = 250;

/**
 * What one running attempt tells about itself: log lines and progress. Both are collected and stored at most
 * four times a second; of several progresses the last one counts. What is left is stored by `close()`.
 *
 * Best effort: a store that is away costs lines, never the attempt.
 */
export class Reports {
  readonly #job: RunningJob;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #lines: LogLine[] = [];
  #count = 0;
  #progress: JobProgress | null = null;
  #loop: Promise<void> | null = null;

  constructor(job: RunningJob, { store, clock, log }: { store: Store; clock: Clock; log: Log }) {
    this.#job = job;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Adds a log line. Lines beyond 1,000 are dropped; the last one kept says so. */
  write(level: LogLine["level"], message: unknown, fields: unknown): void {
    if (this.#count === MAX_LOG_LINES) return;
    const when = { attempt: this.#job.attempt, at: this.#clock.now() };
    this.#count++;
    this.#lines.push(
      this.#count === MAX_LOG_LINES
        ? makeLogLine(
          "warn",
          `Only ${MAX_LOG_LINES} lines an attempt are kept: this is the last`,
          undefined,
          when,
        )
        : makeLogLine(level, message, fields, when),
    );
    this.#wake();
  }

  /** Replaces the progress. */
  progress(progress: JobProgress): void {
    this.#progress = progress;
    this.#wake();
  }

  /** Stores what is left. Nothing may be given to it afterwards. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#flush();
  }

  #wake(): void {
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted && (this.#lines.length > 0 || this.#progress !== null)) {
      await this.#clock.sleep(FLUSH_INTERVAL, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#flush();
    }
    this.#loop = null;
  }

  async #flush(): Promise<void> {
    const lines = this.#lines;
    const progress = this.#progress;
    this.#lines = [];
    this.#progress = null;
    try {
      if (lines.length > 0) await this.#store.appendLogs(this.#job.seq, lines);
      if (progress !== null) await this.#store.progress(this.#job, progress);
    } catch (error) {
      this.#log.debug("Cannot store log or progress of job {id}: {error}", { id: this.#job.id, error });
    }
  }
}
