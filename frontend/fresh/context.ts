import { type AnyComponent, type FunctionComponent, h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Snapshot } from "./dev.ts";
import { Islands } from "./islands.ts";

/** What pages and layouts are given. */
export type PageProps<Data = unknown, T = unknown> =
  & Pick<Context<T>, "config" | "url" | "req" | "params" | "info" | "state" | "error" | "route">
  & { data: Data; Component: FunctionComponent };

// deno-lint-ignore no-explicit-any
export type View = AnyComponent<PageProps<any, any>>;

/** What every handler and middleware of one request is given. */
export class Context<State> {
  readonly state: State = {} as State;
  error: unknown | null = null;
  next!: () => Promise<Response>;
  /** What renders around the page, from the outside in. Not of the real one, nor is `snapshot`. */
  views: readonly View[] = [];

  constructor(
    readonly req: Request,
    readonly url: URL,
    readonly info: Deno.ServeHandlerInfo,
    readonly params: Record<string, string>,
    readonly route: string | null,
    readonly config: { readonly basePath: string },
    readonly snapshot: Snapshot,
  ) {}

  /** Leads the browser to another path. Never to another site by a path that begins with `//`. */
  redirect(pathOrUrl: string, status = 302): Response {
    const location = pathOrUrl.replace(/^\/[^?#]*/, (path) => path.replaceAll(/\/+/g, "/"));
    return new Response(null, { status, headers: { location } });
  }

  json(content: unknown, init?: ResponseInit): Response {
    return Response.json(content, init);
  }

  /** Renders `vnode` inside the layouts and the app of this route. */
  async render(vnode: VNode | null, init: ResponseInit = {}): Promise<Response> {
    const islands: { name: string; props: string }[] = [];
    let inner = vnode;
    for (const view of this.views.toReversed()) {
      const child = inner;
      const outer = await mount(view, this, { data: null, Component: () => child });
      if (outer instanceof Response) return outer;
      inner = outer;
    }
    const html = renderToString(h(Islands.Provider, { value: islands, children: inner }));
    const end = html.lastIndexOf("</body>");
    const whole = `<!DOCTYPE html>${html.slice(0, end)}${this.#bootScript(islands)}${html.slice(end)}`;
    const headers = new Headers(init.headers);
    headers.set("Content-Type", "text/html; charset=utf-8");
    return new Response(whole, { status: init.status ?? 200, headers });
  }

  /** Inline, as the real one's: a policy can let it run by its nonce. */
  #bootScript(islands: readonly { name: string; props: string }[]): string {
    if (islands.length === 0) return "";
    const { snapshot: { buildId, scripts }, config: { basePath } } = this;
    const names = [...new Set(islands.map(({ name }) => name))];
    const list = islands.map(({ name, props }) => `[${name},${props.replaceAll("<", "\\u003c")}]`);
    const nonce = crypto.randomUUID().replaceAll("-", "");
    return `<script type="module" nonce="${nonce}">import{boot,${names}}from "${basePath}${
      scripts.pathOf(names)
    }";` +
      `boot([${list}],${JSON.stringify(buildId)});</script>`;
  }
}

/** A component is rendered as one, so that its hooks work; only an `async function` is called, and awaited. */
export async function mount<State>(
  view: View,
  ctx: Context<State>,
  more: Pick<PageProps, "data" | "Component">,
) {
  const props = { ...ctx, ...more };
  if (view.constructor.name !== "AsyncFunction") return h(view, props) as VNode;
  return await (view as unknown as (given: typeof props) => Promise<VNode | Response | null>)(props);
}
