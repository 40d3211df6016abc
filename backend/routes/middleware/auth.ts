import type { Context, MiddlewareHandler } from "hono";
import type { AuditNote } from "../../lib/audit-entry.ts";
import type { Check } from "./checks.ts";
import { HttpProblem } from "./problem.ts";

/** What a caller may do: everything · read · add jobs and read those it added. */
export type Role = "admin" | "viewer" | "producer";

/** Says who asks; null: nobody known. Replaces the bearer tokens when mounted in another app. */
export type Authorize = (c: Context) => Role | null | Promise<Role | null>;

/** What the middlewares leave for the routes. */
export interface ApiEnv {
  Variables: {
    role: Role;
    requestId: string;
    /** What the request has changed; null: nothing that needs an entry. */
    audit?: AuditNote | null;
  };
}

/** The bearer token of a request; null without one. */
export function bearerOf(c: Context): string | null {
  return /^Bearer +([\w.~+/=-]+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? null;
}

/**
 * Answers 401 to callers that `authorize` does not know, and leaves the role of the others in `c.var.role`.
 *
 * @param count Told of each request and its role, null if nobody known asks; what it throws is answered.
 */
export function authenticate(
  authorize: Authorize,
  count: (c: Context, role: Role | null) => void = () => {},
): Check {
  function enter(c: Context, role: Role | null): void {
    const isKnown = role === "admin" || role === "viewer" || role === "producer";
    count(c, isKnown ? role : null);
    if (!isKnown) throw unauthorized(c);
    c.set("role", role);
  }

  return (c) => {
    const role = authorize(c);
    if (role === null || typeof role === "string") return enter(c, role);
    return Promise.resolve(role).then((found) => enter(c, found));
  };
}

/** The answer to somebody who is not known: 401, and how to be. */
export function unauthorized(c: Context): HttpProblem {
  const given = c.req.header("Authorization") !== undefined;
  const detail = given ? "The token is not known here" : "A token is needed: Authorization: Bearer …";
  const challenge = `Bearer realm="cronosaur"${given ? ', error="invalid_token"' : ""}`;
  return new HttpProblem(401, "unauthorized", detail, { headers: { "WWW-Authenticate": challenge } });
}

/** Answers 403 to callers of other roles than `roles`. Admins may do everything. */
export function allow(roles: readonly Role[]): MiddlewareHandler<ApiEnv> {
  return (c, next) => {
    const role = c.get("role"); // `c.var` copies all there is
    if (role !== "admin" && !roles.includes(role)) {
      throw new HttpProblem(403, "forbidden", `A ${role} may not do this`);
    }
    return next();
  };
}
