import { lookup as systemLookup } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { QueueError } from "../../lib/errors.ts";
import { refusalOf } from "../../lib/address.ts";
import { parseHttpUrl } from "../../lib/http-url.ts";

/** One address a name stands for. */
export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Looks a name up. */
export type Resolver = (hostname: string) => Promise<ResolvedAddress[]>;

/** What to send. */
export interface SafeRequestInit {
  /** @default "GET" */
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

/** How to send it. */
export interface SafeRequestOptions {
  /** Lets the request reach loopback, private and all other special addresses. */
  allowPrivateUrls: boolean;
  /** Ends the request. There is no other limit on the time until the status arrives. */
  signal?: AbortSignal;
  /** Bytes of the answer's body to read; what follows is dropped. @default 65_536 */
  maxBodyBytes?: number;
  /** Milliseconds to wait for the body once the status is known. @default 5000 */
  bodyTimeout?: number;
  /** Certificates to trust instead of the well-known ones, PEM. */
  ca?: string;
  /** @default the system's resolver */
  resolve?: Resolver;
  clock?: Clock;
}

/** What came back. */
export interface SafeResponse {
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most `maxBodyBytes` of it. */
  body: Uint8Array;
  /** False when the body was cut: too long, too slow, or the connection was lost in the middle of it. */
  complete: boolean;
}

/** The URL leads to an address that requests must not reach; no connection was made. */
export class AddressRefusedError extends QueueError {
  readonly code = "address_refused";

  constructor(readonly hostname: string, readonly kind: string) {
    super(
      `Cannot send to "${hostname}": it is at a refused address (${kind}); ALLOW_PRIVATE_URLS=true allows it`,
    );
  }
}

/**
 * Sends one request to a URL that a stranger may have chosen.
 *
 * The name is resolved once, every address it stands for is checked, and the connection goes to exactly those:
 * a name that changes its address between check and connection gains nothing. Certificates are checked against
 * the name. No redirect is followed, no proxy is used, no connection is shared with another request, and the
 * answer is read up to a bound. Any status is an answer, not an error.
 *
 * @throws {InputTypeError | InputRangeError} The URL is bad; nothing was sent.
 * @throws {AddressRefusedError} One of the addresses is not public; nothing was sent.
 * @throws The signal's reason when it aborts, or the network's error; the request may then have arrived.
 */
export async function safeRequest(
  url: string,
  init: SafeRequestInit,
  options: SafeRequestOptions,
): Promise<SafeResponse> {
  options.signal?.throwIfAborted();
  const target = parseHttpUrl(url);
  const addresses = await untilAborted(checkedAddresses(target, options), options.signal);
  const response = await exchange(target, addresses, init, options);
  return await readBounded(response, options);
}

async function checkedAddresses(url: URL, options: SafeRequestOptions): Promise<ResolvedAddress[]> {
  const { allowPrivateUrls, resolve = resolveBySystem } = options;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (addresses.length === 0) throw new Error(`Cannot find an address of "${host}"`);
  for (const { address } of allowPrivateUrls ? [] : addresses) {
    const kind = refusalOf(address);
    if (kind !== null) throw new AddressRefusedError(host, kind);
  }
  return addresses;
}

function resolveBySystem(hostname: string): Promise<ResolvedAddress[]> {
  return systemLookup(hostname, { all: true, verbatim: true });
}

/** Sends the request and resolves with the answer once its status and headers are there. */
function exchange(
  url: URL,
  addresses: readonly ResolvedAddress[],
  { method = "GET", headers = {}, body }: SafeRequestInit,
  { signal, ca }: SafeRequestOptions,
): Promise<http.IncomingMessage> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = (url.protocol === "https:" ? https : http).request(url, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-length": String(body.byteLength) },
    agent: false, // a connection of its own: none that another address's check let through
    lookup: answering(addresses),
    rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    ...(ca === undefined ? {} : { ca }),
  });
  const abort = () => {
    reject(signal?.reason);
    request.destroy();
  };
  signal?.addEventListener("abort", abort, { once: true });
  request.on("response", resolve);
  request.on("upgrade", (_, socket) => {
    socket.destroy();
    reject(new Error("The answer was a change of protocol, which is not supported"));
  });
  request.on("error", reject);
  request.on("close", () => {
    signal?.removeEventListener("abort", abort);
    reject(new Error("The connection was closed without an answer"));
  });
  request.end(body);
  return promise;
}

/** A lookup that knows nothing but the addresses that were checked. */
function answering(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

async function readBounded(
  response: http.IncomingMessage,
  { signal, maxBodyBytes = 65_536, bodyTimeout = 5_000, clock = systemClock }: SafeRequestOptions,
): Promise<SafeResponse> {
  const ended = new AbortController();
  const stop = () => response.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  clock.sleep(bodyTimeout, ended.signal).then(stop);
  const chunks: Uint8Array[] = [];
  let room = maxBodyBytes;
  let complete = true;
  try {
    for await (const chunk of response) {
      if (chunk.byteLength > room) complete = false;
      chunks.push(chunk.subarray(0, room));
      room -= Math.min(room, chunk.byteLength);
      if (!complete) break;
    }
  } catch {
    complete = false; // the status is known, which is what a caller asked for
  } finally {
    ended.abort();
    signal?.removeEventListener("abort", stop);
  }
  if (!complete) signal?.throwIfAborted(); // a whole answer counts, also if it comes at the last moment
  return { status: response.statusCode ?? 0, headers: response.headers, body: joined(chunks), complete };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** Waits for `work`, or rejects with the signal's reason as soon as it aborts. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
