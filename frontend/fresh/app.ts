import { Hono } from "hono";
import { Context, mount, type View } from "./context.ts";
import { type Middleware, page } from "./define.ts";
import { type RouteModule, type Snapshot, snapshots } from "./dev.ts";
import { CACHE_KEY, HttpError } from "./runtime.ts";

type Next<State> = (ctx: Context<State>) => Promise<Response>;

/** Passes requests through middlewares to the routes of `routes/`. */
export class App<State> {
  readonly config: { readonly basePath: string };
  readonly #middlewares: Middleware<State>[] = [];

  constructor({ basePath = "" }: { basePath?: string } = {}) {
    this.config = { basePath };
  }

  use(...middlewares: Middleware<State>[]): this {
    this.#middlewares.push(...middlewares);
    return this;
  }

  /** The routes of the build that is applied to this app before `handler()` come in here. */
  fsRoutes(): this {
    return this;
  }

  handler(): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    const { config, config: { basePath } } = this;
    const snapshot = snapshots.get(this);
    if (snapshot === undefined) throw new Error("Cannot serve the app: no build was applied to it");
    const router = new Hono<{ Bindings: Deno.ServeHandlerInfo }>({ strict: false }).basePath(basePath || "/");
    // Routes without parameters come before those with, and all before what there is no route for.
    const files = [...snapshot.routes.keys()].filter((file) => !/\/_\w+$/.test(file));
    files.sort((a, b) => Number(a.includes("[")) - Number(b.includes("[")));
    for (const file of [...files, "/*"]) {
      const path = file.replace(/\/index$/, "").replaceAll(/\[(\w+)\]/g, ":$1") || "/";
      const run = this.#around(file, snapshot, (ctx) => answer(ctx, snapshot.routes.get(file), 200));
      router.all(path, async (c) => {
        const [route, url] = [file === "/*" ? null : basePath + path, new URL(c.req.url)];
        const ctx = new Context<State>(c.req.raw, url, c.env, c.req.param(), route, config, snapshot);
        return await run(ctx).catch(plainAnswer);
      });
    }
    return async (request, info) => await router.fetch(request, info);
  }

  /** What runs for the route `file`: what its folders ask for, from the outside in, then `last`. */
  #around(file: string, { routes }: Snapshot, last: Next<State>): Next<State> {
    const folders = [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index + 1));
    return folders.reduceRight<Next<State>>((next, folder) => {
      const of = (name: string) => routes.get(folder + name);
      const own = [folder === "/" ? this.#middlewares : [], of("_middleware")?.default ?? []].flat(2);
      const chain = (own as Middleware<State>[]).reduceRight<Next<State>>((then, run) => async (ctx) => {
        ctx.next = () => then(ctx);
        return await run(ctx);
      }, next);
      return async (ctx) => {
        const views = [ctx.views, of("_app")?.default ?? [], of("_layout")?.default ?? []].flat() as View[];
        ctx.views = views;
        try {
          return await chain(ctx);
        } catch (error) {
          if (of("_error") === undefined) throw error;
          Object.assign(ctx, { error, views });
          return await answer(ctx, of("_error"), error instanceof HttpError ? error.status : 500);
        }
      };
    }, last);
  }
}

/** Calls the handler that `route` has for the request's method, and renders its page. */
async function answer<State>(ctx: Context<State>, route: RouteModule | undefined, status: number) {
  if (route === undefined) throw new HttpError(404);
  const { default: view, handler = () => page() } = route;
  const method = ctx.req.method === "HEAD" ? "GET" : ctx.req.method as "GET";
  const handle = typeof handler === "function" ? handler : handler[method];
  if (handle === undefined && (method !== "GET" || view === undefined)) throw new HttpError(404);
  const made = await handle?.(ctx) ?? page();
  if (made instanceof Response) return made;
  const { headers = {}, data } = made;
  const vnode = await mount(view as View, ctx, { data, Component: () => null });
  if (vnode instanceof Response) return vnode;
  return await ctx.render(vnode, { status: made.status ?? status, headers });
}

/** For what no `_error` has taken. */
function plainAnswer(error: unknown): Response {
  if (!(error instanceof HttpError)) console.error(error);
  return new Response(null, { status: error instanceof HttpError ? error.status : 500 });
}

const TYPES = new Map([["css", "text/css"], ["js", "text/javascript"], ["svg", "image/svg+xml"]]);

/** Serves the files of `static/` and the bundled islands. */
export function staticFiles<State>(): Middleware<State> {
  return ({ snapshot: { files, buildId, scripts }, config: { basePath }, url, next }) => {
    const path = url.pathname.slice(basePath.length);
    const content = files.get(path) ?? scripts.at(path);
    if (content === undefined) return next();
    const key = url.searchParams.get(CACHE_KEY) ?? buildId;
    if (key !== buildId) return Response.redirect(new URL(url.pathname, url), 307);
    const isKept = url.searchParams.has(CACHE_KEY) || path.startsWith("/_fresh/js/");
    const headers = {
      "Content-Type": TYPES.get(path.slice(path.lastIndexOf(".") + 1)) ?? "application/octet-stream",
      "Cache-Control": isKept ? "public, max-age=31536000, immutable" : "no-cache, no-store, max-age=0",
    };
    return new Response(content, { headers });
  };
}
