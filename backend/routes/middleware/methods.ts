import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, Env, MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

/**
 * Answers what no route of `app` took: OPTIONS with the methods of the path, 405 to a method the path does not
 * know, 404 to an unknown path.
 */
export function otherwise<E extends Env>(app: OpenAPIHono<E>): MiddlewareHandler {
  const known = new Map<string, string[]>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, method } = definition.route;
    known.set(path, [...known.get(path) ?? [], method.toUpperCase()]);
  }
  // The end of a path decides: what comes before it is where the app is mounted.
  const patterns = [...known].map(([path, methods]) => {
    return { pattern: new RegExp(`${path.replaceAll(".", "\\.").replaceAll(/{\w+}/g, "[^/]+")}$`), methods };
  });

  return (c) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(c.req.path)).flatMap(({ methods }) =>
      methods
    );
    if (methods.length === 0) throw unknownPath();
    return Promise.resolve(refuseMethod(c, methods));
  };
}

/** Answers a method that is not among the `methods` of a path: OPTIONS with those, others with 405. */
export function refuseMethod(c: Context, methods: readonly string[]): Response {
  const head = methods.includes("GET") ? ["HEAD"] : [];
  const allow = [...new Set([...methods, ...head]), "OPTIONS"].join(", ");
  if (c.req.method === "OPTIONS") return c.body(null, 204, { Allow: allow });
  const detail = `${c.req.method} is not among the methods here: ${allow}`;
  throw new HttpProblem(405, "method_not_allowed", detail, { headers: { Allow: allow } });
}

/** The answer to a path that leads nowhere. */
export function unknownPath(): HttpProblem {
  return new HttpProblem(404, "not_found", "There is nothing at this path");
}
