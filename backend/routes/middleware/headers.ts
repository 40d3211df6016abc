import type { Context, MiddlewareHandler } from "hono";

/** Sets what keeps browsers from reading an answer as anything but data, from framing it and from keeping it. */
export function setSafeHeaders(c: Context): void {
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  c.header("X-Frame-Options", "DENY");
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  c.header("Cache-Control", "no-store");
}

/** Sets the safe headers on every answer. */
export function safeHeaders(): MiddlewareHandler {
  return async (c, next) => {
    setSafeHeaders(c);
    await next();
  };
}
