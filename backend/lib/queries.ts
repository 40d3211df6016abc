import { checkFields, checkInteger, checkMs, checkOneOf, describe } from "./check.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { FINAL_STATUSES, type FinalStatus, JOB_STATUSES } from "./job.ts";
import { checkDueTime, checkPriority } from "./options.ts";
import type { JobFilter } from "./store.ts";

/** Which page of a list. */
export interface PageOptions {
  /** `nextCursor` of the page before; without it, the first page. */
  cursor?: string;
  /** 1–200. @default 50 */
  limit?: number;
}

/** What to change of a waiting job. */
export interface JobUpdate {
  /** A whole number, −1000 to 1000. */
  priority?: number;
  /** A date or epoch milliseconds; one in the past means at once. */
  scheduledAt?: Date | number;
}

/** Which finished jobs to delete. */
export interface PruneOptions {
  /** At least so many milliseconds since they finished; 0: all that have. Or that by status; none, or Infinity: kept. */
  olderThan: number | Readonly<Partial<Record<FinalStatus, number>>>;
  /** @default all final statuses */
  status?: FinalStatus | readonly FinalStatus[];
  /** True: a job with a `keepFor` of its own goes when that has passed, whatever `olderThan` says. @default false */
  keepFor?: boolean;
  /** True: nothing is deleted, only counted, up to 100,000. @default false */
  dryRun?: boolean;
  /** Ends it between two batches; what has been deleted stays so. */
  signal?: AbortSignal;
}

/** Whose logs to delete. */
export interface PruneLogsOptions {
  /** At least so many milliseconds since their job finished; 0: of all that have. */
  olderThan: number;
  /** True: nothing is deleted, only counted. @default false */
  dryRun?: boolean;
  /** Ends it between two batches; what has been deleted stays so. */
  signal?: AbortSignal;
}

/** How expired records are deleted. */
export interface DeleteExpiredOptions {
  /** True: nothing is deleted, only counted. @default false */
  dryRun?: boolean;
  /** Ends it between two batches; what has been deleted stays so. */
  signal?: AbortSignal;
}

/** Which minutes of the history, epoch milliseconds. */
export interface HistoryRange {
  /** Inclusive. */
  from: number;
  /** Exclusive. */
  to: number;
  /** Only this type and its family. */
  type?: string;
}

/** How many entries a page has, unless somebody says. */
export const DEFAULT_LIMIT = 50;

const PAGE_FIELDS: ReadonlySet<keyof PageOptions> = new Set(["cursor", "limit"]);
const UPDATE_FIELDS: ReadonlySet<keyof JobUpdate> = new Set(["priority", "scheduledAt"]);
const PRUNE_FIELDS: ReadonlySet<keyof PruneOptions> = new Set([
  "olderThan",
  "status",
  "keepFor",
  "dryRun",
  "signal",
]);
const PRUNE_LOGS_FIELDS: ReadonlySet<keyof PruneLogsOptions> = new Set(["olderThan", "dryRun", "signal"]);
const DELETE_EXPIRED_FIELDS: ReadonlySet<keyof DeleteExpiredOptions> = new Set(["dryRun", "signal"]);
const RANGE_FIELDS: ReadonlySet<keyof HistoryRange> = new Set(["from", "to", "type"]);
const TEXT_FILTERS = ["type", "queue", "tag", "text", "createdBy", "fingerprint"] as const;
const TIME_FILTERS = ["createdAfter", "createdBefore", "finishedAfter", "finishedBefore"] as const;
const FILTER_FIELDS: ReadonlySet<keyof JobFilter> = new Set([
  "status",
  "data",
  "redact",
  ...TEXT_FILTERS,
  ...TIME_FILTERS,
]);

/** Returns a page request, complete. @throws {InputTypeError | InputRangeError} It is not one. */
export function checkPage(page: PageOptions): { cursor?: string; limit: number } {
  const given = checkFields(page, "page", PAGE_FIELDS);
  const limit = checkInteger(given.limit ?? DEFAULT_LIMIT, "limit", 1, 200);
  return given.cursor === undefined ? { limit } : { limit, cursor: checkString(given.cursor, "cursor") };
}

/** Returns `filter` if it is one. @throws {InputTypeError | InputRangeError} It is not. */
export function checkFilter(filter: JobFilter): JobFilter {
  const given = checkFields(filter, "filter", FILTER_FIELDS);
  for (const name of TEXT_FILTERS) if (given[name] !== undefined) checkString(given[name], name);
  for (const name of TIME_FILTERS) if (given[name] !== undefined) checkTime(given[name], name);
  if (given.status !== undefined) {
    checkArray(given.status, "status").forEach((one, i) => checkOneOf(one, `status[${i}]`, JOB_STATUSES));
  }
  if (given.redact !== undefined) {
    checkArray(given.redact, "redact").forEach((one, i) => checkString(one, `redact[${i}]`));
  }
  if (given.data !== undefined) {
    checkArray(given.data, "data").forEach((one, i) => {
      const condition = checkFields(one, `data[${i}]`, new Set(["path", "value"]));
      checkString(condition.path, `data[${i}].path`);
      checkString(condition.value, `data[${i}].value`);
    });
  }
  return filter;
}

