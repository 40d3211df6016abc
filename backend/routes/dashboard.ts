import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { basePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { LOGIN_PATH } from "./access.ts";
import type { Authorize, Role } from "./middleware/auth.ts";
import type { CompleteHeaders } from "./middleware/headers.ts";
import { refuseMethod } from "./middleware/methods.ts";
import type { HttpProblem } from "./middleware/problem.ts";

/** What the dashboard is told of a visit. */
export interface Visit {
  /** null: of nobody known. */
  role: Role | null;
  /** Asks the API of this process as who visits. Addresses are as if the API was mounted at `/`. */
  fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Whether people sign in here. In another app that app may let them in. */
  hasLogin: boolean;
  /** Of this program. */
  version: string;
  /** Says what the store is called; null while it is away. */
  store: () => Promise<string | null>;
  /** Why the visitor was not signed in just now. */
  refusal?: { status: number; message: string };
}

/** What the dashboard answers. */
export interface VisitAnswer {
  response: Response;
  /** False: there is no such page, and another app may have one. */
  isKnown: boolean;
}

/** Answers requests for pages and their files. */
export type Dashboard = (request: Request, visit: Visit) => Promise<VisitAnswer>;

/** What `PageServer` works with. */
export interface PageServerOptions {
  authorize: Authorize;
  /** Told of each visit and its role; what it throws is answered. */
  count: (c: Context, role: Role | null) => void;
  hasLogin: boolean;
  /** Of this program. */
  version: string;
  /** Says what the store is called; null while it is away. */
  store: () => Promise<string | null>;
  /** Completes the headers of pages; not of what another app answers at a path that is none of ours. */
  complete: CompleteHeaders;
  /** Asks the API of this process, not yet known as anybody. */
  ask: (request: Request, env: unknown) => Response | Promise<Response>;
  /** Where the API begins, as `ask` sees it: `/` or `/ops`. */
  basePath: string;
  /** Makes the dashboard for where it is mounted: "" or "/ops". Called at the first visit. */
  load: (mount: string) => Promise<Dashboard>;
}

/** As many places the dashboard is mounted at as are remembered: a host app's path may have parameters. */
const MOST_MOUNTS = 20;

/** Serves the dashboard's pages. Nothing of it is loaded before the first visit. */
export class PageServer {
  /** The role of a caller; that of a page's own requests is that of its visitor. */
  readonly authorize: Authorize;
  readonly #options: PageServerOptions;
  readonly #dashboards = new Map<string, Promise<Dashboard>>();
  /** Requests that pages make, with the role of who visits: nobody else can have put one in here. */
  readonly #own = new WeakMap<Request, Role>();

  constructor(options: PageServerOptions) {
    this.#options = options;
    this.authorize = (c) => this.#own.get(c.req.raw) ?? options.authorize(c);
  }

  /** True for a request that a page makes in this process. */
  isOwn(c: Context): boolean {
    return this.#own.has(c.req.raw);
  }

  /** Returns the page that `c` asks for, or the login page with what was wrong. */
  async page(c: Context, problem?: HttpProblem): Promise<VisitAnswer> {
    const { authorize, count, hasLogin, version, store, complete } = this.#options;
    const role = problem === undefined ? await authorize(c) : null;
    if (problem === undefined) count(c, role);
    const mount = basePath(c).replace(/\/$/, "");
    const dashboard = await this.#dashboardAt(mount);
    const request = problem === undefined ? c.req.raw : loginRequest(c, mount);
    const { response, isKnown } = await dashboard(request, {
      role,
      fetch: (url, init) => this.#ask(c, role, new Request(url, init)),
      hasLogin,
      version,
      store,
      ...(problem === undefined ? {} : { refusal: { status: problem.status, message: problem.message } }),
    });
    const headers = { ...Object.fromEntries(response.headers), ...problem?.extra.headers };
    const whole = c.newResponse(response.body, response.status as ContentfulStatusCode, headers);
    complete(c, whole.headers);
    return { response: whole, isKnown };
  }

  async #ask(c: Context, role: Role | null, request: Request): Promise<Response> {
    const url = new URL(request.url);
    const base = this.#options.basePath.replace(/\/$/, "");
    const own = new Request(new URL(base + url.pathname + url.search, url), request);
    if (role !== null) this.#own.set(own, role);
    return await this.#options.ask(own, c.env);
  }

  #dashboardAt(mount: string): Promise<Dashboard> {
    const known = this.#dashboards.get(mount);
    if (known !== undefined) return known;
    if (this.#dashboards.size >= MOST_MOUNTS) this.#dashboards.clear();
    const made = this.#options.load(mount);
    this.#dashboards.set(mount, made);
    made.catch(() => this.#dashboards.delete(mount)); // the next visit tries again
    return made;
  }
}

/** Asks for the login page in place of what `c` asked for. */
function loginRequest({ req }: Context, mount: string): Request {
  const url = new URL(req.url);
  return new Request(new URL(mount + LOGIN_PATH + url.search, url), { headers: req.raw.headers });
}

/** The paths of pages and their files. Those that are none of ours are left to the host app. */
export function dashboardRoutes(
  { pages, guard }: { pages: PageServer; guard: MiddlewareHandler },
): Hono {
  const squeeze = compress();
  const app = new Hono();
  for (const path of ["/admin", "/admin/*", "/_fresh/*"]) {
    app.get(path, guard, async (c, next) => {
      const { response, isKnown } = await pages.page(c);
      if (!isKnown) await next();
      if (!isKnown && c.res.status !== 404) return; // the host app has it
      c.res = undefined;
      await squeeze(c, () => {
        c.res = response;
        return Promise.resolve();
      });
    });
  }
  return app.all("/admin", (c) => refuseMethod(c, ["GET"]));
}
