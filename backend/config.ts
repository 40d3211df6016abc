import { isInputError } from "./lib/errors.ts";
import type { FinalStatus } from "./lib/job.ts";
import * as parse from "./config-values.ts";

/** What the environment and the command line say. Durations are milliseconds. */
export interface Config {
  /** `memory:` or `kv:PATH`. @default "kv:./data/jobs.db" */
  storeUrl: string;
  /** Keeps several installations in one store apart. @default "cronosaur" */
  storePrefix: string;
  /** null: one is made. */
  workerId: string | null;
  /** Of the program; null: Cronosaur's own. */
  version: string | null;
  /** Families this process registers. @default "all" */
  workers: "all" | string[];
  /** Lets webhooks reach loopback and private addresses. @default false */
  allowPrivateUrls: boolean;
  cleanup: CleanupConfig;
  queue: QueueConfig;
  http: HttpConfig;
  limits: LimitConfig;
  tokens: TokenConfig;
  log: LogConfig;
}

/** The queue's settings, by the names `Queue` gives them. */
export interface QueueConfig {
  /** @default 5 */
  concurrency: number;
  /** @default 1000 */
  pollInterval: number;
  /** A third of the lease. @default 5000 */
  heartbeatInterval: number;
  /** @default 3 */
  maxAttempts: number;
  /** 0 = wait for ever. @default 25_000 */
  drainTimeout: number;
  /** Infinity: for ever. @default completed 7 days, failed 30 days, cancelled 7 days */
  retention: Record<FinalStatus, number>;
  /** Of the audit log. @default 90 days */
  auditRetention: number;
  /** Only these types and families run here; undefined: all. */
  types?: string[];
  /** Only jobs of these queues run here; undefined: all. */
  queues?: string[];
}

/** What the cleanups may delete. */
export interface CleanupConfig {
  /** In and below these `cleanup:old-files` may delete. @default none */
  directories: string[];
  /** Where temporary files are; null: none are deleted. @default null */
  tempDirectory: string | null;
  /** How long temporary files are kept. @default 24 hours */
  tempMaxAge: number;
}

/** Where and how the HTTP server answers. */
export interface HttpConfig {
  /** @default "127.0.0.1" */
  host: string;
  /** 0: any free port. @default 8000 */
  port: number;
  /** Starts with a slash and ends without one, but for "/" itself. @default "/" */
  basePath: string;
  /** The address people see; null: the request's own host. */
  publicUrl: string | null;
  /** Whether a proxy of ours sets `X-Forwarded-For` and `X-Forwarded-Proto`. @default false */
  trustProxy: boolean;
  /** Pages of these origins may ask with a token. @default none */
  corsOrigins: string[];
  /** The largest body of a request, in bytes. @default 6 MiB */
  bodyLimit: number;
}

/** How many requests a minute are answered; 0: without limit. */
export interface LimitConfig {
  /** Of one address, without a valid token. @default 300 */
  anonymous: number;
  /** Tries of one address to sign in. @default 10 */
  signIn: number;
  /** With one token. @default 0 */
  perToken: number;
}

/** The tokens given by the environment; null: made at first start. */
export interface TokenConfig {
  admin: string | null;
  viewer: string | null;
  producer: string | null;
}

/** What is logged, and how. */
export interface LogConfig {
  /** @default "info" */
  level: "debug" | "info" | "warn" | "error";
  /** @default "pretty" on a terminal, else "json" */
  format: "pretty" | "json";
  /** Patterns such as `jobs:*` whose parts log debug messages too; null: none. */
  debug: string | null;
}

/** Flags of the command line that override a variable, as written. */
export type Flags = Partial<
  Record<"--concurrency" | "--poll-interval" | "--types" | "--queues" | "--worker-id", string>
>;

