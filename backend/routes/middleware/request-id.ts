import { trace } from "@opentelemetry/api";
import type { Check } from "./checks.ts";

/**
 * Gives each request an id, which the logs and the request's span name, and the answer by `safeHeaders`: that of its
 * `X-Request-Id`, if it brings a sound one, so that a proxy's logs can be followed.
 */
export function identify(): Check {
  return (c) => {
    const given = c.req.header("x-request-id");
    const id = given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();
    c.set("requestId", id);
    trace.getActiveSpan()?.setAttribute("cronosaur.request_id", id);
  };
}
