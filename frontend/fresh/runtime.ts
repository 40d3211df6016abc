export const IS_BROWSER = typeof document !== "undefined";

// deno-fmt-ignore
type ErrorStatus = 400 | 401 | 402 | 403 | 404 | 405 | 406 | 408 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 422
  | 425 | 426 | 428 | 429 | 431 | 451 | 500 | 501 | 502 | 503 | 504 | 505 | 507 | 508 | 511;

/** Answers the request with an error of this status, from wherever it is thrown. */
export class HttpError extends Error {
  constructor(readonly status: ErrorStatus, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = this.constructor.name;
  }
}

/** The search parameter that ties the address of a file to its build. */
export const CACHE_KEY = "__frsh_c";

let buildId = "";

/** Called by the server when it has built, and by each page in the browser: both make the same addresses. */
export function setBuildId(id: string): void {
  buildId = id;
}

/** The address by which browsers may keep a file of `static/` for good. The base path has to be in `path`. */
export function asset(path: string): string {
  if (!path.startsWith("/") || path.startsWith("//") || path.includes(CACHE_KEY)) return path;
  const { pathname, search, hash } = new URL(path, "https://asset.invalid");
  return `${pathname}${search === "" ? "?" : `${search}&`}${CACHE_KEY}=${buildId}${hash}`;
}
