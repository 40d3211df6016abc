import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, type Flags, readConfig } from "./config.ts";
import { allFiles, textOf, withoutComments } from "./testing/sources.ts";

function problemsOf(env: Record<string, string>, flags: Flags = {}): readonly string[] {
  return assertThrows(() => readConfig(env, flags), ConfigError).problems;
}

Deno.test("readConfig() of an empty environment has the documented defaults", () => {
  const DAY = 86_400_000;
  assertEquals(readConfig({}), {
    storeUrl: "kv:./data/jobs.db",
    storePrefix: "cronosaur",
    workerId: null,
    version: null,
    workers: "all",
    allowPrivateUrls: false,
    cleanup: { directories: [], tempDirectory: null, tempMaxAge: DAY },
    queue: {
      concurrency: 5,
      pollInterval: 1000,
      heartbeatInterval: 5000,
      maxAttempts: 3,
      drainTimeout: 25_000,
      retention: { completed: 7 * DAY, failed: 30 * DAY, cancelled: 7 * DAY },
      auditRetention: 90 * DAY,
      types: undefined,
      queues: undefined,
    },
    http: {
      host: "127.0.0.1",
      port: 8000,
      basePath: "/",
      publicUrl: null,
      trustProxy: false,
      corsOrigins: [],
      bodyLimit: 6_291_456,
    },
    limits: { anonymous: 300, signIn: 10, perToken: 0 },
    tokens: { admin: null, viewer: null, producer: null },
    log: { level: "info", format: "json", debug: null },
  });
  assertEquals(readConfig({}, {}, true).log.format, "pretty");
});

Deno.test("readConfig() reads every variable", () => {
  const config = readConfig({
    STORE_URL: "kv:/srv/jobs.db",
    STORE_PREFIX: "shop",
    APP_VERSION: "v1.42.0",
    WORKERS: "email, webhook",
    ALLOW_PRIVATE_URLS: "1",
    CLEANUP_DIRECTORIES: "/srv/uploads, ./exports",
    TEMP_DIRECTORY: "/srv/tmp",
    TEMP_MAX_AGE: "90m",
    JOB_QUEUE_DEFAULT_CONCURRENCY: "100",
    JOB_QUEUE_POLL_INTERVAL: "500",
    JOB_QUEUE_HEARTBEAT_INTERVAL: "2s",
    JOB_QUEUE_MAX_ATTEMPTS: "10",
    JOB_QUEUE_DRAIN_TIMEOUT: "0",
    JOB_QUEUE_RETENTION: "completed=1h, failed=2000, cancelled=forever",
    HOST: "::1",
    PORT: "0",
    BASE_PATH: "/jobs/",
    PUBLIC_URL: "https://jobs.example.com/",
    TRUST_PROXY: "yes",
    CORS_ORIGINS: "https://app.example.com, http://localhost:5173",
    BODY_LIMIT: "65536",
    RATE_LIMIT: "6000",
    RATE_LIMIT_ANONYMOUS: "0",
    RATE_LIMIT_SIGN_IN: "3",
    ADMIN_TOKEN: "admin-token",
    VIEWER_TOKEN: "viewer-token",
    ENQUEUE_TOKEN: "enqueue-token",
    LOG_LEVEL: "WARN",
    LOG_FORMAT: "pretty",
    DEBUG: "jobs:*",
    PATH: "/usr/bin",
  });

  assertEquals(config.storeUrl, "kv:/srv/jobs.db");
  assertEquals(config.storePrefix, "shop");
  assertEquals(config.version, "v1.42.0");
  assertEquals(config.workers, ["email", "webhook"]);
  assertEquals(config.allowPrivateUrls, true);
  assertEquals(config.cleanup, {
    directories: ["/srv/uploads", "./exports"],
    tempDirectory: "/srv/tmp",
    tempMaxAge: 5_400_000,
  });
  assertEquals(config.queue.concurrency, 100);
  assertEquals(config.queue.pollInterval, 500);
  assertEquals(config.queue.heartbeatInterval, 2000);
  assertEquals(config.queue.maxAttempts, 10);
  assertEquals(config.queue.drainTimeout, 0);
  assertEquals(config.queue.retention, { completed: 3_600_000, failed: 2000, cancelled: Infinity });
  assertEquals(config.http, {
    host: "::1",
    port: 0,
    basePath: "/jobs",
    publicUrl: "https://jobs.example.com",
    trustProxy: true,
    corsOrigins: ["https://app.example.com", "http://localhost:5173"],
    bodyLimit: 65_536,
  });
  assertEquals(config.limits, { anonymous: 0, signIn: 3, perToken: 6000 });
  assertEquals(config.tokens, { admin: "admin-token", viewer: "viewer-token", producer: "enqueue-token" });
  assertEquals(config.log, { level: "warn", format: "pretty", debug: "jobs:*" });
  assertEquals(readConfig({ WORKERS: "none" }).workers, []);
});

