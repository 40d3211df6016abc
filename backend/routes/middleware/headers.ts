import type { Context } from "hono";
import type { Check } from "./checks.ts";

/** For half a year a browser that was here by HTTPS comes by nothing else. */
const HTTPS_ONLY = "max-age=15552000";

/**
 * Sets on every answer what keeps browsers from reading it as anything but data, from framing it and from keeping it.
 *
 * Names are written as they are sent: `Headers` would put each into lower case whenever it looks for one.
 *
 * @param isHttps Says whether the browser is connected by HTTPS; it shall be from then on.
 */
export function safeHeaders(isHttps: (c: Context) => boolean = () => false): Check {
  return (c) => {
    c.header("x-content-type-options", "nosniff");
    c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    c.header("x-frame-options", "DENY");
    c.header("referrer-policy", "no-referrer");
    c.header("cross-origin-resource-policy", "same-origin");
    c.header("cache-control", "no-store");
    if (isHttps(c)) c.header("strict-transport-security", HTTPS_ONLY);
  };
}
