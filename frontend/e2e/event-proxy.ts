/** A proxy before the service that can cut the streams of events, and nothing else. */
export class EventProxy {
  /** Where each stream was asked to go on, "" for now. */
  readonly resumedAt: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #target: URL;
  #cut: AbortController | null = new AbortController();

  /** @param target Where the dashboard is mounted. */
  constructor(target: string) {
    this.#target = new URL(target);
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  /** Where the dashboard is, seen through the proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}${this.#target.pathname}`;
  }

  /** Ends all streams of events, and answers 502 to who asks for one. */
  cut(): void {
    this.#cut?.abort();
    this.#cut = null;
  }

  mend(): void {
    this.#cut = new AbortController();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const isStream = pathname.endsWith("/api/admin/events");
    if (isStream) {
      if (this.#cut === null) return new Response(null, { status: 502 });
      this.resumedAt.push(request.headers.get("Last-Event-ID") ?? searchParams.get("lastEventId") ?? "");
    }
    const answer = await fetch(new URL(pathname + search, this.#target), {
      method: request.method,
      headers: new Headers([...request.headers].filter(([name]) => name !== "accept-encoding")),
      body: request.body,
      redirect: "manual",
    });
    if (!isStream || answer.body === null || this.#cut === null) return answer;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    // What ends with an error would be printed. The browser may have closed it before.
    answer.body.pipeTo(writable, { signal: this.#cut.signal, preventAbort: true })
      .catch(() => writable.close()).catch(() => {});
    return new Response(readable, answer);
  }
}