Deno.test("Every setting is used somewhere", () => {
  const users = [...allFiles()].filter((path) =>
    /^(main|backend\/(?!testing|bench|config).*)(?<!\.test)\.ts$/.test(path)
  );
  const code = users.map((path) => withoutComments(textOf(path))).join("\n");
  const namesOf = (part: object): string[] =>
    Object.entries(part).flatMap(([name, value]) =>
      typeof value === "object" && value !== null ? namesOf(value) : [name]
    );
  const names = namesOf(readConfig({}));

  assertEquals(names.length >= 20, true);
  assertEquals(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code)), []);
});

Deno.test("readConfig() takes a flag before its variable", () => {
  const { queue, workerId } = readConfig({ JOB_QUEUE_POLL_INTERVAL: "2000" }, {
    "--poll-interval": "500",
    "--concurrency": "10",
    "--types": "email,file",
    "--queues": "a,b",
    "--worker-id": "mail-1",
  });

  assertEquals(queue.pollInterval, 500);
  assertEquals(queue.concurrency, 10);
  assertEquals(queue.types, ["email", "file"]);
  assertEquals(queue.queues, ["a", "b"]);
  assertEquals(workerId, "mail-1");
});

Deno.test("readConfig() reads an empty variable as not set, and refuses an empty flag", () => {
  assertEquals(readConfig({ PORT: "", ADMIN_TOKEN: " " }), readConfig({}));
  assertEquals(problemsOf({}, { "--types": "" }).length, 1);
});

Deno.test("readConfig() names every bad variable at once", () => {
  const problems = problemsOf({
    STORE_URL: "mysql://root:hunter2@db/jobs",
    STORE_PREFIX: "a b",
    WORKERS: "email,,webhook",
    ALLOW_PRIVATE_URLS: "maybe",
    CLEANUP_DIRECTORIES: "/srv/a,,/srv/b",
    TEMP_DIRECTORY: "/",
    TEMP_MAX_AGE: "59s",
    JOB_QUEUE_DEFAULT_CONCURRENCY: "1.5",
    JOB_QUEUE_POLL_INTERVAL: "soon",
    JOB_QUEUE_HEARTBEAT_INTERVAL: "-1",
    JOB_QUEUE_MAX_ATTEMPTS: "0",
    JOB_QUEUE_DRAIN_TIMEOUT: "1e99",
    JOB_QUEUE_RETENTION: "completed=7d,done=1d",
    JOB_QUEUE_CONCURRENCY: "5",
    HOST: "a host",
    PORT: "80a",
    BASE_PATH: "jobs",
    PUBLIC_URL: "ftp://example.com",
    TRUST_PROXY: "10.0.0.1",
    CORS_ORIGINS: "https://app.example.com,*",
    BODY_LIMIT: "6 MiB",
    RATE_LIMIT: "-1",
    RATE_LIMIT_ANONYMOUS: "many",
    RATE_LIMIT_SIGN_IN: "1.5",
    RATE_LIMIT_SIGNIN: "5",
    ADMIN_TOKEN: "short",
    VIEWER_TOKEN: "has spaces in it",
    ENQUEUE_TOKEN: "line\nbreak-in-it",
    LOG_LEVEL: "loud",
    LOG_FORMAT: "xml",
  }, { "--worker-id": "a/b" });

  assertEquals(problems.map((problem) => problem.split(":")[0]).sort(), [
    "--worker-id",
    "ADMIN_TOKEN",
    "ALLOW_PRIVATE_URLS",
    "BASE_PATH",
    "BODY_LIMIT",
    "CLEANUP_DIRECTORIES",
    "CORS_ORIGINS",
    "ENQUEUE_TOKEN",
    "HOST",
    "JOB_QUEUE_CONCURRENCY",
    "JOB_QUEUE_DEFAULT_CONCURRENCY",
    "JOB_QUEUE_DRAIN_TIMEOUT",
    "JOB_QUEUE_HEARTBEAT_INTERVAL",
    "JOB_QUEUE_MAX_ATTEMPTS",
    "JOB_QUEUE_POLL_INTERVAL",
    "JOB_QUEUE_RETENTION",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "PORT",
    "PUBLIC_URL",
    "RATE_LIMIT",
    "RATE_LIMIT_ANONYMOUS",
    "RATE_LIMIT_SIGNIN",
    "RATE_LIMIT_SIGN_IN",
    "STORE_PREFIX",
    "STORE_URL",
    "TEMP_DIRECTORY",
    "TEMP_MAX_AGE",
    "TRUST_PROXY",
    "VIEWER_TOKEN",
    "WORKERS",
  ]);
  assert(problems.includes('PORT: must be a whole number from 0 to 65535, found "80a"'));
});

