import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CronSyntaxError } from "../../lib/cron.ts";
import {
  ClosedError,
  type InputError,
  type InputIssue,
  InvalidStatusError,
  isInputError,
  LimitError,
  NotFoundError,
  StoreUnavailableError,
  UniqueConflictError,
  WorkerIdInUseError,
} from "../../lib/errors.ts";
import { logOf } from "../../lib/log.ts";

/** One refused field of the input. Of a cron expression also where in it, and what to write instead. */
export interface ProblemIssue extends InputIssue {
  /** The part of the expression: `hour`, or `expression` if it is not about one. */
  field?: string;
  /** Where that begins in the expression, counted from 0. */
  column?: number;
  /** For the whole part; null if nobody can tell what was meant. */
  suggestion?: string | null;
}

/** The body of every error answer (RFC 9457). `code` does not change between versions. */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  code: string;
  detail: string;
  /** Each refused field of the input. */
  errors?: ProblemIssue[];
  /** The same as the answer's `X-Request-Id`, by which the logs name the request. */
  requestId?: string;
}

/** An answer other than the wanted one, thrown from anywhere below `onError`. */
export class HttpProblem extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    detail: string,
    readonly extra: { errors?: ProblemIssue[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = "HttpProblem";
  }
}

/** What each status is called. */
export const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** What is wrong with which field. */
export function issuesOf(error: InputError): ProblemIssue[] {
  if (!(error instanceof CronSyntaxError)) return error.issues;
  const { issues, field, column, suggestion } = error;
  return issues.map((issue) => ({ ...issue, field, column, suggestion }));
}

/** As many refused fields as an answer names: a body of nothing but mistakes must not get a larger answer still. */
export const MAX_ERRORS = 50;

/** Seconds after which a caller may try again when the store is away. */
const RETRY_AFTER = "2";

/** Refuses input: one problem with every refused field. */
export function refusal(errors: ProblemIssue[]): HttpProblem {
  const [first] = errors;
  const detail = first === undefined ? "The input is refused" : `${first.path}: ${first.message}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new HttpProblem(400, "invalid_input", detail + more, { errors: errors.slice(0, MAX_ERRORS) });
}

/** The answer for whatever was thrown. Only what a caller may know is in it; the rest is logged. */
export function onError(error: Error, c: Context): Response {
  // The client went away while it waited: nobody reads the answer, and nothing is wrong here.
  if (error.name === "AbortError" && error === c.req.raw.signal.reason) {
    return new Response(null, { status: 499 });
  }
  const problem = problemOf(error);
  if (problem.status >= 500) {
    const fields = { requestId: c.get("requestId"), method: c.req.method, path: c.req.path, error };
    if (problem.status === 500) logOf("http").error("{method} {path} failed: {error}", fields);
    else logOf("http").warn("{method} {path} was refused: {error}", fields);
  }
  return answer(c, problem);
}

/** The answer that `problem` stands for. */
function answer(c: Context, problem: HttpProblem): Response {
  const { status, code, message, extra } = problem;
  const requestId: string | undefined = c.get("requestId");
  const body: Problem = {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    code,
    detail: message,
    ...(extra.errors === undefined ? {} : { errors: extra.errors }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  return c.json(body, status, { ...extra.headers, "Content-Type": "application/problem+json" });
}

function problemOf(error: Error): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isInputError(error)) return refusal(issuesOf(error));
  if (error instanceof NotFoundError) return new HttpProblem(404, error.code, error.message);
  if (
    error instanceof InvalidStatusError || error instanceof UniqueConflictError || error instanceof LimitError
  ) {
    return new HttpProblem(409, error.code, error.message);
  }
  if (
    error instanceof StoreUnavailableError || error instanceof ClosedError ||
    error instanceof WorkerIdInUseError
  ) {
    return new HttpProblem(503, error.code, "The jobs' store cannot be used now: try again later", {
      headers: { "Retry-After": RETRY_AFTER },
    });
  }
  if (error instanceof HTTPException) return ofHono(error);
  return new HttpProblem(500, "internal", "Something went wrong here; the logs name this request by its id");
}

/** What Hono's validators throw before a schema is asked, or the host app's `authorize` for its own reasons. */
function ofHono({ status, message }: HTTPException): HttpProblem {
  if (/^Malformed JSON/.test(message)) return malformedJson("is no JSON");
  return new HttpProblem(status, "http_error", message || (TITLES[status] ?? "Error"));
}

/** A body that is not declared to be of `type`. */
export function unsupportedMediaType(type = "application/json"): HttpProblem {
  return new HttpProblem(415, "unsupported_media_type", `The body must be sent as "Content-Type: ${type}"`);
}

/** A body that says it is JSON and is not. */
export function malformedJson(message: string): HttpProblem {
  return new HttpProblem(400, "malformed_json", `The body ${message}`, {
    errors: [{ path: "body", message }],
  });
}
