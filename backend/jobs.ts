import type { Hono } from "hono";
import { type AppOptions, createApp } from "./app.ts";
import { type Config, loadConfig } from "./config.ts";
import { registerBulk } from "./lib/bulk.ts";
import { checkFields, checkName } from "./lib/check.ts";
import { type Log, logOf } from "./lib/log.ts";
import { Queue } from "./lib/queue.ts";
import type { ProcessInfo, QueueOptions } from "./lib/queue-options.ts";
import { Scheduler } from "./lib/scheduler.ts";
import { Webhooks } from "./lib/webhooks.ts";
import type { Store } from "./lib/store.ts";
import type { AccessLimits } from "./routes/access.ts";
import type { Authorize } from "./routes/middleware/auth.ts";
import { storeAt } from "./stores/open.ts";
import { loadTokens, tellWhereTokensAre, type Tokens } from "./tokens.ts";
import { VERSION } from "./version.ts";

/** What `createJobs` is given. */
export interface JobsOptions
  extends
    Omit<QueueOptions, "store" | "process">,
    Partial<Omit<AppOptions, "queue" | "scheduler" | "webhooks" | "authorize">> {
  /** Says who may use the API; tokens, sessions and limits are not asked for then. @default the tokens */
  authorize?: Authorize;
  /** How many requests a minute the API answers; without effect beside `authorize`. */
  limits?: Partial<AccessLimits>;
  /** Lets endpoints that are told of jobs have loopback, private and other special addresses. @default false */
  allowPrivateUrls?: boolean;
  /** Where jobs live: `memory:`, `kv:PATH`, or a store. @default "kv:./data/jobs.db" */
  store?: string | Store;
  /** Keeps several installations in one store apart. @default "cronosaur" */
  storePrefix?: string;
  /** The id of this process. @default the host's name and the first free number */
  workerId?: string;
  /** Of your program, 1–60 characters: shown of this process, and in charts where it changed. @default Cronosaur's own */
  version?: string;
}

/** Jobs and all that belongs to them, as `createJobs` makes them. */
export interface Jobs {
  readonly queue: Queue;
  readonly scheduler: Scheduler;
  /** The endpoints that are told over HTTP what happens to jobs. */
  readonly webhooks: Webhooks;
  /** The HTTP API, to be served or mounted: `app.route("/", jobs.routes())`. */
  routes(): Hono;
  /**
   * Opens the store, begins to tell webhooks, to run jobs and to fire schedules. If `routes()` was called and `authorize` is not given,
   * the tokens that callers need are found or made first.
   */
  start(): Promise<void>;
  /** Stops gracefully and closes the store. */
  stop(): Promise<void>;
}

const FIELDS: ReadonlySet<keyof JobsOptions> = new Set([
  "store",
  "storePrefix",
  "workerId",
  "version",
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
  "authorize",
  "basePath",
  "publicUrl",
  "trustProxy",
  "corsOrigins",
  "bodyLimit",
  "limits",
  "redact",
  "allowPrivateUrls",
]);

/**
 * Makes a queue, its scheduler and its HTTP API. Synchronous: the store is opened at first use.
 *
 * Who may use the API is what `authorize` says; without it, bearers of the tokens in the environment or, where that
 * has none, in `data/tokens.env`, and browsers that have signed in with one. That file is made by `start()` if there are `routes()`, else at the first request.
 *
 * @throws {InputTypeError} An option is unknown or of the wrong type.
 * @throws {InputRangeError} An option is out of range.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "./jobs.ts";
 *
 * const jobs = createJobs({ store: "memory:", concurrency: 5 });
 * jobs.queue.process("double", (job) => Number(job.data) * 2);
 * await jobs.start();
 * assertEquals(await jobs.queue.wait(await jobs.queue.add("double", 21)), 42);
 * await jobs.stop();
 * ```
 */
