import type { TestCertificate } from "./certificate.ts";

/** A server on a loopback port of its own. Stops when it goes out of scope: `await using`. */
export interface LocalServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly origin: string;
  readonly port: number;
}

/** Serves `handler` on 127.0.0.1, over TLS if there is a certificate. Answers may outlast their client. */
export function serveLocally(
  handler: (request: Request) => Response | Promise<Response>,
  certificate?: TestCertificate,
): LocalServer {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(certificate === undefined ? options : { ...options, ...certificate }, handler);
  const { port } = server.addr;
  return {
    origin: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