Deno.test("readConfig() shows no secret in what it says", () => {
  const problems = problemsOf({
    STORE_URL: "postgres://root:hunter2@db/jobs",
    PUBLIC_URL: "https://root:hunter2@example.com",
    ADMIN_TOKEN: "hunter2",
  });

  assertEquals(problems.length, 3);
  assert(!problems.join().includes("hunter2"));
});

Deno.test("readConfig() refuses tokens that are the same for two roles", () => {
  const problems = problemsOf({ ADMIN_TOKEN: "same-token", VIEWER_TOKEN: "same-token" });

  assertEquals(problems, ["ADMIN_TOKEN, VIEWER_TOKEN, ENQUEUE_TOKEN: must differ from each other"]);
});

Deno.test("readConfig() lets no cleanup delete everything, or the store's own files", () => {
  for (const path of ["/", "//", "/srv/..", "../../../../../../../../../../.."]) {
    const problems = problemsOf({ CLEANUP_DIRECTORIES: `/srv/ok,${path}`, TEMP_DIRECTORY: path });
    const reason = `must not be the root of the file system, found "${path}"`;
    assertEquals(problems, [`CLEANUP_DIRECTORIES: ${reason}`, `TEMP_DIRECTORY: ${reason}`]);
  }
  for (const path of ["data", "./data/", ".", "tmp/../data"]) {
    const problems = problemsOf({ CLEANUP_DIRECTORIES: `tmp,${path}`, TEMP_DIRECTORY: path });
    const reason = `must not hold the store's file, found "${path}"`;
    assertEquals(problems, [`CLEANUP_DIRECTORIES: ${reason}`, `TEMP_DIRECTORY: ${reason}`]);
  }
  const fine = { CLEANUP_DIRECTORIES: "data/exports,data2,data/jobs", TEMP_DIRECTORY: "data/tmp" };
  assertEquals(readConfig(fine).cleanup.directories, ["data/exports", "data2", "data/jobs"]);
  assertEquals(readConfig({ CLEANUP_DIRECTORIES: "data", STORE_URL: "memory:" }).cleanup.directories, [
    "data",
  ]);
});

Deno.test("readConfig() refuses base paths that lead elsewhere", () => {
  for (const path of ["//evil", "/a/../b", "/a b", "/a?b", "/:id", "/*", "/."]) {
    assertEquals(problemsOf({ BASE_PATH: path }).length, 1, path);
  }
  assertEquals(readConfig({ BASE_PATH: "/a/b.c/" }).http.basePath, "/a/b.c");
});
