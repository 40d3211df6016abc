import type { Context } from "hono";
import type { Check } from "./checks.ts";

/** For half a year a browser that was here by HTTPS comes by nothing else. */
const HTTPS_ONLY = "max-age=15552000";

/**
 * Sets on every answer what keeps browsers from reading it as anything but data, from framing it and from keeping it.
 *
 * @param isHttps Says whether the browser is connected by HTTPS; it shall be from then on.
 */
export function safeHeaders(isHttps: (c: Context) => boolean = () => false): Check {
  return (c) => {
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    c.header("X-Frame-Options", "DENY");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    c.header("Cache-Control", "no-store");
    if (isHttps(c)) c.header("Strict-Transport-Security", HTTPS_ONLY);
  };
}
