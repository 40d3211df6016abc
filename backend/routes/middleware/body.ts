import type { Context, MiddlewareHandler } from "hono";
import { HttpProblem, malformedJson, refusal, unsupportedMediaType } from "./problem.ts";

/** The largest body of a request, in bytes: 6 MiB, which leaves room around the 5 MiB of a job's data. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

const METHODS: readonly string[] = ["POST", "PATCH", "DELETE"];

/**
 * Reads the body, and refuses one that is not JSON by its header (415), too large (413), not UTF-8 or cut short
 * (400). An empty one counts as `{}`: many clients send the header with every request.
 */
export function jsonBody(): MiddlewareHandler {
  return async (c, next) => {
    const { method, url, raw } = c.req;
    if (METHODS.includes(method)) {
      const text = raw.bodyUsed ? await readAgain(c) : raw.body === null ? "" : await readText(c, raw.body);
      if (text !== "" && method === "DELETE") throw refusal([{ path: "body", message: "must be empty" }]);
      const headers = new Headers(raw.headers);
      headers.set("Content-Type", "application/json");
      c.req.raw = new Request(url, { method, headers, body: text === "" ? "{}" : text });
    }
    await next();
  };
}

async function readText(c: Context, body: ReadableStream<Uint8Array>): Promise<string> {
  refuseLonger(Number(c.req.header("Content-Length") ?? 0));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for await (const chunk of body) {
      if (length === 0 && chunk.length > 0 && !isJson(c.req.header("Content-Type"))) {
        throw unsupportedMediaType();
      }
      length += chunk.length;
      refuseLonger(length);
      text += decode(decoder, chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // The client went away: nobody reads this, and nothing is wrong here.
    throw new HttpProblem(400, "body_incomplete", "The body ended before all of it was here");
  }
  return text + decode(decoder);
}

/** A middleware of the host app has read the body, and Hono kept it. */
async function readAgain(c: Context): Promise<string> {
  const text = await c.req.text();
  refuseLonger(text.length);
  if (text !== "" && !isJson(c.req.header("Content-Type"))) throw unsupportedMediaType();
  return text;
}

function refuseLonger(length: number): void {
  if (length <= MAX_BODY_BYTES) return;
  throw new HttpProblem(413, "body_too_large", `The body must have at most ${MAX_BODY_BYTES} bytes (6 MiB)`);
}

/** Without `chunk`: the end. Other bytes than UTF-8 would be replaced: what is stored would not be what was sent. */
function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw malformedJson("must be UTF-8");
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(; *charset="?utf-8"? *)?$/i.test(contentType ?? "");
}
