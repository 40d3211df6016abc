/** What every job carries: 110 bytes of JSON. */
export const DATA = Object.freeze({ to: "ada@example.com", subject: "hello world ".repeat(6) + "!" });

/** The one type of all jobs. */
export const TYPE = "email";

/** A queue to be measured. */
export interface Contender {
  readonly name: string;
  /**
   * Opens a queue on a file that is not there yet.
   *
   * @param concurrency Handlers at the same time, once it runs jobs.
   */
  open(path: string, concurrency: number): Promise<Subject>;
}

/** A queue on a file of its own. Finished jobs are kept. */
export interface Subject {
  /** Adds a job; resolves when it is on disk. */
  add(): Promise<unknown>;
  /** Adds `count` jobs at once; resolves when all are on disk. */
  addMany(count: number): Promise<unknown>;
  /** Begins to run jobs, those that wait and those that come. Called once at most. */
  run(handler: () => void): Promise<void>;
  /** Resolves when the outcome of everything that ran is on disk. */
  settled(): Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
}
