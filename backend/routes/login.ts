import { type Context, Hono, type MiddlewareHandler } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Clock } from "../lib/clock.ts";
import { type Access, LOGIN_PATH, mountOf } from "./access.ts";
import { bodyReader } from "./middleware/body.ts";
import { refuseMethod } from "./middleware/methods.ts";
import { HttpProblem, onError } from "./middleware/problem.ts";

/** Room for a token and the name of its field, in bytes. */
const MOST_BYTES = 4096;

/** The page runs the script beside it, sends its form here, and nothing else. */
const POLICY = "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'";

/**
 * Puts the code of a login link into the form and takes it out of the address.
 *
 * It stands behind `#`, which browsers send to nobody: no log of ours or of a proxy has it, no `Referer`, and once the
 * script has run not even the history. Without scripts it can be pasted.
 */
const SCRIPT = `const code = location.hash.slice(1);
if (code !== "") {
  document.querySelector("input").value = code;
  history.replaceState(null, "", location.pathname);
}
`;

/** What the login page needs. */
export interface LoginOptions {
  access: Access;
  clock: Clock;
  /** Run before everything else. */
  guards: readonly MiddlewareHandler[];
}

/** The page `/admin/login`, on which people sign in with a login code or a token. */
export function loginRoutes({ access, clock, guards }: LoginOptions): Hono {
  const read = bodyReader("application/x-www-form-urlencoded", { clock, most: MOST_BYTES });
  const app = new Hono();
  app.onError((error, c) => error instanceof HttpProblem ? page(c, error) : onError(error, c));
  for (const path of [LOGIN_PATH, `${LOGIN_PATH}.js`]) app.use(path, ...guards);
  return app
    .get(LOGIN_PATH, (c) => page(c))
    .post(LOGIN_PATH, async (c) => {
      const secret = new URLSearchParams(await read(c)).get("secret")?.trim() ?? "";
      await access.signIn(c, { token: secret, code: secret });
      return c.redirect(mountOf(c), 303);
    })
    .all(LOGIN_PATH, (c) => refuseMethod(c, ["GET", "POST"]))
    .get(`${LOGIN_PATH}.js`, (c) => c.body(SCRIPT, 200, { "Content-Type": "text/javascript; charset=utf-8" }))
    .all(`${LOGIN_PATH}.js`, (c) => refuseMethod(c, ["GET"]));
}

/** The form and, if something went wrong, what. */
function page(c: Context, problem?: HttpProblem): Response | Promise<Response> {
  c.header("Content-Security-Policy", POLICY);
  // With "no-referrer" browsers would hide the origin of the form, which is looked at.
  c.header("Referrer-Policy", "same-origin");
  for (const [name, value] of Object.entries(problem?.extra.headers ?? {})) c.header(name, value);
  const status: ContentfulStatusCode = problem?.status ?? 200;
  return c.html(
    html`
      <!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width">
          <meta name="color-scheme" content="light dark">
          <title>Sign in: Cronosaur</title>
          <script src="login.js" defer></script>
        </head>
        <body>
          <main>
      <h1>Sign in</h1>
      ${problem === undefined ? "" : html`<p role="alert">${problem.message}.</p>`}
      <form method="post">
      <p><label>Login code or token
      <input type="password" name="secret" required maxlength="512" autocomplete="current-password"></label></p>
      <p><button>Sign in</button></p>
      </form>
      <p>The service gives out a login link when it starts. Tokens are in its <code>data/tokens.env</code> or its
      environment.</p>
          </main>
        </body>
      </html>
    `,
    status,
  );
}
