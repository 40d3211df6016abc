import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HttpProblem, malformedJson, unsupportedMediaType } from "./problem.ts";

/** The largest body of a request, in bytes: 6 MiB, which leaves room around the 5 MiB of a job's data. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Answers 413 to larger bodies, also to those that do not say how long they are. */
export function limitBody(): MiddlewareHandler {
  return bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new HttpProblem(
        413,
        "body_too_large",
        `The body must have at most ${MAX_BODY_BYTES} bytes (6 MiB)`,
      );
    },
  });
}

/** Answers 415 to a body that is not JSON by its header, 400 to one that is not UTF-8. An empty one counts as `{}`. */
export function jsonBody(): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === "GET") return await next();
    const bytes = c.req.raw.body === null ? null : await c.req.arrayBuffer();
    if (bytes !== null && bytes.byteLength > 0) {
      if (!isJson(c.req.header("Content-Type"))) throw unsupportedMediaType();
      refuseOtherThanUtf8(bytes);
    } else if (isJson(c.req.header("Content-Type"))) {
      // Many clients send the header with every request.
      delete c.req.bodyCache.arrayBuffer;
      c.req.raw = new Request(c.req.url, { method: c.req.method, headers: c.req.raw.headers, body: "{}" });
    }
    await next();
  };
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(; *charset="?utf-8"? *)?$/i.test(contentType ?? "");
}

/** Elsewhere it would be read with replacement characters: what is stored would not be what was sent. */
function refuseOtherThanUtf8(bytes: ArrayBuffer): void {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformedJson("must be UTF-8");
  }
}
