import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Access } from "./access.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { refusal } from "./middleware/problem.ts";
import { answer, body, iso, isoTime, nothing, openRoute } from "./schemas.ts";

/** The longest a token or code may be, in characters. */
const LONGEST = 512;

const secret = z.string().max(LONGEST, `must have at most ${LONGEST} characters`);

/** What every request to sign in or out may be refused with. */
const REFUSED = [400, 401, 403, 408, 413, 415, 429, 500, 503] as const;

const signIn = openRoute(REFUSED, {
  method: "post",
  path: "/",
  summary: "Signs a browser in, with a token or a login code",
  request: {
    query: nothing,
    body: body(z.strictObject({ token: secret.optional(), code: secret.optional() })),
  },
  responses: {
    200: answer(
      "Signed in: the cookie that comes with this does from now on what the token would",
      z.object({ role: z.string(), expiresAt: isoTime }),
    ),
  },
});

const signOut = openRoute(REFUSED, {
  security: [{ cookie: [] }],
  method: "delete",
  path: "/",
  summary: "Ends the session of this browser, everywhere",
  request: { query: nothing },
  responses: { 204: { description: "Signed out: the session has ended everywhere" } },
});

/** Routes under `/api/admin/session`: sign in with a token or a login code, sign out. */
export function sessionRoutes({ access }: { access: Access }) {
  return new OpenAPIHono({ defaultHook: refuseMisfits })
    .openapi(signIn, async (c) => {
      const { token, code } = c.req.valid("json");
      if ((token === undefined) === (code === undefined)) {
        throw refusal([{ path: "body", message: "must have either token or code" }]);
      }
      const { role, expiresAt } = await access.signIn(c, {
        ...(token === undefined ? {} : { token }),
        ...(code === undefined ? {} : { code }),
      });
      return c.json({ role, expiresAt: iso(expiresAt) }, 200);
    })
    .openapi(signOut, async (c) => {
      await access.signOut(c);
      return c.body(null, 204);
    });
}
