import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../lib/clock.ts";
import type { OpenedSession, Session, Sessions } from "../lib/sessions.ts";
import { note, noteNothing } from "./middleware/audit.ts";
import { type Authorize, bearerOf, type Role, unauthorized } from "./middleware/auth.ts";
import { addressOf } from "./middleware/client.ts";
import { KnownTokens, type TokenDigests } from "./middleware/known-tokens.ts";
import { HttpProblem } from "./middleware/problem.ts";
import { RateLimiter } from "./middleware/rate-limit.ts";
import { iso } from "./schemas.ts";

/** How many requests a minute are answered; 0: without limit. Each process counts for itself. */
export interface AccessLimits {
  /** Of one address, without a valid token. @default 300 */
  anonymous: number;
  /** Tries of one address to sign in, the successful too. @default 10 */
  signIn: number;
  /** With one token, and the sessions that came from it. @default 0 */
  perToken: number;
}

/** The tokens that let callers in. With them people can also sign in, and there are limits. */
export interface TokenAccess {
  /** The token of each role. Called once, at the first request; again only if it failed. */
  tokens: () => Promise<Record<Role, string>>;
  limits?: Partial<AccessLimits>;
}

/** What `Access` works with. */
export interface AccessOptions extends TokenAccess {
  sessions: Sessions;
  clock: Clock;
  /** Whether the browser is connected by HTTPS. */
  isHttps: (c: Context) => boolean;
  /** Whether `X-Forwarded-For` is believed. */
  trustProxy: boolean;
}

/** What somebody signs in with. If both are given, either will do. */
export interface Credentials {
  token?: string;
  code?: string;
}

/**
 * The names of the session's cookie. Browsers take one of the first name by HTTPS alone: nobody who sits on the line
 * can set it.
 */
export const SESSION_COOKIES = { https: "__Secure-cronosaur", http: "cronosaur" } as const;

/** Who may come in: bearers of tokens, and browsers that have signed in. Counts how often they ask. */
export class Access {
  /** The role of a bearer or, of a request that brings no bearer token, of its session. */
  readonly authorize: Authorize;
  readonly #tokens: KnownTokens;
  readonly #options: AccessOptions;
  readonly #anonymous: RateLimiter;
  readonly #signIns: RateLimiter;
  readonly #perToken: RateLimiter;

  /** @throws {InputTypeError | InputRangeError} A limit is no whole number from 0 to 1,000,000. */
  constructor(options: AccessOptions) {
    const { clock, limits: { anonymous = 300, signIn = 10, perToken = 0 } = {} } = options;
    this.#options = options;
    this.#tokens = new KnownTokens(options.tokens);
    this.#anonymous = new RateLimiter("limits.anonymous", { perMinute: anonymous, clock });
    this.#signIns = new RateLimiter("limits.signIn", { perMinute: signIn, clock });
    this.#perToken = new RateLimiter("limits.perToken", { perMinute: perToken, clock });
    this.authorize = (c) => this.#roleOf(c);
  }

  /** Counts a request of `role`, or of nobody known. @throws {HttpProblem} 429: it is one too many. */
  count(c: Context, role: Role | null): void {
    if (role === null) this.#anonymous.take(addressOf(c, this.#options.trustProxy));
    else this.#perToken.take(role);
  }

  /**
   * Begins a session and gives the browser its cookie.
   *
   * @throws {HttpProblem} 401: neither is valid. 429: too many tries from this address. No session began.
   */
  async signIn(c: Context, { token, code }: Credentials): Promise<Session> {
    const { sessions, trustProxy } = this.#options;
    this.#signIns.take(addressOf(c, trustProxy));
    const digests = await this.#tokens.digests();
    const role = token === undefined ? null : this.#tokens.roleOf(token, digests);
    const digest = role === null ? undefined : digests.get(role);
    const opened = role !== null && digest !== undefined
      ? await sessions.open(role, digest)
      : code === undefined
      ? null
      : await sessions.redeem(code, (of) => digests.get(of) ?? null);
    if (opened === null) throw refused(code !== undefined);
    this.#setCookie(c, opened);
    const { secret: _, ...session } = opened;
    noteSession(c, "open", session);
    return session;
  }

  /**
   * Ends the session of this browser, everywhere, and takes its cookie back.
   *
   * @throws {HttpProblem} 401: the request comes with none.
   */
  async signOut(c: Context): Promise<void> {
    const secret = this.#secretOf(c);
    if (secret === undefined) throw unauthorized(c);
    const ended = await this.#options.sessions.end(secret);
    if (ended === null) noteNothing(c, "it had ended before");
    else noteSession(c, "end", ended);
    deleteCookie(c, this.#cookieName(c), this.#cookieOptions(c));
  }

  /** A promise only if something has to be read: a bearer's role is known at once. */
  #roleOf(c: Context, digests = this.#tokens.digests()): Role | null | Promise<Role | null> {
    if (digests instanceof Promise) return digests.then((known) => this.#roleOf(c, known));
    const token = bearerOf(c);
    if (token !== null) return this.#tokens.roleOf(token, digests);
    const secret = this.#secretOf(c);
    return secret === undefined ? null : this.#roleOfSession(secret, digests);
  }

  async #roleOfSession(secret: string, digests: TokenDigests): Promise<Role | null> {
    const session = await this.#options.sessions.find(secret, (of) => digests.get(of) ?? null);
    return session === null ? null : session.role as Role;
  }

  #secretOf(c: Context): string | undefined {
    return getCookie(c, this.#cookieName(c));
  }

  #setCookie(c: Context, { secret, createdAt, expiresAt }: OpenedSession): void {
    const maxAge = Math.floor((expiresAt - createdAt) / 1000);
    setCookie(c, this.#cookieName(c), secret, { ...this.#cookieOptions(c), maxAge });
  }

  #cookieName(c: Context): string {
    return SESSION_COOKIES[this.#options.isHttps(c) ? "https" : "http"];
  }

  #cookieOptions(c: Context) {
    return {
      httpOnly: true,
      sameSite: "Strict",
      secure: this.#options.isHttps(c),
      path: mountOf(c),
    } as const;
  }
}

/** The paths, below where the API is mounted, at which people sign in and out. */
export const SESSION_PATH = "/api/admin/session";
export const LOGIN_PATH = "/admin/login";
export const LOGOUT_PATH = "/admin/logout";

/** Where the API is mounted, as the path of a request to sign in or out tells: `/` or `/ops`. */
export function mountOf(c: Context): string {
  const mount = c.req.path.replace(/\/(api\/admin\/session|admin\/log(in|out))$/, "");
  // In a path of the host app's own a semicolon, say, would end the cookie's path.
  return /^(\/[\w.~%-]+)+$/.test(mount) ? mount : "/";
}

/** Says what became of a session, which is also who asks. */
function noteSession(c: Context, verb: "open" | "end", { id, role, expiresAt }: Session): void {
  c.set("role", role);
  const side = { expiresAt: iso(expiresAt) };
  note(c, {
    action: `session.${verb}`,
    subject: id,
    ...(verb === "open" ? { after: side } : { before: side }),
  });
}

function refused(isCode: boolean): HttpProblem {
  const detail = isCode
    ? "This is no token and no login code that is still good: a code works once, for ten minutes"
    : "The token is not known here";
  return new HttpProblem(401, "sign_in_refused", detail, {
    headers: { "WWW-Authenticate": 'Bearer realm="cronosaur"' },
  });
}
