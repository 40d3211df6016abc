import { trace } from "@opentelemetry/api";
import type { Check } from "./checks.ts";

const HEADER = "x-request-id";

/**
 * Gives each request an id, which the answer, the logs and the request's span name: that of its `X-Request-Id`, if it
 * brings a sound one, so that a proxy's logs can be followed.
 */
export function identify(): Check {
  return (c) => {
    const given = c.req.header(HEADER);
    const id = given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();
    c.set("requestId", id);
    c.header(HEADER, id);
    trace.getActiveSpan()?.setAttribute("cronosaur.request_id", id);
  };
}
