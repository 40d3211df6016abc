/** Somebody on this machine who is told by webhooks what happens to jobs. */
export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/** Of so many requests to a path one is not taken. */
const TROUBLE: Readonly<Record<string, number>> = {
  "/hooks/shop": 9,
  "/hooks/alerts": 4,
  "/hooks/legacy": 1,
};

/** Starts a receiver that takes most of what it is sent. */
export function startReceiver(): Receiver {
  const counts = new Map<string, number>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    await request.body?.cancel();
    const count = (counts.get(pathname) ?? 0) + 1;
    counts.set(pathname, count);
    return count % (TROUBLE[pathname] ?? Infinity) === 0
      ? new Response("The receiver is being deployed", { status: 503 })
      : new Response("taken");
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
