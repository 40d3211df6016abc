import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkFields, checkOneOf, describe, isId } from "../check.ts";
import type { DataSchema } from "../define-job.ts";
import { InputRangeError, InputTypeError, isInputError, underPath } from "../errors.ts";
import { FINAL_STATUSES, type JobStatus } from "../job.ts";
import { checkFilter } from "../queries.ts";
import type { Queue } from "../queue.ts";
import type { JobFilter } from "../store.ts";

/** What is done to many jobs. */
export type BulkAction = "retry" | "cancel" | "remove";

/** Which jobs to change, and how. Either `ids` or `filter` is given. */
export interface BulkData {
  action: BulkAction;
  /** 1–1,000. */
  ids?: readonly string[];
  /** At least one condition. */
  filter?: JobFilter;
}

/** What became of the jobs. */
export interface BulkResult {
  /** All of the below. */
  matched: number;
  changed: number;
  /** Those that had changed meanwhile, or that the action is not for. */
  skipped: number;
  /** Those whose unique key another job holds by now. */
  failed: number;
}

/** What bulk jobs need of their queue. */
export type BulkQueue = Pick<
  Queue,
  "get" | "list" | "stats" | "retry" | "cancel" | "remove" | "host"
>;

/** The most ids one bulk job may be given. */
export const MAX_BULK_IDS = 1000;

/** The statuses that each action is for. A waiting job is cancelled before it can be removed. */
export const BULK_STATUSES: Readonly<Record<BulkAction, readonly JobStatus[]>> = {
  retry: FINAL_STATUSES,
  cancel: ["pending", "scheduled", "running", "retrying"],
  remove: FINAL_STATUSES,
};

const ACTIONS: readonly BulkAction[] = ["retry", "cancel", "remove"];
const FIELDS: ReadonlySet<keyof BulkData> = new Set(["action", "ids", "filter"]);

/** The conditions among the fields of a filter: `redact` is none. */
const isCondition = ([name, value]: [string, unknown]) => name !== "redact" && value !== undefined;

/** Returns `data` if it says what to do. @throws {InputTypeError | InputRangeError} A field is wrong. */
export function checkBulk(data: unknown): BulkData {
  const given = checkFields(data, "", FIELDS);
  const action = checkOneOf(given.action, "action", ACTIONS);
  if ((given.ids === undefined) === (given.filter === undefined)) {
    throw new InputTypeError("filter", "must be given, or ids; one of them, not both");
  }
  return given.ids === undefined
    ? { action, filter: checkBulkFilter(given.filter, action) }
    : { action, ids: checkIds(given.ids) };
}

function checkIds(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new InputTypeError("ids", `must be an array, found ${describe(value)}`);
  if (value.length === 0 || value.length > MAX_BULK_IDS) {
    throw new InputRangeError("ids", `must have 1 to ${MAX_BULK_IDS} ids, found ${value.length}`);
  }
  for (const [i, id] of value.entries()) {
    if (typeof id === "string" && isId(id)) continue;
    throw new InputRangeError(`ids[${i}]`, `must be an id of a job, found ${describe(id)}`);
  }
  return [...new Set(value)];
}

function checkBulkFilter(value: unknown, action: BulkAction): JobFilter {
  let filter: JobFilter;
  try {
    filter = checkFilter(value as JobFilter);
  } catch (error) {
    if (!isInputError(error) || /^filter\b/.test(error.issues[0]?.path ?? "")) throw error;
    throw underPath(error, "filter");
  }
  if (!Object.entries(filter).some(isCondition)) {
    throw new InputRangeError("filter", "must have a condition: what is meant for all jobs must say so");
  }
  const allowed = BULK_STATUSES[action];
  const wrong = (filter.status ?? []).find((status) => !allowed.includes(status));
  if (wrong === undefined) return filter;
  const names = allowed.join(", ");
  throw new InputRangeError("filter.status", `must be of ${names} for ${action}, found ${describe(wrong)}`);
}

/** `checkBulk` as the schema of a job type. */
export const bulkSchema: DataSchema<BulkData> = {
  "~standard": {
    version: 1,
    vendor: "cronosaur",
    validate(value): StandardSchemaV1.Result<BulkData> {
      try {
        return { value: checkBulk(value) };
      } catch (error) {
        if (!isInputError(error)) throw error;
        return { issues: error.issues.map(({ path, message }) => ({ message, path: path.split(".") })) };
      }
    },
  },
};
