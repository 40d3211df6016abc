import { describe } from "../../lib/check.ts";
import { InputTypeError } from "../../lib/errors.ts";
import { bearerOf } from "./auth.ts";
import type { Check } from "./checks.ts";
import { HttpProblem } from "./problem.ts";

const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses requests that another site makes a browser send with what the browser holds (cookies, a client
 * certificate): they change nothing here.
 *
 * A page cannot make a browser send a bearer token, so those pass. All others that change something must not
 * come from another origin, and if they bring cookies must say where they come from.
 *
 * @param publicUrl The address people see. Without it the request's own host is compared, whatever the scheme.
 * @throws {InputTypeError} It is no address.
 */
export function sameOrigin(publicUrl?: string): Check {
  const expected = publicUrl === undefined ? null : originOf(publicUrl);
  return (c) => {
    if (!SAFE_METHODS.includes(c.req.method) && bearerOf(c) === null) {
      const origin = c.req.header("Origin");
      const same = origin === undefined
        ? c.req.header("Cookie") === undefined
        : origin === expected || (expected === null && URL.parse(origin)?.host === new URL(c.req.url).host);
      if (!same) throw new HttpProblem(403, "cross_origin", refusalOf(origin));
    }
  };
}

function refusalOf(origin: string | undefined): string {
  if (origin !== undefined) return "A page of another origin may not do this";
  return "A change by cookie needs an Origin header: the address of this service";
}

function originOf(publicUrl: string): string {
  const url = URL.parse(publicUrl);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new InputTypeError("publicUrl", `must be an http or https address, found ${describe(publicUrl)}`);
}

/** Refuses a request whose Host header makes its address unreadable, before anything relies on that. */
export function readableUrl(): Check {
  return (c) => {
    if (!URL.canParse(c.req.url)) {
      throw new HttpProblem(400, "bad_host", "The Host header is no name of a host");
    }
  };
}
