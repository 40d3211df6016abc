import type { Context, MiddlewareHandler } from "hono";
import { timingSafeEqual } from "@std/crypto";
import { HttpProblem } from "./problem.ts";

/** What a caller may do: everything · read · add jobs and read those it added. */
export type Role = "admin" | "viewer" | "producer";

/** Says who asks; null: nobody known. Replaces the bearer tokens when mounted in another app. */
export type Authorize = (c: Context) => Role | null | Promise<Role | null>;

/** What the middlewares leave for the routes. */
export interface ApiEnv {
  Variables: { role: Role; requestId: string };
}

/**
 * Lets in who sends `Authorization: Bearer` with one of `tokens`.
 *
 * Digests are compared, in constant time, and always with every token: how long it takes says nothing of them.
 *
 * @param tokens Called once, at the first request, whether or not that brings a token; again only if it failed.
 */
export function bearerTokens(tokens: () => Promise<Record<Role, string>>): Authorize {
  let digests: Promise<[Role, Uint8Array][]> | undefined;

  async function load(): Promise<[Role, Uint8Array][]> {
    const { admin, viewer, producer } = await tokens();
    return [
      ["admin", await digest(admin)],
      ["viewer", await digest(viewer)],
      ["producer", await digest(producer)],
    ];
  }

  return async (c) => {
    digests ??= load();
    const known = await digests.catch((error) => {
      digests = undefined;
      throw error;
    });
    const token = bearerOf(c);
    if (token === null) return null;
    const given = await digest(token);
    const matching = known.filter(([, expected]) => timingSafeEqual(expected, given));
    return matching[0]?.[0] ?? null;
  };
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** The bearer token of a request; null without one. */
export function bearerOf(c: Context): string | null {
  return /^Bearer +([\w.~+/=-]+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? null;
}

/** Answers 401 to callers that `authorize` does not know, and leaves the role of the others in `c.var.role`. */
export function authenticate(authorize: Authorize): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const role = await authorize(c);
    if (role !== "admin" && role !== "viewer" && role !== "producer") throw unauthorized(c);
    c.set("role", role);
    await next();
  };
}

function unauthorized(c: Context): HttpProblem {
  const given = c.req.header("Authorization") !== undefined;
  const detail = given ? "The token is not known here" : "A token is needed: Authorization: Bearer …";
  const challenge = `Bearer realm="cronosaur"${given ? ', error="invalid_token"' : ""}`;
  return new HttpProblem(401, "unauthorized", detail, { headers: { "WWW-Authenticate": challenge } });
}

/** Answers 403 to callers of other roles than `roles`. Admins may do everything. */
export function allow(roles: readonly Role[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { role } = c.var;
    if (role !== "admin" && !roles.includes(role)) {
      throw new HttpProblem(403, "forbidden", `A ${role} may not do this`);
    }
    await next();
  };
}
