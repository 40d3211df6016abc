import { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Queue } from "./lib/queue.ts";
import type { Scheduler } from "./lib/scheduler.ts";
import { cronRoutes } from "./routes/cron-preview.ts";
import { healthRoutes } from "./routes/health.ts";
import { jobActionRoutes } from "./routes/job-actions.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { type ApiEnv, authenticate, type Authorize } from "./routes/middleware/auth.ts";
import { jsonBody } from "./routes/middleware/body.ts";
import { safeHeaders, setSafeHeaders } from "./routes/middleware/headers.ts";
import { otherwise, unknownPath } from "./routes/middleware/methods.ts";
import { readableUrl, sameOrigin } from "./routes/middleware/origin.ts";
import { onError } from "./routes/middleware/problem.ts";
import { createRedactor } from "./routes/middleware/redact.ts";
import { queueRoutes } from "./routes/queues.ts";
import { scheduleActionRoutes } from "./routes/schedule-actions.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { statsRoutes } from "./routes/stats.ts";
import { workerRoutes } from "./routes/workers.ts";

/** What lies under these paths is for known callers. */
const PROTECTED = ["jobs", "workers", "queues", "schedules", "cron"].map((name) => `/api/admin/${name}`);

/** These paths are for all. */
const OPEN = ["/health/live", "/health/ready"];

/** What the HTTP API is made of. */
export interface AppOptions {
  queue: Queue;
  /** Whose schedules they are; it adds jobs to `queue`. */
  scheduler: Scheduler;
  /** Says who asks. Whoever it returns null for sees nothing but the health routes. */
  authorize: Authorize;
  /** Where the routes begin. @default "/" */
  basePath?: string;
  /**
   * The address people see, such as "https://jobs.example.com": requests with cookies must come from it.
   * @default the request's own host
   */
  publicUrl?: string;
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
 */
export function createApp(options: AppOptions): Hono {
  const { queue, scheduler, authorize, basePath = "/", publicUrl, redact, clock = systemClock } = options;
  const redactor = createRedactor(redact);
  const api = new OpenAPIHono<ApiEnv>();
  for (const path of PROTECTED) {
    api.use(
      `${path}/*`,
      requestId(),
      safeHeaders(),
      readableUrl(),
      authenticate(authorize),
      sameOrigin(publicUrl),
      jsonBody(),
    );
  }
  for (const path of OPEN) api.use(path, requestId(), safeHeaders());
  api
    .route("/health", healthRoutes({ queue, scheduler, clock }))
    .route("/api/admin/jobs", statsRoutes({ queue }))
    .route("/api/admin/jobs", jobActionRoutes({ queue, redactor }))
    .route("/api/admin/jobs", jobRoutes({ queue, redactor }))
    .route("/api/admin/workers", workerRoutes({ queue }))
    .route("/api/admin/queues", queueRoutes({ queue }))
    .route("/api/admin/schedules", scheduleActionRoutes({ scheduler, redactor }))
    .route("/api/admin/schedules", scheduleRoutes({ scheduler, redactor }))
    .route("/api/admin/cron", cronRoutes({ queue }));
  api.on("ALL", [...PROTECTED.map((path) => `${path}/*`), ...OPEN], otherwise(api));

  const app = new Hono().basePath(basePath);
  app.onError(onError);
  app.notFound((c) => {
    setSafeHeaders(c);
    return onError(unknownPath(), c);
  });
  return app.route("/", api);
}
