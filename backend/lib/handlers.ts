import type { BackoffFunction } from "./backoff.ts";
import { checkFields, checkInteger, describe } from "./check.ts";
import type { JobContext } from "./context.ts";
import {
  checkTypeBackoff,
  type DataSchema,
  isJobDefinition,
  type JobDefinition,
  type TypeDefaults,
} from "./define-job.ts";
import { InputTypeError } from "./errors.ts";
import { typeMatches } from "./filter.ts";
import type { BackoffOptions, Job, JobProgress } from "./job.ts";
import { throughMiddleware } from "./middleware.ts";
import type { Middleware } from "./middleware.ts";
import { checkMaxAttempts, checkTimeout, checkType } from "./options.ts";

/** Performs jobs of one type. What it returns is stored as the job's result; what it throws fails the attempt. */
export type Handler<Data = unknown, Result = unknown> = (job: JobContext<Data>) => Result | Promise<Result>;

/** A handler as an object, with methods that are told how its jobs fare. What those throw is logged and changes nothing. */
export interface Processor<Data = unknown, Result = unknown> {
  process(job: JobContext<Data>): Result | Promise<Result>;
  /** At each `job.progress()`. */
  onProgress?(job: JobContext<Data>, progress: JobProgress): unknown;
  /** Once the result is stored; not for jobs whose process dies in between. */
  onComplete?(job: Job<Data>, result: Result): unknown;
  /** Once a failed attempt is stored: `job.status` says whether it will run again. `error` is what was thrown. */
  onError?(job: Job<Data>, error: unknown): unknown;
}

/** How a type is processed. */
export interface ProcessOptions {
  /** How many of this type at the same time, within the worker's own concurrency. @default no limit of its own */
  concurrency?: number;
  /**
   * False: its jobs take none of the worker's slots once they run, since they do nothing but wait for others. Then
   * `concurrency` is their only limit; without one they are as many as a process holds, 1,000.
   *
   * @default true
   */
  takesSlot?: boolean;
  /** Milliseconds for one attempt of a job that says nothing itself; 0: no limit. @default 0 */
  timeout?: number;
  /** Waits before the next attempt of a job that says nothing itself. */
  backoff?: Partial<BackoffOptions> | BackoffFunction;
  /** Runs of a job that this process adds without saying anything itself. */
  maxAttempts?: number;
}

const FIELDS: ReadonlySet<keyof ProcessOptions> = new Set([
  "concurrency",
  "takesSlot",
  "timeout",
  "backoff",
  "maxAttempts",
]);

/** The handler of one type, with all that was said when it was registered. */
export class RegisteredHandler {
  readonly type: string;
  readonly schema: DataSchema | null;
  /** How many at the same time; Infinity: no limit of its own. */
  readonly concurrency: number;
  readonly takesSlot: boolean;
  readonly defaults: TypeDefaults;
  readonly #processor: Processor;
  readonly #middleware: readonly Middleware[];

  constructor(
    definition: Pick<JobDefinition, "type" | "schema" | "defaults">,
    processor: Processor,
    { concurrency, takesSlot, middleware }: {
      concurrency: number;
      takesSlot: boolean;
      middleware: readonly Middleware[];
    },
  ) {
    this.type = definition.type;
    this.schema = definition.schema;
    this.defaults = definition.defaults;
    this.concurrency = concurrency;
    this.takesSlot = takesSlot;
    this.#processor = processor;
    this.#middleware = middleware;
  }

  /** Runs middleware and handler. */
  run(job: JobContext): unknown {
    return this.#middleware.length === 0
      ? this.#processor.process(job)
      : throughMiddleware([...this.#middleware], job, () => this.#processor.process(job));
  }

  /** The methods that are told how jobs fare. */
  get hooks(): Pick<Processor, "onProgress" | "onComplete" | "onError"> {
    return this.#processor;
  }
}

/** The handlers of one queue, by type. */
export class HandlerRegistry {
  readonly #handlers = new Map<string, RegisteredHandler>();
  readonly #middleware: Middleware[] = [];

  /**
   * Registers the handler of a type.
   *
   * @throws {InputTypeError} The type has one already, or a value is of the wrong type.
   * @throws {InputRangeError} An option is out of range.
   */
  add(type: unknown, processor: unknown, options: unknown): void {
    const given = options === undefined ? {} : checkFields(options, "options", FIELDS);
    const defaults: TypeDefaults = {
      maxAttempts: given.maxAttempts === undefined
        ? null
        : checkMaxAttempts(given.maxAttempts, "options.maxAttempts"),
      timeout: given.timeout === undefined ? null : checkTimeout(given.timeout, "options.timeout"),
      backoff: checkTypeBackoff(given.backoff, "options.backoff"),
      queue: null,
      priority: null,
    };
    const definition = isJobDefinition(type)
      ? { ...type, defaults: merge(defaults, type.defaults) }
      : { type: checkType(type), schema: null, defaults };
    if (this.#handlers.has(definition.type)) {
      throw new InputTypeError("type", `has a handler already, found ${describe(definition.type)}`);
    }
    const concurrency = given.concurrency === undefined
      ? Infinity
      : checkInteger(given.concurrency, "options.concurrency", 1, 1000);
    const { takesSlot = true } = given;
    if (typeof takesSlot !== "boolean") {
      throw new InputTypeError("options.takesSlot", `must be true or false, found ${describe(takesSlot)}`);
    }
    this.#handlers.set(
      definition.type,
      new RegisteredHandler(definition, toProcessor(processor), {
        concurrency,
        takesSlot,
        middleware: this.#middleware,
      }),
    );
  }

  /** Adds middleware around every attempt that starts from now on, inside what was added before. */
  use(middleware: Middleware): void {
    if (typeof middleware !== "function") {
      throw new InputTypeError("middleware", `must be a function, found ${describe(middleware)}`);
    }
    this.#middleware.push(middleware);
  }

  get(type: string): RegisteredHandler | undefined {
    return this.#handlers.get(type);
  }

  types(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Those of `families` (a type or the part before `:`); undefined: all. */
  matching(families: readonly string[] | undefined): RegisteredHandler[] {
    const all = [...this.#handlers.values()];
    if (families === undefined) return all;
    return all.filter(({ type }) => families.some((family) => typeMatches(type, family)));
  }
}

function merge(first: TypeDefaults, second: TypeDefaults): TypeDefaults {
  return {
    maxAttempts: first.maxAttempts ?? second.maxAttempts,
    timeout: first.timeout ?? second.timeout,
    backoff: first.backoff ?? second.backoff,
    queue: first.queue ?? second.queue,
    priority: first.priority ?? second.priority,
  };
}

function toProcessor(value: unknown): Processor {
  if (typeof value === "function") return { process: value as Handler };
  if (
    typeof value === "object" && value !== null && "process" in value && typeof value.process === "function"
  ) {
    return value as Processor;
  }
  throw new InputTypeError(
    "handler",
    `must be a function or have a process() method, found ${describe(value)}`,
  );
}
