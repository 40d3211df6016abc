import { OpenAPIHono } from "@hono/zod-openapi";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { AuditLog } from "./lib/audit-log.ts";
import { checkInteger } from "./lib/check.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Queue } from "./lib/queue.ts";
import { SavedViews } from "./lib/saved-views.ts";
import type { Scheduler } from "./lib/scheduler.ts";
import { Sessions } from "./lib/sessions.ts";
import { Webhooks } from "./lib/webhooks.ts";
import { Access, SESSION_PATH, type TokenAccess } from "./routes/access.ts";
import { docsRoutes } from "./routes/api-docs.ts";
import { auditRoutes } from "./routes/audit.ts";
import type { ForClients } from "./routes/client-types.ts";
import { cronRoutes } from "./routes/cron-preview.ts";
import { type Dashboard, dashboardRoutes, PageServer } from "./routes/dashboard.ts";
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
import { type Check, inOrder } from "./routes/middleware/checks.ts";
import { httpsReader } from "./routes/middleware/client.ts";
import { safeHeaders } from "./routes/middleware/headers.ts";
import { otherwise, unknownPath } from "./routes/middleware/methods.ts";
import { readableUrl, sameOrigin } from "./routes/middleware/origin.ts";
import { onError } from "./routes/middleware/problem.ts";
import { identify } from "./routes/middleware/request-id.ts";
import { createRedactor, type Redactor } from "./lib/redact.ts";
import { queueRoutes } from "./routes/queues.ts";
import { scheduleActionRoutes } from "./routes/schedule-actions.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { statsHistoryRoutes } from "./routes/stats-history.ts";
import { sessionRoutes } from "./routes/session.ts";
import { statsRoutes } from "./routes/stats.ts";
import { viewRoutes } from "./routes/views.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workerRoutes } from "./routes/workers.ts";
import { VERSION } from "./version.ts";

/** What lies under these paths is for known callers. */
const PROTECTED = [
  "/metrics",
  "/api/admin/openapi.json",
  "/api/admin/docs",
  ...[
    "jobs",
    "stats",
    "errors",
    "workers",
    "queues",
    "schedules",
    "cron",
    "audit",
    "events",
    "webhooks",
    "views",
  ].map((name) => `/api/admin/${name}`),
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
  /** The endpoints that are told of `queue`'s jobs; who starts it has them told. @default public addresses only */
  webhooks?: Webhooks;
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
    sessions: new Sessions(queue.host()),
    clock,
    isHttps,
    trustProxy,
  });
  const access = entrance instanceof Access ? entrance : null;
  const complete = safeHeaders(isHttps);
  const completed: Check = (c) => complete(c, c.res.headers);
  const onThrown = (error: Error, c: Context) => {
    const response = onError(error, c);
    complete(c, response.headers);
    return response;
  };
  const pages: PageServer = new PageServer({
    authorize: entrance.authorize,
    count: (c, role) => access?.count(c, role),
    hasLogin: access !== null,
    version: VERSION,
    store: () => queue.host().store().then(({ title }) => title, () => null),
    complete,
    ask: (request, env) => app.fetch(request, env as object),
    basePath,
    load: loadDashboard,
  });
  const { authorize } = pages;
  const redactor = createRedactor(redact);
  const audit = new AuditLog(queue);
  const webhooks = options.webhooks ?? new Webhooks(queue, redact === undefined ? {} : { redact });
  const api = new OpenAPIHono<ApiEnv>();
  if (corsOrigins.length > 0) {
    for (const path of PROTECTED) api.use(`${path}/*`, crossOrigin(corsOrigins));
  }
  const first: readonly Check[] = [identify(), readableUrl()];
  const known = inOrder([
    ...first,
    authenticate(authorize, (c, role) => pages.isOwn(c) || access?.count(c, role)),
    sameOrigin(publicUrl),
    jsonBody({ clock, most }),
  ], [completed, audited(audit)]);
  for (const path of PROTECTED) api.use(`${path}/*`, known);
  // Health is not limited: who shares an address with a load balancer could make it take this process out.
  for (const path of OPEN) api.use(path, inOrder([identify()], [completed]));
  mountRoutes(api, { queue, scheduler, webhooks, clock, redactor, audit, authorize, publicUrl });
  api.on("ALL", [...PROTECTED.map((path) => `${path}/*`), ...OPEN], otherwise(api));

  const app = new Hono().basePath(basePath);
  app.onError(onThrown);
  app.notFound((c) => {
    first.forEach((check) => void check(c));
    return onThrown(unknownPath(), c);
  });
  const dashboard = dashboardRoutes({ pages, guard: inOrder(first) });
  if (access === null) return app.route("/", api).route("/", dashboard);
  const anybody = [...first, (c: Context) => access.count(c, null), sameOrigin(publicUrl)];
  api.use(
    SESSION_PATH,
    inOrder([...anybody, jsonBody({ clock, most: MOST_SIGN_IN })], [completed, audited(audit)]),
  );
  mountSession(api, access).on("ALL", SESSION_PATH, otherwise(api));
  const guard = inOrder(anybody, [completed, audited(audit)]);
  const login = loginRoutes({ access, clock, guard, pages, onError: onThrown });
  return app.route("/", api).route("/", login).route("/", dashboard);
}

/** Neither the dashboard nor what it is made with is loaded before somebody looks at it. */
async function loadDashboard(mount: string): Promise<Dashboard> {
  // Named at run time, so that an app that mounts this need not check the types of pages, which are a browser's.
  const module: { createDashboard(mount: string): Promise<Dashboard> } = await import(
    new URL("../frontend/main.ts", import.meta.url).href
  );
  return await module.createDashboard(mount);
}

/** What the routes are made of. */
interface RouteParts {
  queue: Queue;
  scheduler: Scheduler;
  webhooks: Webhooks;
  clock: Clock;
  redactor: Redactor;
  audit: AuditLog;
  authorize: Authorize;
  publicUrl: string | undefined;
}

/** One chain, so that typed clients know every path and answer. */
function mountRoutes(api: OpenAPIHono<ApiEnv>, parts: RouteParts) {
  const { queue, scheduler, webhooks, clock, redactor, audit, authorize, publicUrl } = parts;
  return api
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
    .route("/api/admin/queues", queueRoutes({ queue, redactor }))
    .route("/api/admin/schedules", scheduleActionRoutes({ scheduler, redactor }))
    .route("/api/admin/schedules", scheduleRoutes({ scheduler, redactor }))
    .route("/api/admin/webhooks", webhookDeliveryRoutes({ webhooks, redactor }))
    .route("/api/admin/webhooks", webhookRoutes({ webhooks, redactor }))
    .route("/api/admin/cron", cronRoutes({ queue }))
    .route("/api/admin/views", viewRoutes({ views: new SavedViews(queue) }))
    .route("/api/admin/audit", auditRoutes({ audit }))
    .route("/api/admin", docsRoutes({ api, version: VERSION, publicUrl }));
}

function mountSession(api: OpenAPIHono<ApiEnv>, access: Access) {
  return api.route(SESSION_PATH, sessionRoutes({ access }));
}

/** The routes, for typed clients: `createClient()` of `client.ts`, or `hc<AppType>()` of `hono/client`. */
export type AppType = ForClients<ReturnType<typeof mountRoutes> | ReturnType<typeof mountSession>>;

/** Lets pages of `origins` ask with a token. Not with a cookie: those are for pages of our own. */
function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Request-Id"],
    exposeHeaders: ["Location", "Retry-After", "X-Request-Id"],
    maxAge: 600,
  });
}
