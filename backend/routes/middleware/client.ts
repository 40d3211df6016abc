import type { Context } from "hono";

/** What a request says of its way here counts only if a proxy of ours said it last. */
export interface ProxyOptions {
  /** The address people see. */
  publicUrl?: string;
  /** Whether `X-Forwarded-For` and `X-Forwarded-Proto` are believed. @default false */
  trustProxy?: boolean;
}

/**
 * The address to count a request by: that of the connection or, behind a trusted proxy, the last one in
 * `X-Forwarded-For`, since whatever stands before it came from the client and may be forged.
 *
 * Of IPv6 the network (/64) counts: whoever has one address of it has them all. "unknown" without an address.
 */
export function addressOf(c: Context, trustProxy = false): string {
  const forwarded = trustProxy ? lastOf(c.req.header("X-Forwarded-For")) : undefined;
  return groupOf(forwarded) ?? groupOf(connectionOf(c)) ?? "unknown";
}

/** Makes what tells whether the browser is connected by HTTPS, to us or to the proxy before us. */
export function httpsReader({ publicUrl, trustProxy = false }: ProxyOptions): (c: Context) => boolean {
  if (publicUrl !== undefined) {
    const isHttps = /^https:/i.test(publicUrl);
    return () => isHttps;
  }
  return (c) => {
    const forwarded = trustProxy ? lastOf(c.req.header("X-Forwarded-Proto")) : undefined;
    return forwarded === undefined ? c.req.url.startsWith("https:") : forwarded.toLowerCase() === "https";
  };
}

function lastOf(header: string | undefined): string | undefined {
  return header?.slice(header.lastIndexOf(",") + 1).trim();
}

/** The other end of the connection, which `Deno.serve` gives to `app.fetch`. */
function connectionOf(c: Context): string | undefined {
  const env: { remoteAddr?: { hostname?: string } } | undefined = c.env;
  return env?.remoteAddr?.hostname;
}

/** An address, or the network of one, in the one way to write it; null if it is none. It may have a port. */
function groupOf(text: string | undefined): string | null {
  if (text === undefined || text.length > 64) return null;
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (!bare.includes(":")) return ipv4(bare);
  const host = URL.parse(`http://[${bare.replace(/%.*$/, "")}]/`)?.hostname;
  if (host === undefined) return null;
  const [left = "", right] = host.slice(1, -1).split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  // The same IPv4 address must not count as another one for being written as IPv6.
  if (groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff") {
    const [high = 0, low = 0] = groups.slice(6).map((group) => parseInt(group, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}

function ipv4(text: string): string | null {
  const parts = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split(".").map(Number) : [256];
  return parts.every((part) => part <= 255) ? parts.join(".") : null;
}
