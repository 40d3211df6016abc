import { checkFields, describe } from "./check.ts";
import type { Clock } from "./clock.ts";
import {
  type DataSchema,
  isJobDefinition,
  type JobDefinition,
  parseData,
  type TypeDefaults,
} from "./define-job.ts";
import { type InputError, InputTypeError, isInputError, underPath, UniqueConflictError } from "./errors.ts";
import type { Emitter, QueueEvents } from "./events.ts";
import type { HandlerRegistry } from "./handlers.ts";
import { createSeq } from "./ids.ts";
import type { Job } from "./job.ts";
import { checkJson, copyJson } from "./json.ts";
import { type AddOptions, type CheckedOptions, checkOptions, checkType } from "./options.ts";
import type { Insert, Inserted, Store } from "./store.ts";
import { currentTrace } from "./tracing.ts";

/** One job of `addMany`. */
export interface AddRequest {
  type: string | JobDefinition;
  data: unknown;
  options?: AddOptions;
}

/** What a job takes over from another one, and who wants to see it. */
export interface Origin {
  /** Gets the job once it is stored; not called if one was there already. */
  onAdded?: (job: Job) => void;
  traceContext?: string | null;
  /** The job it repeats: its own values stand where `add` says nothing. */
  repeats?: Job;
}

/** What an `Adder` needs. */
export interface AdderOptions {
  clock: Clock;
  registry: HandlerRegistry;
  events: Emitter<QueueEvents>;
  /** Of jobs for which nobody says anything else. */
  maxAttempts: number;
  /** The store if it is open, else a promise of it. */
  store(): Store | Promise<Store>;
}

const REQUEST_FIELDS: ReadonlySet<keyof AddRequest> = new Set(["type", "data", "options"]);

const NO_DEFAULTS: TypeDefaults = {
  maxAttempts: null,
  timeout: null,
  backoff: null,
  queue: null,
  priority: null,
};

/** Turns what callers ask for into jobs, and stores them. Nothing is stored unless all of it is right. */
export class Adder {
  readonly #options: AdderOptions;
  readonly #nextSeq = createSeq();

  constructor(options: AdderOptions) {
    this.#options = options;
  }

