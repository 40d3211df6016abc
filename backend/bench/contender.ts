import type { createJobs } from "../jobs.ts";

/** What every job carries unless a measure says otherwise: 110 bytes of JSON. */
export const DATA = Object.freeze({ to: "ada@example.com", subject: "hello world ".repeat(6) + "!" });

/** The one type of all jobs unless a measure says otherwise. */
export const TYPE = "email";

/** A queue to be measured. */
export interface Contender {
  readonly name: string;
  /** The most handlers it runs at the same time. @default no limit */
  readonly maxConcurrency?: number;
  /** It is given so many times fewer jobs, so that a measurement stays below ten seconds. @default 1 */
  readonly slowness?: number;
  /** What the server behind it has used, where it has one. */
  server?(): ServerUse;
  /** This program itself, for what only it has. */
  readonly createJobs?: typeof createJobs;
  /** Opens a queue that is empty, or what an earlier one left in the folder. */
  open(setting: Setting): Promise<Subject>;
}

/** What a queue is opened with. */
export interface Setting {
  /** For files. What needs a server makes itself an empty database instead. */
  folder: string;
  /** Handlers at the same time, once it runs jobs. */
  concurrency: number;
  /** Jobs are of these in turn. */
  types: readonly string[];
  /** What each job carries. */
  data: Readonly<Record<string, unknown>>;
}

/** An open queue. */
export interface Subject {
  /** Adds a job of the first type; resolves when the queue says that it has it. */
  add(): Promise<unknown>;
  /** Adds `count` jobs at once; resolves when the queue says that it has all. */
  addMany(count: number): Promise<unknown>;
  /** Begins to run jobs, those that wait and those that come. Called once at most. */
  run(handler: () => void | Promise<void>): Promise<void>;
  /** Resolves when the outcome of everything that ran is stored. Nothing is run after it. */
  settled(): Promise<void>;
  /** Reads what a person looks at. Only this program has it. */
  readonly views?: { firstPage(): Promise<unknown>; stats(): Promise<unknown> };
  /** Lets go of the files and connections, and removes a database made for it. */
  close(): Promise<void>;
}

/** What the processes of a server used. */
export interface ServerUse {
  /** Milliseconds of CPU time since it started. */
  cpu: number;
  /** Bytes in memory now; what its processes share counts once. */
  memory: number;
}
