import type { Context, MiddlewareHandler } from "hono";

/** For half a year a browser that was here by HTTPS comes by nothing else. */
const HTTPS_ONLY = "max-age=15552000";

/**
 * Sets what keeps browsers from reading an answer as anything but data, from framing it and from keeping it.
 *
 * @param isHttps The browser is connected by HTTPS, and shall be from now on.
 */
export function setSafeHeaders(c: Context, isHttps = false): void {
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  c.header("X-Frame-Options", "DENY");
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  c.header("Cache-Control", "no-store");
  if (isHttps) c.header("Strict-Transport-Security", HTTPS_ONLY);
}

/** Sets the safe headers on every answer. */
export function safeHeaders(isHttps: (c: Context) => boolean = () => false): MiddlewareHandler {
  return async (c, next) => {
    setSafeHeaders(c, isHttps(c));
    await next();
  };
}
