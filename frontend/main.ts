/** The dashboard, for where it is mounted. */
import { App, type Context, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import type { Dashboard, Visit } from "../backend/routes/dashboard.ts";
import { createClient } from "../backend/client.ts";
import { Status } from "./components/Status.tsx";
import { type PageInfo, type Theme, THEME_COOKIE, ZONE_COOKIE } from "./lib/page-info.ts";
import { guardPage } from "./lib/policy.ts";
import type { State } from "./utils.ts";

/** The app that we are part of is not set up for the dashboard. */
class SetupError extends Error {}

let build: Promise<(app: App<State>) => void> | undefined;

/**
 * Makes the dashboard for where it is mounted: "" or "/ops". The first call in a process bundles its islands. In an app
 * whose configuration does not suit it, all it answers is what to change.
 */
export async function createDashboard(mount: string): Promise<Dashboard> {
  try {
    checkJsx();
    build ??= buildPages();
    return serve(mount, await build);
  } catch (error) {
    build = undefined; // the next call tries again
    if (!(error instanceof SetupError)) throw error;
    const [text, headers] = [`${error.message}.\n`, { "Content-Type": "text/plain; charset=utf-8" }];
    return () => Promise.resolve({ response: new Response(text, { status: 500, headers }), isKnown: true });
  }
}

function serve(mount: string, apply: (app: App<State>) => void): Dashboard {
  const visits = new WeakMap<Request, { visit: Visit; isKnown: boolean }>();
  const app = new App<State>({ basePath: mount })
    .use((ctx) => {
      const entry = visits.get(ctx.req);
      if (entry === undefined) throw new Error("Cannot show a page: nobody has asked for it");
      Object.assign(ctx.state, stateOf(ctx, entry.visit));
      return ctx.next();
    })
    .use(staticFiles())
    .use((ctx) => {
      const entry = visits.get(ctx.req);
      if (entry !== undefined) entry.isKnown = ctx.route !== null;
      return ctx.next();
    })
    .fsRoutes();
  apply(app);
  const handler = app.handler();
  return async (request, visit) => {
    const entry = { visit, isKnown: true };
    visits.set(request, entry);
    const response = await guardPage(await handler(request)); // error pages, too, which pass by middlewares
    return { response, isKnown: entry.isKnown };
  };
}

async function buildPages(): Promise<(app: App<State>) => void> {
  const root = decodeURI(new URL(".", import.meta.url).pathname).replace(/\/$/, "");
  try {
    return await new Builder({ root }).build({ mode: "production", snapshot: "memory" });
  } catch (cause) {
    const isLost = cause instanceof Error && /not a dependency|could not resolve/i.test(cause.message);
    if (!isLost) throw cause;
    const where = "it is looked for in the working folder: start there, or with --config and its path";
    throw new SetupError(
      `Cannot bundle the dashboard: there is no deno.json that leads to its imports; ${where}`,
      { cause },
    );
  }
}

/** The app that we are part of says how JSX is compiled. What "precompile" makes is shown, but never comes to life. */
function checkJsx(): void {
  if (Status({ status: "failed" }).type === "span") return;
  throw new SetupError(
    'Cannot show the dashboard: deno.json says "jsx": "precompile"; set it to "react-jsx"',
  );
}

function stateOf({ config, req, url }: Context<State>, visit: Visit): State {
  const role = visit.role === "admin" || visit.role === "viewer" ? visit.role : null;
  const page: PageInfo = { base: config.basePath, role, ...tasteOf(req.headers.get("Cookie") ?? "") };
  const { api } = createClient(url.origin, { fetch: visit.fetch });
  return { visit, api: api.admin, page, title: "" };
}

/** How the visitor wants to see things. Cookies are anybody's to write: only what is known counts. */
function tasteOf(cookies: string): Pick<PageInfo, "theme" | "zone"> {
  const of = (name: string) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(cookies)?.[1] ?? "";
  const theme = of(THEME_COOKIE);
  const zone = of(ZONE_COOKIE).replaceAll("%2F", "/");
  return {
    theme: theme === "light" || theme === "dark" ? theme satisfies Theme : "system",
    zone: isZone(zone) ? zone : "UTC",
  };
}

function isZone(name: string): boolean {
  try {
    return /^[\w/+-]{1,64}$/.test(name) && new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