/** Returns what to change of a job. @throws {InputTypeError | InputRangeError} It changes nothing, or wrongly. */
export function checkUpdate(changes: JobUpdate, now: number): { priority?: number; scheduledAt?: number } {
  const given = checkFields(changes, "", UPDATE_FIELDS);
  if (given.priority === undefined && given.scheduledAt === undefined) {
    throw new InputTypeError("changes", "must hold priority or scheduledAt, found neither");
  }
  return {
    ...(given.priority === undefined ? {} : { priority: checkPriority(given.priority, "priority") }),
    ...(given.scheduledAt === undefined
      ? {}
      : { scheduledAt: checkDueTime(given.scheduledAt, "scheduledAt", now) }),
  };
}

/** What is deleted batch by batch. */
interface Sweep {
  dryRun: boolean;
  signal: AbortSignal | undefined;
}

/** Which jobs to prune, and how. */
export interface CheckedPrune extends Sweep {
  finishedBefore: Partial<Record<FinalStatus, number>>;
  keepFor: boolean;
}

/** Returns until when jobs of which statuses go. @throws {InputTypeError | InputRangeError} A field is wrong. */
export function checkPrune(options: PruneOptions, now: number): CheckedPrune {
  const given = checkFields(options, "", PRUNE_FIELDS);
  const { status = FINAL_STATUSES } = given;
  const statuses = Array.isArray(status) ? status : [status];
  const before = checkAges(given.olderThan, now);
  return {
    finishedBefore: Object.fromEntries(
      statuses.map((one) => checkOneOf(one, "status", FINAL_STATUSES))
        .flatMap((one) => before[one] === undefined ? [] : [[one, before[one]]]),
    ),
    keepFor: checkSwitch(given.keepFor, "keepFor"),
    ...checkSweep(given),
  };
}

/** Returns until when jobs lose their logs. @throws {InputTypeError | InputRangeError} A field is wrong. */
export function checkPruneLogs(options: PruneLogsOptions, now: number): Sweep & { finishedBefore: number } {
  const given = checkFields(options, "", PRUNE_LOGS_FIELDS);
  return { finishedBefore: checkBefore(given.olderThan, now), ...checkSweep(given) };
}

/** Returns how to delete expired records. @throws {InputTypeError} A field is wrong. */
export function checkDeleteExpired(options: DeleteExpiredOptions): Sweep {
  return checkSweep(checkFields(options, "", DELETE_EXPIRED_FIELDS));
}

function checkAges(olderThan: unknown, now: number): Partial<Record<FinalStatus, number>> {
  if (typeof olderThan !== "object" || olderThan === null) {
    const before = checkBefore(olderThan, now);
    return Object.fromEntries(FINAL_STATUSES.map((status) => [status, before]));
  }
  const ages = Object.entries(checkFields(olderThan, "olderThan", new Set(FINAL_STATUSES)));
  return Object.fromEntries(
    ages.filter(([, age]) => age !== undefined && age !== Infinity)
      .map(([status, age]) => [status, checkBefore(age, now, `olderThan.${status}`)]),
  );
}

/** One more: what finished in this very millisecond is 0 ms old. */
function checkBefore(olderThan: unknown, now: number, path = "olderThan"): number {
  return now - checkMs(olderThan, path) + 1;
}

function checkSweep({ dryRun, signal }: { dryRun?: unknown; signal?: unknown }): Sweep {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InputTypeError("signal", `must be an AbortSignal, found ${describe(signal)}`);
  }
  return { dryRun: checkSwitch(dryRun, "dryRun"), signal };
}

function checkSwitch(value: unknown, path: string): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new InputTypeError(path, `must be true or false, found ${describe(value)}`);
}

/** Returns `range` if it is one. @throws {InputTypeError | InputRangeError} It is not. */
export function checkHistoryRange(range: HistoryRange): HistoryRange {
  const given = checkFields(range, "range", RANGE_FIELDS);
  const from = checkTime(given.from, "from");
  const to = checkTime(given.to, "to");
  if (to < from) throw new InputRangeError("to", `must not be before from (${from}), found ${to}`);
  return given.type === undefined ? { from, to } : { from, to, type: checkString(given.type, "type") };
}

function checkString(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
}

function checkArray(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new InputTypeError(path, `must be an array, found ${describe(value)}`);
}

function checkTime(value: unknown, path: string): number {
  if (typeof value !== "number") {
    throw new InputTypeError(path, `must be epoch milliseconds, found ${describe(value)}`);
  }
  if (Number.isNaN(value)) throw new InputRangeError(path, "must be epoch milliseconds, found NaN");
  return value;
}