/** Something that somebody can put right keeps this process from starting; the message says what. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
  }
}

/** Settings that cannot be used. `problems` has a line for each, none of which shows a secret. */
export class ConfigError extends StartError {
  constructor(readonly problems: readonly string[]) {
    super(`Cannot read the configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RETENTION: Record<FinalStatus, number> = { completed: 7 * DAY, failed: 30 * DAY, cancelled: 7 * DAY };

let loaded: Config | null = null;

/**
 * The configuration of this process: what environment and `flags` said when it was first asked for.
 *
 * @param flags Of the command line; without effect from the second call on.
 * @throws {ConfigError} With every bad setting, not only the first.
 */
export function loadConfig(flags: Flags = {}): Config {
  return loaded ??= readConfig(Deno.env.toObject(), flags, Deno.stdout.isTerminal());
}

/**
 * Reads `env` and `flags`. An empty variable counts as not set.
 *
 * @param terminal Whether people read the logs as they come.
 * @throws {ConfigError} With every bad setting, not only the first.
 */
export function readConfig(env: Record<string, string>, flags: Flags = {}, terminal = false): Config {
  const settings = new Settings(env, flags);
  const config: Config = {
    storeUrl: settings.read("STORE_URL", "kv:./data/jobs.db", parse.storeUrl),
    storePrefix: settings.read("STORE_PREFIX", "cronosaur", parse.identifier(64)),
    workerId: settings.read<string | null>("--worker-id", null, parse.identifier(200)),
    version: settings.read<string | null>("APP_VERSION", null, parse.version),
    workers: settings.read<"all" | string[]>("WORKERS", "all", parse.families),
    allowPrivateUrls: settings.read("ALLOW_PRIVATE_URLS", false, parse.yesOrNo),
    cleanup: {
      directories: settings.read("CLEANUP_DIRECTORIES", [], parse.directories),
      tempDirectory: settings.read<string | null>("TEMP_DIRECTORY", null, parse.directory),
      tempMaxAge: settings.read("TEMP_MAX_AGE", DAY, parse.duration(60_000, 3650 * DAY)),
    },
    queue: {
      concurrency: settings.read(
        "JOB_QUEUE_DEFAULT_CONCURRENCY",
        5,
        parse.integer(1, 1000),
        "--concurrency",
      ),
      pollInterval: settings.read(
        "JOB_QUEUE_POLL_INTERVAL",
        1000,
        parse.duration(10, HOUR),
        "--poll-interval",
      ),
      heartbeatInterval: settings.read("JOB_QUEUE_HEARTBEAT_INTERVAL", 5000, parse.duration(100, HOUR)),
      maxAttempts: settings.read("JOB_QUEUE_MAX_ATTEMPTS", 3, parse.integer(1, 1000)),
      drainTimeout: settings.read("JOB_QUEUE_DRAIN_TIMEOUT", 25_000, parse.duration(0, HOUR)),
      retention: { ...RETENTION, ...settings.read("JOB_QUEUE_RETENTION", {}, parse.retention) },
      auditRetention: settings.read("AUDIT_RETENTION", 90 * DAY, parse.timeToKeep),
      types: settings.read<string[] | undefined>("--types", undefined, parse.list),
      queues: settings.read<string[] | undefined>("--queues", undefined, parse.list),
    },
    http: {
      host: settings.read("HOST", "127.0.0.1", parse.host),
      port: settings.read("PORT", 8000, parse.integer(0, 65_535)),
      basePath: settings.read("BASE_PATH", "/", parse.basePath),
      publicUrl: settings.read<string | null>("PUBLIC_URL", null, parse.publicUrl),
      trustProxy: settings.read("TRUST_PROXY", false, parse.yesOrNo),
      corsOrigins: settings.read("CORS_ORIGINS", [], parse.origins),
      bodyLimit: settings.read("BODY_LIMIT", 6 * 1024 * 1024, parse.integer(1024, 64 * 1024 * 1024)),
    },
    limits: {
      anonymous: settings.read("RATE_LIMIT_ANONYMOUS", 300, parse.integer(0, 1_000_000)),
      signIn: settings.read("RATE_LIMIT_SIGN_IN", 10, parse.integer(0, 1_000_000)),
      perToken: settings.read("RATE_LIMIT", 0, parse.integer(0, 1_000_000)),
    },
    tokens: {
      admin: settings.read<string | null>("ADMIN_TOKEN", null, parse.token),
      viewer: settings.read<string | null>("VIEWER_TOKEN", null, parse.token),
      producer: settings.read<string | null>("ENQUEUE_TOKEN", null, parse.token),
    },
    log: {
      level: settings.read("LOG_LEVEL", "info", parse.oneOf("debug", "info", "warn", "error")),
      format: settings.read("LOG_FORMAT", terminal ? "pretty" : "json", parse.oneOf("pretty", "json")),
      debug: settings.read<string | null>("DEBUG", null, String),
    },
  };
  const chosen = Object.values(config.tokens).filter((token) => token !== null);
  if (new Set(chosen).size < chosen.length) {
    settings.problems.push("ADMIN_TOKEN, VIEWER_TOKEN, ENQUEUE_TOKEN: must differ from each other");
  }
  settings.problems.push(...parse.storeInDanger(config.storeUrl, {
    CLEANUP_DIRECTORIES: config.cleanup.directories,
    TEMP_DIRECTORY: config.cleanup.tempDirectory === null ? [] : [config.cleanup.tempDirectory],
  }));
  settings.refuseUnknown("JOB_QUEUE_");
  settings.refuseUnknown("RATE_LIMIT_");
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  return config;
}

/** Reads settings by name and remembers what is wrong with each. */
class Settings {
  readonly problems: string[] = [];
  readonly #env: Record<string, string>;
  readonly #flags: Record<string, string | undefined>;
  readonly #known = new Set<string>();

  constructor(env: Record<string, string>, flags: Flags) {
    this.#env = env;
    this.#flags = flags;
  }

  /** The value of `flag` if that was given, else of `name`, else `fallback`, also when the value is bad. */
  read<T>(name: string, fallback: T, parseText: (text: string) => T, flag = name): T {
    this.#known.add(name);
    const given = this.#flags[flag];
    const text = given ?? this.#env[name]?.trim();
    if (text === undefined || (text === "" && given === undefined)) return fallback;
    try {
      return parseText(text);
    } catch (error) {
      const label = given === undefined ? name : flag;
      const issue = isInputError(error) ? error.issues[0] : undefined;
      this.problems.push(
        `${label}: ${issue?.message ?? (error instanceof Error ? error.message : String(error))}`,
      );
      return fallback;
    }
  }

  /** A misspelt name would otherwise leave its default in force unseen. */
  refuseUnknown(prefix: string): void {
    for (const name of Object.keys(this.#env)) {
      if (name.startsWith(prefix) && !this.#known.has(name)) this.problems.push(`${name}: is no setting`);
    }
  }
}
