import { checkFields, checkInteger, checkMs, describe, LONGEST } from "./check.ts";
import { type Clock, systemClock } from "./clock.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { FINAL_STATUSES, type FinalStatus } from "./job.ts";
import type { Log } from "./log.ts";
import type { Retention } from "./maintainer.ts";
import { checkMaxAttempts, checkQueueName, checkType } from "./options.ts";
import type { Store } from "./store.ts";

/** What a process says of itself. */
export interface ProcessInfo {
  host: string;
  pid: number;
  version: string;
  /** Its resident memory in bytes. */
  memory(): number;
}

/** How a `Queue` is made. */
export interface QueueOptions {
  /** Where jobs live: a store, or a function that makes it, called at first use, and again if it cannot be opened. */
  store: Store | (() => Store | Promise<Store>);
  /** @default systemClock */
  clock?: Clock;
  /** Handlers at the same time in this process, 1–1000. @default 5 */
  concurrency?: number;
  /** Milliseconds between two looks for work, should no wake-up come; 10 to an hour. @default 1000 */
  pollInterval?: number;
  /** Milliseconds between two signs of life, 100 to an hour. @default 5000 */
  heartbeatInterval?: number;
  /** Of jobs that say nothing themselves, 1–1000. @default 3 */
  maxAttempts?: number;
  /** Milliseconds that running handlers get to end when the queue stops; 0: as long as they take. @default 25_000 */
  drainTimeout?: number;
  /** Milliseconds to keep finished jobs, by status; Infinity: for ever. @default 7 days, `failed` 30 days */
  retention?: Partial<Record<FinalStatus, number>>;
  /** Milliseconds to keep entries of the audit log; Infinity: for ever. @default 90 days */
  auditRetention?: number;
  /** Run only these types and families. @default all that have a handler */
  types?: readonly string[];
  /** Run only jobs of these queues. @default all */
  queues?: readonly string[];
  /** @default LogTape's logger `jobs:queue` */
  log?: Log;
  /** What `workers()` of any process shows of this one. */
  process?: ProcessInfo;
}

/** `QueueOptions` checked and complete. */
export interface CheckedQueueOptions {
  store(): Store | Promise<Store>;
  clock: Clock;
  concurrency: number;
  pollInterval: number;
  heartbeatInterval: number;
  maxAttempts: number;
  drainTimeout: number;
  retention: Retention;
  auditRetention: number;
  types: readonly string[] | undefined;
  queues: readonly string[] | null;
  log: Log | undefined;
  process: ProcessInfo;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

const FIELDS: ReadonlySet<keyof QueueOptions> = new Set([
  "store",
  "clock",
  "concurrency",
  "pollInterval",
  "heartbeatInterval",
  "maxAttempts",
  "drainTimeout",
  "retention",
  "auditRetention",
  "types",
  "queues",
  "log",
  "process",
]);

/**
 * Checks and completes the options of a queue.
 *
 * @throws {InputTypeError} A field is unknown or of the wrong type.
 * @throws {InputRangeError} A field is out of range.
 */
export function checkQueueOptions(options: QueueOptions): CheckedQueueOptions {
  checkFields(options, "", FIELDS);
  const { store } = options;
  if ((typeof store !== "object" && typeof store !== "function") || store === null) {
    throw new InputTypeError(
      "store",
      `must be a store or a function that makes one, found ${describe(store)}`,
    );
  }
  return {
    store: typeof store === "function" ? store : () => store,
    clock: options.clock ?? systemClock,
    concurrency: checkInteger(options.concurrency ?? 5, "concurrency", 1, 1000),
    pollInterval: checkMs(options.pollInterval ?? 1000, "pollInterval", 10, HOUR),
    heartbeatInterval: checkMs(options.heartbeatInterval ?? 5000, "heartbeatInterval", 100, HOUR),
    maxAttempts: checkMaxAttempts(options.maxAttempts ?? 3, "maxAttempts"),
    drainTimeout: checkMs(options.drainTimeout ?? 25_000, "drainTimeout", 0, HOUR),
    retention: checkRetention(options.retention ?? {}),
    auditRetention: checkTimeToKeep(options.auditRetention ?? 90 * DAY, "auditRetention"),
    types: options.types === undefined ? undefined : checkNames(options.types, "types", checkType),
    queues: options.queues === undefined ? null : checkNames(options.queues, "queues", checkQueueName),
    log: options.log ?? undefined,
    process: options.process ?? { host: "", pid: 0, version: "", memory: () => 0 },
  };
}

function checkRetention(value: unknown): Retention {
  const given = checkFields(value, "retention", new Set(FINAL_STATUSES));
  const of = (status: FinalStatus, days: number) =>
    checkTimeToKeep(given[status] ?? days * DAY, `retention.${status}`);
  return { completed: of("completed", 7), failed: of("failed", 30), cancelled: of("cancelled", 7) };
}

function checkTimeToKeep(ms: unknown, path: string): number {
  return ms === Infinity ? ms : checkMs(ms, path, 0, LONGEST);
}

function checkNames(
  value: unknown,
  path: string,
  check: (name: unknown, path: string) => string,
): readonly string[] {
  if (!Array.isArray(value)) throw new InputTypeError(path, `must be an array, found ${describe(value)}`);
  if (value.length === 0) throw new InputRangeError(path, "must not be empty; leave it out for all");
  return value.map((name: unknown, i) => check(name, `${path}[${i}]`));
}
