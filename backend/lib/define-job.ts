import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type BackoffFunction, checkBackoff } from "./backoff.ts";
import { checkFields, describe } from "./check.ts";
import type { JobContext } from "./context.ts";
import { InputTypeError } from "./errors.ts";
import type { BackoffOptions } from "./job.ts";
import { pathOf } from "./json.ts";
import { checkMaxAttempts, checkPriority, checkQueueName, checkTimeout, checkType } from "./options.ts";

/** A schema of any library that speaks Standard Schema: zod, valibot, arktype… */
export type DataSchema<Input = unknown, Data = Input> = StandardSchemaV1<Input, Data>;

/** What `defineJob` is given. */
export interface JobDefinitionOptions<Input, Data, Result> {
  type: string;
  /** Checks data at `add`, and again at each attempt, whose `job.data` is what it returned. */
  schema?: DataSchema<Input, Data>;
  /** Runs a job of this type may have, the first included, where `add` says nothing. @default the queue's */
  maxAttempts?: number;
  /** Milliseconds for one attempt where `add` says nothing; 0: no limit. @default 0 */
  timeout?: number;
  /** Waits before the next attempt where `add` says nothing; a function is asked each time. */
  backoff?: Partial<BackoffOptions> | BackoffFunction;
  /** The queue where `add` says nothing. @default "default" */
  queue?: string;
  /** The priority where `add` says nothing. @default 0 */
  priority?: number;
  /** Performs one job. What it returns is stored as the job's result. */
  run(job: JobContext<Data>): Result | Promise<Result>;
}

/** What a type says where a job's own options are silent. null: nothing. */
export interface TypeDefaults {
  readonly maxAttempts: number | null;
  readonly timeout: number | null;
  readonly backoff: BackoffOptions | BackoffFunction | null;
  readonly queue: string | null;
  readonly priority: number | null;
}

/** A job type with all that belongs to it: schema, defaults and handler. Made by `defineJob`. */
export interface JobDefinition<Input = unknown, Data = unknown, Result = unknown> {
  readonly type: string;
  readonly schema: DataSchema<Input, Data> | null;
  readonly defaults: TypeDefaults;
  run(job: JobContext<Data>): Result | Promise<Result>;
}

/** The definitions made here: a plain object that looks like one has not been checked. */
const made = new WeakSet<object>();

const FIELDS: ReadonlySet<keyof JobDefinitionOptions<unknown, unknown, unknown>> = new Set([
  "type",
  "schema",
  "maxAttempts",
  "timeout",
  "backoff",
  "queue",
  "priority",
  "run",
]);

/**
 * Defines a job type: what `add` accepts for it, and what performs it.
 *
 * @throws {InputTypeError} A field is missing, unknown, or of the wrong type.
 * @throws {InputRangeError} A field is out of range.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 * import { defineJob } from "./define-job.ts";
 *
 * const greet = defineJob({
 *   type: "greet",
 *   schema: z.object({ name: z.string() }),
 *   maxAttempts: 5,
 *   run: (job) => `Hello ${job.data.name}`,
 * });
 * assertEquals(greet.type, "greet");
 * ```
 */
export function defineJob<Input = unknown, Data = Input, Result = unknown>(
  options: JobDefinitionOptions<Input, Data, Result>,
): JobDefinition<Input, Data, Result> {
  const given = checkFields(options, "", FIELDS);
  const definition: JobDefinition<Input, Data, Result> = {
    type: checkType(given.type),
    schema: checkSchema(options.schema),
    defaults: {
      maxAttempts: given.maxAttempts === undefined
        ? null
        : checkMaxAttempts(given.maxAttempts, "maxAttempts"),
      timeout: given.timeout === undefined ? null : checkTimeout(given.timeout, "timeout"),
      backoff: checkTypeBackoff(options.backoff, "backoff"),
      queue: given.queue === undefined ? null : checkQueueName(given.queue),
      priority: given.priority === undefined ? null : checkPriority(given.priority, "priority"),
    },
    run: (job) => options.run(job),
  };
  if (typeof given.run !== "function") {
    throw new InputTypeError("run", `must be a function, found ${describe(given.run)}`);
  }
  made.add(definition);
  return Object.freeze(definition);
}

/** True when `value` was made by `defineJob`. */
export function isJobDefinition(value: unknown): value is JobDefinition {
  return typeof value === "object" && value !== null && made.has(value);
}

/** Returns `value` as backoff of a type: complete options, the function given, or null. */
export function checkTypeBackoff(value: unknown, path: string): BackoffOptions | BackoffFunction | null {
  if (value === undefined) return null;
  return typeof value === "function" ? value as BackoffFunction : checkBackoff(value, path);
}

function checkSchema<Input, Data>(
  schema: DataSchema<Input, Data> | undefined,
): DataSchema<Input, Data> | null {
  if (schema === undefined) return null;
  const isSchema = (typeof schema === "object" || typeof schema === "function") && schema !== null &&
    typeof schema["~standard"]?.validate === "function";
  if (!isSchema) {
    throw new InputTypeError(
      "schema",
      `must be a Standard Schema (zod, valibot, arktype…), found ${describe(schema)}`,
    );
  }
  return schema;
}

/** Data that a schema parsed, or what is wrong with it. */
export type Parsed<Data> = { ok: true; data: Data } | { ok: false; path: string; message: string };

/** Parses `data`. The path of what is wrong begins with `data`: `data.user.tags[2]`. */
export function parseData<Data>(
  schema: DataSchema<unknown, Data>,
  data: unknown,
): Parsed<Data> | Promise<Parsed<Data>> {
  const result = schema["~standard"].validate(data);
  return result instanceof Promise ? result.then(toParsed) : toParsed(result);
}

function toParsed<Data>(result: StandardSchemaV1.Result<Data>): Parsed<Data> {
  if (result.issues === undefined) return { ok: true, data: result.value };
  const [issue] = result.issues;
  const keys = (issue?.path ?? []).map((segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "number" ? key : String(key);
  });
  const unknown = issue === undefined ? undefined : unknownField(issue);
  if (unknown !== undefined) {
    return { ok: false, path: `data${pathOf([...keys, unknown])}`, message: "is not a known field" };
  }
  return { ok: false, path: `data${pathOf(keys)}`, message: issue?.message ?? "does not fit the schema" };
}

/** The unknown field that `issue` is about: zod names it beside the path, other libraries as the end of the path. */
function unknownField(issue: StandardSchemaV1.Issue): string | undefined {
  const { code, keys } = issue as StandardSchemaV1.Issue & { code?: unknown; keys?: unknown };
  if (code !== "unrecognized_keys" || !Array.isArray(keys)) return undefined;
  return keys.find((key) => typeof key === "string");
}
