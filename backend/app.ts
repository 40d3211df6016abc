import { OpenAPIHono } from "@hono/zod-openapi";
import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { AuditLog } from "./lib/audit-log.ts";
import { checkInteger } from "./lib/check.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Queue } from "./lib/queue.ts";
import type { Scheduler } from "./lib/scheduler.ts";
import { Sessions } from "./lib/sessions.ts";
import { Access, SESSION_PATH, type TokenAccess } from "./routes/access.ts";
import { auditRoutes } from "./routes/audit.ts";
import { cronRoutes } from "./routes/cron-preview.ts";
import { errorRoutes } from "./routes/errors.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { jobActionRoutes } from "./routes/job-actions.ts";
import { jobBulkRoutes } from "./routes/job-bulk.ts";
import { jobExportRoutes } from "./routes/job-export.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { loginRoutes } from "./routes/login.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { audited } from "./routes/middleware/audit.ts";
import { type ApiEnv, authenticate, type Authorize } from "./routes/middleware/auth.ts";
import { jsonBody, MAX_BODY_BYTES } from "./routes/middleware/body.ts";
import { httpsReader } from "./routes/middleware/client.ts";
import { safeHeaders, setSafeHeaders } from "./routes/middleware/headers.ts";
import { otherwise, unknownPath } from "./routes/middleware/methods.ts";
import { readableUrl, sameOrigin } from "./routes/middleware/origin.ts";
import { onError } from "./routes/middleware/problem.ts";
import { createRedactor } from "./routes/middleware/redact.ts";
import { traceRequest } from "./routes/middleware/trace.ts";
import { queueRoutes } from "./routes/queues.ts";
import { scheduleActionRoutes } from "./routes/schedule-actions.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { statsHistoryRoutes } from "./routes/stats-history.ts";
import { sessionRoutes } from "./routes/session.ts";
import { statsRoutes } from "./routes/stats.ts";
import { workerRoutes } from "./routes/workers.ts";

/** What lies under these paths is for known callers. */
const PROTECTED = [
  "/metrics",
  ...["jobs", "stats", "errors", "workers", "queues", "schedules", "cron", "audit", "events"].map((name) =>
    `/api/admin/${name}`
  ),
];

/** These paths are for all. */
const OPEN = ["/health/live", "/health/ready"];

/** The largest body of a request to sign in, in bytes. */
const MOST_SIGN_IN = 4096;

/** What the HTTP API is made of. */
export interface AppOptions {
  queue: Queue;
  /** Whose schedules they are; it adds jobs to `queue`. */
  scheduler: Scheduler;
  /**
   * Says who asks. Whoever it returns null for sees nothing but the health routes. Or the tokens that let callers in:
   * then people can also sign in with them, and requests without one are limited.
   */
  authorize: Authorize | TokenAccess;
  /** Where the routes begin. @default "/" */
  basePath?: string;
  /**
   * The address people see, such as "https://jobs.example.com": requests with cookies must come from it.
   * @default the request's own host
   */
  publicUrl?: string;
  /**
   * Whether a proxy of yours sets `X-Forwarded-For` and `X-Forwarded-Proto`. Without one, anybody could.
   * @default false
   */
  trustProxy?: boolean;
  /** Pages of these origins may ask with a token, never with a cookie. @default none */
  corsOrigins?: readonly string[];
  /** The largest body of a request, in bytes. @default 6 MiB */
  bodyLimit?: number;
  /**
   * Names of fields, at any depth and in any case, whose values are masked in answers and never searched.
   * @default password, token, secret, authorization, apiKey
   */
  redact?: readonly string[];
  /** @default the system's */
  clock?: Clock;
}

/**
 * Makes the HTTP API over `queue` and `scheduler`, to be served or mounted in another app. It claims the paths it
 * has routes for, and leaves others to the app it is mounted in. Nothing is read or opened before the first request.
 *
 * @throws {InputTypeError | InputRangeError} The public address, a limit or another number is wrong.
 */
