import { trace } from "@opentelemetry/api";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./auth.ts";

/** Writes the request's id into the span of the request, if there is one: from a trace, one finds what the logs say. */
export function traceRequest(): MiddlewareHandler<Pick<ApiEnv, "Variables">> {
  return async (c, next) => {
    trace.getActiveSpan()?.setAttribute("cronosaur.request_id", c.get("requestId"));
    await next();
  };
}
