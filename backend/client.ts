/** The client of the HTTP API, for programs and pages. It imports nothing but types: pages load little. */
import type { hc } from "hono/client";
import type { AppType } from "./app.ts";
import type { Problem } from "./routes/middleware/problem.ts";

export type { AppType, Problem };

/** How a client asks. */
export interface ClientOptions {
  /** Sent as `Authorization: Bearer …`. @default none: a browser sends its session's cookie by itself */
  token?: string;
  /** Sent with every request, or a function that makes them. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** What sends a request; `app.request` of Hono asks an app of the same process. @default the global `fetch` */
  fetch?: (url: string | URL | Request, init?: RequestInit) => Response | Promise<Response>;
}

/** What the service answered instead of what was wanted. Its `code` does not change between versions. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;

  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds after which to try again; null if the service does not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail);
    this.code = problem.code;
  }
}

/**
 * Returns a client of the API at `baseUrl`, the address under which it is mounted: "https://jobs.example.com/ops", or
 * "/ops" in a page that comes from there. Paths are properties, methods have a `$`, answers have types.
 *
 * Every call rejects with an `ApiError` unless the answer is 2xx, so that `json()` is what the route promises. Parts of
 * paths are encoded. `{ init: { signal } }`, as a second argument, lets a call be given up.
 *
 * @example
 * ```ts
 * import { createClient } from "cronosaur/client";
 *
 * async function retryFailed(baseUrl: string, token: string) {
 *   const { jobs } = createClient(baseUrl, { token }).api.admin;
 *   const { data } = await (await jobs.$get({ query: { status: "failed", limit: "10" } })).json();
 *   for (const { id } of data) await jobs[":id"].retry.$post({ param: { id } });
 * }
 * ```
 */
export function createClient(baseUrl: string, options: ClientOptions = {}): ApiClient {
  return branch({ ...options, baseUrl: baseUrl.replace(/\/+$/, "") }, []) as ApiClient;
}

/** What `createClient` returns. */
export type ApiClient = ReturnType<typeof hc<AppType>>;

/** What a call may be given, by where it goes. */
interface Input {
  param?: Record<string, string>;
  query?: Record<string, string | readonly string[] | undefined>;
  json?: unknown;
}

interface Service extends ClientOptions {
  /** Without a slash at its end. */
  baseUrl: string;
}

/** What `hc` returns for the parts of a path that ends with a method: made as it is asked for. */
function branch(service: Service, parts: readonly string[]): unknown {
  return new Proxy(() => {}, {
    // Who awaits a branch by mistake gets it back: it is no promise.
    get: (_, part) =>
      typeof part === "string" && part !== "then" ? branch(service, [...parts, part]) : undefined,
    apply: (_target, _self, [input, given]: [Input?, { init?: RequestInit }?]) => {
      const path = pathOf(parts.slice(0, -1), input);
      const method = parts.at(-1)?.slice(1) ?? "";
      if (method === "path") return path;
      if (method === "url") return new URL(service.baseUrl + path);
      return ask(service, path, { method: method.toUpperCase(), ...bodyOf(input), ...given?.init });
    },
  });
}

/** @throws {RangeError} A parameter would fall out of the path, and another route be asked. */
function pathOf(parts: readonly string[], { param = {}, query = {} }: Input = {}): string {
  const path = parts.map((part) => part.startsWith(":") ? encoded(part.slice(1), param) : part).join("/");
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values ?? []].flat()) search.append(name, value);
  }
  return `/${path}${search.size > 0 ? `?${search}` : ""}`;
}

function encoded(name: string, param: Record<string, string>): string {
  const value = param[name] ?? "";
  if (!/^\.{0,2}$/.test(value)) return encodeURIComponent(value);
  throw new RangeError(`Cannot put parameter "${name}" into the path: it is "${value}"`);
}

function bodyOf({ json }: Input = {}): RequestInit {
  return json === undefined
    ? {}
    : { body: JSON.stringify(json), headers: { "Content-Type": "application/json" } };
}

async function ask(service: Service, path: string, { headers, ...init }: RequestInit): Promise<Response> {
  const { baseUrl, token, headers: own, fetch: send = (url, init) => fetch(url, init) } = service;
  const all = new Headers(headers);
  if (token !== undefined) all.set("Authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(typeof own === "function" ? own() : own ?? {})) {
    all.set(name, value);
  }
  const response = await send(baseUrl + path, { ...init, headers: all });
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const problem = problemIn(await response.text()) ?? strange(status);
  return new ApiError(status, problem, secondsIn(response.headers.get("Retry-After")));
}

/** A proxy may write a date there. */
function secondsIn(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
}

function problemIn(text: string): Problem | null {
  try {
    const value = JSON.parse(text);
    return typeof value?.code === "string" ? value : null;
  } catch {
    return null;
  }
}

/** What stands for an answer of somebody else, such as a proxy. */
function strange(status: number): Problem {
  return {
    type: "about:blank",
    title: "Error",
    status,
    code: "http_error",
    detail: `The answer is ${status}, and not one of this API`,
  };
}