  /** Adds one job; see `Queue.add`. */
  async add(type: unknown, data: unknown, options: unknown, origin?: Origin): Promise<string> {
    const { insert, schema } = this.#prepare({ type, data, options }, origin);
    let store = this.#options.store();
    if (schema !== null || store instanceof Promise) {
      keepOwnCopy(insert);
      if (store instanceof Promise) store.catch(() => {}); // should the schema refuse first, nobody awaits it
      if (schema !== null) await checkBySchema(schema, insert.job.data);
      store = await store;
    }
    const inserts = [insert];
    const inserted = await store.insert(inserts, this.#options.clock.now());
    const [id] = this.#tell(inserts, inserted);
    if (inserted[0]?.outcome === "added") origin?.onAdded?.(insert.job);
    return id ?? insert.job.id;
  }

  /** Adds many jobs; see `Queue.addMany`. */
  async addMany(requests: unknown): Promise<string[]> {
    if (!Array.isArray(requests)) {
      throw new InputTypeError("jobs", `must be an array, found ${describe(requests)}`);
    }
    const prepared = Array.from(
      requests,
      (request: unknown, i) =>
        within(`[${i}]`, () => this.#prepare(checkFields(request, "", REQUEST_FIELDS), undefined)),
    );
    const inserts = prepared.map(({ insert }) => insert);
    if (inserts.length === 0) return [];
    let store = this.#options.store();
    if (store instanceof Promise || prepared.some(({ schema }) => schema !== null)) {
      inserts.forEach(keepOwnCopy);
      if (store instanceof Promise) store.catch(() => {}); // should a schema refuse first, nobody awaits it
      for (const [i, { schema, insert }] of prepared.entries()) {
        if (schema !== null) await within(`[${i}]`, () => checkBySchema(schema, insert.job.data));
      }
      store = await store;
    }
    return this.#tell(inserts, await store.insert(inserts, this.#options.clock.now()));
  }

  /** Returns the job that `add` would store, checked as there, and stores nothing. */
  async build(request: AddRequest): Promise<Job> {
    const { insert, schema } = this.#prepare({ ...request }, undefined);
    if (schema !== null) await checkBySchema(schema, insert.job.data);
    return insert.job;
  }

  #prepare(request: Partial<Record<keyof AddRequest, unknown>>, origin: Origin | undefined) {
    const { registry } = this.#options;
    const definition = isJobDefinition(request.type) ? request.type : undefined;
    const type = definition?.type ?? checkType(request.type);
    const registered = registry.get(type);
    const now = this.#options.clock.now();
    const options = checkOptions(request.options, now);
    const isPlain = checkJson(request.data, "data");
    const data = isPlain ? request.data : JSON.parse(JSON.stringify(request.data));
    const defaults = definition?.defaults ?? registered?.defaults ?? NO_DEFAULTS;
    const job = this.#build({ type, data, options, defaults }, now, origin);
    // A repeat must be a new job: what holds its key now is another one.
    const otherwise = origin?.repeats === undefined ? "keep" : "reject";
    const insert: Insert = { job, onConflict: options.unique?.onConflict ?? otherwise };
    return { insert, schema: definition?.schema ?? registered?.schema ?? null };
  }

  #build(
    { type, data, options, defaults }: {
      type: string;
      data: unknown;
      options: CheckedOptions;
      defaults: TypeDefaults;
    },
    now: number,
    { repeats, traceContext }: Origin = {},
  ): Job {
    const seq = this.#nextSeq(now);
    const scheduledAt = options.scheduledAt ?? now;
    const { within } = options.unique ?? {};
    const typeBackoff = typeof defaults.backoff === "function" ? null : defaults.backoff;
    const lifetime = options.expiresIn ??
      (repeats === undefined || repeats.expiresAt === null ? null : repeats.expiresAt - repeats.createdAt);
    return {
      id: options.jobId ?? seq,
      seq,
      type,
      data,
      queue: options.queue ?? repeats?.queue ?? defaults.queue ?? "default",
      status: scheduledAt > now ? "scheduled" : "pending",
      priority: options.priority ?? repeats?.priority ?? defaults.priority ?? 0,
      tags: repeats?.tags ?? options.tags,
      attempt: 0,
      maxAttempts: options.maxAttempts ?? repeats?.maxAttempts ?? defaults.maxAttempts ??
        this.#options.maxAttempts,
      progress: null,
      result: null,
      errors: [],
      createdAt: now,
      updatedAt: now,
      scheduledAt,
      startedAt: null,
      finishedAt: null,
      expiresAt: lifetime === null ? null : now + lifetime,
      cancelRequestedAt: null,
      workerId: null,
      createdBy: options.createdBy ?? repeats?.createdBy ?? null,
      traceContext: traceContext ?? currentTrace() ?? repeats?.traceContext ?? null,
      backoff: options.backoff ?? repeats?.backoff ?? typeBackoff,
      timeout: options.timeout ?? repeats?.timeout ?? defaults.timeout,
      keepFor: options.keepFor ?? repeats?.keepFor ?? null,
      unique: options.unique === null
        ? uniqueOf(repeats, now)
        : { key: options.unique.key, until: typeof within === "number" ? now + within : null },
      deaths: 0,
      retryOf: repeats?.id ?? null,
    };
  }

  /** Tells listeners what was stored. @returns The ids. @throws {UniqueConflictError} A job's key is held. */
  #tell(inserts: readonly Insert[], inserted: readonly Inserted[]): string[] {
    const { events } = this.#options;
    if (events.has("added")) {
      for (const [i, { job }] of inserts.entries()) {
        if (inserted[i]?.outcome === "added") events.emit("added", job);
      }
    }
    const rejected = inserted.findIndex(({ outcome }) => outcome === "rejected");
    if (rejected >= 0) throw conflict(inserts, inserted, rejected);
    return inserted.map(({ id }) => id);
  }
}

function conflict(
  inserts: readonly Insert[],
  inserted: readonly Inserted[],
  index: number,
): UniqueConflictError {
  const key = inserts[index]?.job.unique?.key ?? "";
  const error = new UniqueConflictError(key, inserted[index]?.id ?? "");
  error.index = index;
  return error;
}

/** The hold of a job that repeats `old`: as long as that one's was. */
function uniqueOf(old: Job | undefined, now: number): Job["unique"] {
  if (old === undefined || old.unique === null) return null;
  const { key, until } = old.unique;
  return { key, until: until === null ? null : now + (until - old.createdAt) };
}

/** The caller may change its object while the add waits for something; a schema may change what it parses. */
function keepOwnCopy(insert: Insert): void {
  insert.job = { ...insert.job, data: copyJson(insert.job.data) };
}

/** Checks that a handler's schema will accept `data` as it is stored: a Date, say, as the text that JSON makes of it. */
async function checkBySchema(schema: DataSchema, data: unknown): Promise<void> {
  const parsed = await parseData(schema, copyJson(data));
  if (!parsed.ok) throw new InputTypeError(parsed.path, parsed.message);
}

/** Calls `check`; what it refuses is refused under `prefix`. */
function within<T>(prefix: string, check: () => T): T {
  const place = (error: unknown): InputError | unknown =>
    isInputError(error) ? underPath(error, prefix) : error;
  try {
    const result = check();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw place(error);
    }) as T;
  } catch (error) {
    throw place(error);
  }
}
