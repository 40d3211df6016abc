import type { AnyComponent } from "preact";
import type { Context, PageProps } from "./context.ts";

export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** What a handler hands to the component of its page. */
export interface PageResponse<T> {
  data: T;
  headers?: HeadersInit;
  status?: number;
}

type Made<Data> = Response | PageResponse<Data>;
type HandlerFn<Data, State> = (ctx: Context<State>) => Made<Data> | Promise<Made<Data>>;
type HandlerByMethod<Data, State> = {
  [M in "HEAD" | "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "OPTIONS"]?: HandlerFn<Data, State>;
};
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

type DataOf<H, State> = H extends HandlerFn<infer Data, State> ? Data
  : H extends HandlerByMethod<infer Data, State> ? Data
  : never;

/** Renders the page's component with `data`. */
export function page<T = undefined>(data?: T, options?: { headers?: HeadersInit; status?: number }) {
  return { data, ...options } as PageResponse<T>;
}

/** Helpers that return their argument, checked. */
// deno-lint-ignore no-explicit-any
export function createDefine<State, Handlers = RouteHandler<any, State>>() {
  return {
    handlers: <H extends Handlers>(handlers: H): H => handlers,
    page: <H extends Handlers = never>(view: AnyComponent<PageProps<DataOf<H, State>, State>>) => view,
    middleware: <M extends Middleware<State> | Middleware<State>[]>(middleware: M): M => middleware,
    layout: (view: AnyComponent<PageProps<unknown, State>>) => view,
  };
}
