import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Clock } from "../lib/clock.ts";
import { type Access, LOGIN_PATH, LOGOUT_PATH, mountOf } from "./access.ts";
import type { PageServer } from "./dashboard.ts";
import { bodyReader } from "./middleware/body.ts";
import { refuseMethod } from "./middleware/methods.ts";
import { HttpProblem } from "./middleware/problem.ts";

/** Room for a token and the name of its field, in bytes. */
const MOST_BYTES = 4096;

/** What signing in and out need. */
export interface LoginOptions {
  access: Access;
  clock: Clock;
  /** Run before everything else. */
  guard: MiddlewareHandler;
  /** Has the page with the form. */
  pages: PageServer;
  /** Answers what is thrown. */
  onError: (error: Error, c: Context) => Response;
}

/** What the forms of the dashboard are sent to: to sign in with a login code or a token, and to sign out. */
export function loginRoutes({ access, clock, guard, pages, onError }: LoginOptions): Hono {
  const read = bodyReader("application/x-www-form-urlencoded", { clock, most: MOST_BYTES });
  const app = new Hono();
  app.onError(async (error, c) => {
    const problem = onError(error, c);
    if (!(error instanceof HttpProblem)) return problem;
    // Who cannot be shown the page is told all the same what was wrong.
    const { response } = await pages.page(c, error);
    return response.status === problem.status ? response : problem;
  });
  return app
    .post(LOGIN_PATH, guard, async (c) => {
      const secret = new URLSearchParams(await read(c)).get("secret")?.trim() ?? "";
      await access.signIn(c, { token: secret, code: secret });
      return c.redirect(nextOf(c), 303);
    })
    .all(LOGIN_PATH, async (c, next) => {
      const isForPage = ["GET", "HEAD"].includes(c.req.method);
      return isForPage ? await next() : refuseMethod(c, ["GET", "POST"]);
    })
    .post(LOGOUT_PATH, guard, async (c) => {
      await access.signOut(c);
      return c.redirect(`${baseOf(c)}${LOGIN_PATH}`, 303);
    });
}

function baseOf(c: Context): string {
  return mountOf(c).replace(/\/$/, "");
}

/** Where who signed in wanted to go: a page of the dashboard, never elsewhere. */
function nextOf(c: Context): string {
  const first = `${baseOf(c)}/admin/jobs`;
  const url = URL.parse(c.req.query("next") ?? first, c.req.url);
  const isPage = url?.origin === new URL(c.req.url).origin && url.pathname.startsWith(`${baseOf(c)}/admin/`);
  return isPage ? url.pathname + url.search : first;
}
