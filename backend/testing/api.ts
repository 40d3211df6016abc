import { type AppOptions, createApp } from "../app.ts";
import { Queue } from "../lib/queue.ts";
import type { QueueOptions } from "../lib/queue-options.ts";
import { Scheduler } from "../lib/scheduler.ts";
import type { Role } from "../routes/middleware/auth.ts";
import type { Problem } from "../routes/middleware/problem.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { FakeClock } from "./fake-clock.ts";

/** How `Api.call` asks. */
export interface CallOptions {
  /** null: without a token. @default "admin" */
  role?: Role | null;
  /** Sent as JSON; a string, bytes or a stream as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The address at the other end of the connection. @default none */
  from?: string;
  signal?: AbortSignal;
}

/** An answer and what its body holds, if anything. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** The tokens that it knows. */
export const TOKENS: Readonly<Record<Role, string>> = {
  admin: "admin-token",
  viewer: "viewer-token",
  producer: "enqueue-token",
};

/** The HTTP API over a queue in memory, asked as a client would, without a network. */
export class Api {
  readonly clock = new FakeClock();
  /** All that is stored. */
  readonly data = new MemoryData();
  readonly store: MemoryStore;
  readonly queue: Queue;
  readonly scheduler: Scheduler;
  /** Every route and middleware, by method (of middleware "ALL") and path. */
  readonly routes: readonly { method: string; path: string }[];
  /** Asks the app itself; `from` is the address at the other end of the connection. */
  readonly fetch: (
    url: string | URL | Request,
    init?: RequestInit,
    from?: string,
  ) => Response | Promise<Response>;

  constructor(options: { app?: Partial<AppOptions>; queue?: Partial<QueueOptions> } = {}) {
    const { clock } = this;
    this.store = new MemoryStore({ data: this.data });
    this.queue = new Queue({ store: this.store, clock, ...options.queue });
    this.scheduler = new Scheduler(this.queue);
    const app = createApp({
      queue: this.queue,
      scheduler: this.scheduler,
      clock,
      authorize: { tokens: () => Promise.resolve(TOKENS) },
      ...options.app,
    });
    this.routes = app.routes;
    this.fetch = (url, init, from) => {
      return app.request(url, init, from === undefined ? {} : { remoteAddr: { hostname: from } });
    };
  }

  /** Sends one request. The type of the body is the caller's belief. */
  async call<T = Problem>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const { role = "admin", body, from, signal } = options;
    const headers = new Headers(role === null ? {} : { Authorization: `Bearer ${TOKENS[role]}` });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
    const sent = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
        body instanceof ReadableStream
      ? body as BodyInit | undefined
      : JSON.stringify(body);
    const response = await this.fetch(path, { method, headers, body: sent, signal }, from);
    const isEndless = response.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
    if (isEndless) await response.body?.cancel();
    const text = isEndless ? "" : await response.text();
    const isJson = text !== "" && /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Sends one request and returns its status, code and the paths of the fields it names. */
  async refusal(method: string, path: string, options?: CallOptions): Promise<[number, string, ...string[]]> {
    const { status, body } = await this.call(method, path, options);
    return [status, body.code, ...(body.errors ?? []).map((error) => error.path)];
  }

  /** How many jobs are stored. */
  async count(): Promise<number> {
    return (await this.queue.list({}, { limit: 200 })).jobs.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scheduler.stop();
    await this.queue.stop();
  }
}