export function createJobs(options: JobsOptions = {}): Jobs {
  checkFields(options, "", FIELDS);
  const {
    store = "kv:./data/jobs.db",
    storePrefix: prefix,
    workerId,
    version: givenVersion = VERSION,
    authorize,
    limits,
    basePath,
    publicUrl,
    trustProxy,
    corsOrigins,
    bodyLimit,
    redact,
    allowPrivateUrls = false,
    ...queueOptions
  } = options;
  const { clock, heartbeatInterval = 5000, log = logOf("http") } = queueOptions;
  const version = checkName(givenVersion, "version", 60);
  const tokens = once(() => findTokens(log));
  let needsTokens = false;
  const queue = new Queue({
    ...queueOptions,
    store: typeof store === "object" ? store : storeAt(store, {
      leaseMs: 3 * heartbeatInterval,
      ...(prefix === undefined ? {} : { prefix }),
      ...(workerId === undefined ? {} : { workerId }),
      ...(clock === undefined ? {} : { clock }),
    }),
    process: thisProcess(version),
  });
  registerBulk(queue); // also in a process without the API: any may run what another one's was asked for
  const scheduler = new Scheduler(queue);
  const webhooks = new Webhooks(queue, { allowPrivateUrls, ...(redact === undefined ? {} : { redact }) });
  return {
    queue,
    scheduler,
    webhooks,
    routes() {
      needsTokens = authorize === undefined;
      return createApp({
        queue,
        scheduler,
        webhooks,
        authorize: authorize ?? { tokens, ...(limits === undefined ? {} : { limits }) },
        ...(basePath === undefined ? {} : { basePath }),
        ...(publicUrl === undefined ? {} : { publicUrl }),
        ...(trustProxy === undefined ? {} : { trustProxy }),
        ...(corsOrigins === undefined ? {} : { corsOrigins }),
        ...(bodyLimit === undefined ? {} : { bodyLimit }),
        ...(redact === undefined ? {} : { redact }),
        ...(clock === undefined ? {} : { clock }),
      });
    },
    async start() {
      if (needsTokens) await tokens();
      await webhooks.start(); // first: what the queue does from its start on is told
      await queue.start();
      await scheduler.start();
    },
    async stop() {
      await scheduler.stop();
      await webhooks.stop();
      await queue.stop();
    },
  };
}

/** The tokens of the environment and of the file, which is made if need be. */
async function findTokens(log: Log): Promise<Tokens> {
  const given = loadConfig().tokens;
  const tokens = await loadTokens(given);
  tellWhereTokensAre(given, log);
  return tokens;
}

/** Calls `make` at the first call, and again only if it failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
}

/** The options of `createJobs` that say the same as `config`. */
export function jobsOptions(config: Config): JobsOptions {
  const { publicUrl, basePath, trustProxy, corsOrigins, bodyLimit } = config.http;
  return {
    store: config.storeUrl,
    storePrefix: config.storePrefix,
    basePath,
    trustProxy,
    corsOrigins,
    bodyLimit,
    limits: config.limits,
    allowPrivateUrls: config.allowPrivateUrls,
    ...config.queue,
    ...(publicUrl === null ? {} : { publicUrl }),
    ...(config.workerId === null ? {} : { workerId: config.workerId }),
    ...(config.version === null ? {} : { version: config.version }),
  };
}

function thisProcess(version: string): ProcessInfo {
  return {
    host: allowed(() => Deno.hostname(), ""),
    pid: Deno.pid,
    version,
    memory: () => allowed(() => Deno.memoryUsage().rss, 0),
  };
}

/** What `read` returns, or `otherwise` in a program without the permission. */
function allowed<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

let readyMade: Jobs | null = null;

/** `prototype`'s one object of this process, which is made when it is first used. */
function readyMadeOf<T extends object>(prototype: T, pick: (jobs: Jobs) => T): T {
  const methods = new Map<string | symbol, unknown>();
  return new Proxy(Object.create(prototype) as T, {
    get(_, name) {
      const object = pick(readyMade ??= createJobs(jobsOptions(loadConfig())));
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== "function") return value;
      if (!methods.has(name)) methods.set(name, value.bind(object));
      return methods.get(name);
    },
  });
}

/**
 * The ready-made queue of this process, on the store that the environment names (`STORE_URL`…). The environment is
 * read when it is first used, and the store opened when it first has to be.
 */
export const queue: Queue = readyMadeOf(Queue.prototype, (jobs) => jobs.queue);

/** The ready-made scheduler of this process, which adds jobs to the ready-made queue. Start it after the queue. */
export const scheduler: Scheduler = readyMadeOf(Scheduler.prototype, (jobs) => jobs.scheduler);

/** What is told over HTTP of the jobs of the ready-made queue. Start it before the queue. */
export const webhooks: Webhooks = readyMadeOf(Webhooks.prototype, (jobs) => jobs.webhooks);