export function createApp(options: AppOptions): Hono {
  const { queue, scheduler, basePath = "/", publicUrl, trustProxy = false, redact, clock = systemClock } =
    options;
  const { corsOrigins = [], bodyLimit = MAX_BODY_BYTES } = options;
  const most = checkInteger(bodyLimit, "bodyLimit", 1024, 64 * 1024 * 1024);
  const isHttps = httpsReader({ publicUrl, trustProxy });
  const entrance = typeof options.authorize === "function" ? { authorize: options.authorize } : new Access({
    ...options.authorize,
    sessions: new Sessions(queue.schedulerHost()),
    clock,
    isHttps,
    trustProxy,
  });
  const access = entrance instanceof Access ? entrance : null;
  const { authorize } = entrance;
  const redactor = createRedactor(redact);
  const audit = new AuditLog(queue);
  const api = new OpenAPIHono<ApiEnv>();
  if (corsOrigins.length > 0) {
    for (const path of PROTECTED) api.use(`${path}/*`, crossOrigin(corsOrigins));
  }
  for (const path of PROTECTED) {
    api.use(
      `${path}/*`,
      requestId(),
      traceRequest(),
      safeHeaders(isHttps),
      readableUrl(),
      authenticate(authorize, (c, role) => access?.count(c, role)),
      sameOrigin(publicUrl),
      jsonBody({ clock, most }),
      audited(audit),
    );
  }
  // Health is not limited: who shares an address with a load balancer could make it take this process out.
  for (const path of OPEN) api.use(path, requestId(), safeHeaders(isHttps));
  api
    .route("/health", healthRoutes({ queue, scheduler, clock }))
    .route("/metrics", metricsRoutes({ queue, scheduler, clock }))
    .route("/api/admin/jobs", statsRoutes({ queue }))
    .route("/api/admin/jobs", jobExportRoutes({ queue, redactor }))
    .route("/api/admin/jobs", jobBulkRoutes({ queue, redactor }))
    .route("/api/admin/jobs", jobActionRoutes({ queue, redactor }))
    .route("/api/admin/jobs", jobRoutes({ queue, redactor }))
    .route("/api/admin/stats", statsHistoryRoutes({ queue }))
    .route("/api/admin/errors", errorRoutes({ queue, redactor }))
    .route("/api/admin/events", eventRoutes({ queue, clock, redactor, authorize }))
    .route("/api/admin/workers", workerRoutes({ queue }))
    .route("/api/admin/queues", queueRoutes({ queue }))
    .route("/api/admin/schedules", scheduleActionRoutes({ scheduler, redactor }))
    .route("/api/admin/schedules", scheduleRoutes({ scheduler, redactor }))
    .route("/api/admin/cron", cronRoutes({ queue }))
    .route("/api/admin/audit", auditRoutes({ audit }));
  api.on("ALL", [...PROTECTED.map((path) => `${path}/*`), ...OPEN], otherwise(api));

  const app = new Hono().basePath(basePath);
  app.onError(onError);
  app.notFound((c) => {
    setSafeHeaders(c, isHttps(c));
    return onError(unknownPath(), c);
  });
  if (access === null) return app.route("/", api);
  const guards: MiddlewareHandler[] = [
    requestId(),
    safeHeaders(isHttps),
    readableUrl(),
    (c, next) => {
      access.count(c, null);
      return next();
    },
    sameOrigin(publicUrl),
  ];
  api
    .use(SESSION_PATH, ...guards, jsonBody({ clock, most: MOST_SIGN_IN }))
    .route(SESSION_PATH, sessionRoutes({ access }))
    .on("ALL", SESSION_PATH, otherwise(api));
  return app.route("/", api).route("/", loginRoutes({ access, clock, guards }));
}

/** Lets pages of `origins` ask with a token. Not with a cookie: those are for pages of our own. */
function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Request-Id"],
    exposeHeaders: ["Location", "Retry-After", "X-Request-Id"],
    maxAge: 600,
  });
}
