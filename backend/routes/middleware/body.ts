import type { Context } from "hono";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Check } from "./checks.ts";
import { Deadline } from "./deadline.ts";
import { HttpProblem, malformedJson, refusal, unsupportedMediaType } from "./problem.ts";

/** The largest body of a request, in bytes: 6 MiB, which leaves room around the 5 MiB of a job's data. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** How long a body may take to arrive, in milliseconds: whoever sends it a byte at a time must not hold a connection. */
const PATIENCE = 10_000;

/** Bodies that say they have at most this many bytes are read at once: a stream for each costs more than that. */
const AT_ONCE = 65_536;

/** For bodies that are here as a whole. */
const wholeDecoder = new TextDecoder("utf-8", { fatal: true });

const JSON_TYPE = "application/json";

const METHODS: readonly string[] = ["POST", "PUT", "PATCH", "DELETE"];

/** How a body is read. */
export interface BodyOptions {
  /** @default the system's */
  clock?: Clock;
  /** The most bytes. @default 6 MiB */
  most?: number;
}

/**
 * Reads the body, and refuses one that is not JSON by its header (415), too large (413), too slow (408), not UTF-8 or
 * cut short (400). An empty one counts as `{}`: many clients send the header with every request.
 */
export function jsonBody(options: BodyOptions = {}): Check {
  const read = bodyReader(JSON_TYPE, options);
  return async (c) => {
    const { method, url, raw } = c.req;
    if (!METHODS.includes(method)) return;
    const text = await read(c);
    if (text !== "" && method === "DELETE") throw refusal([{ path: "body", message: "must be empty" }]);
    if (c.req.header("Content-Type") === JSON_TYPE) {
      // Where Hono keeps what it has read: to copy the request would cost a tenth of answering it.
      const cache: { text?: unknown } = c.req.bodyCache;
      cache.text = Promise.resolve(text === "" ? "{}" : text);
      return;
    }
    const headers = new Headers(raw.headers);
    headers.set("Content-Type", JSON_TYPE);
    c.req.raw = new Request(url, { method, headers, body: text === "" ? "{}" : text });
  };
}

/** Makes what reads a body, which must be of `type` unless it is empty. Others are refused as `jsonBody` does. */
export function bodyReader(type: string, options: BodyOptions = {}): (c: Context) => Promise<string> {
  const { clock = systemClock, most = MAX_BODY_BYTES } = options;
  const deadline = new Deadline(clock, PATIENCE);

  function inTime(work: Promise<string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const enough = deadline.start(() => reject(tooSlow()));
      work.then(resolve, reject).finally(enough);
    });
  }

  return async (c) => {
    const { raw } = c.req;
    if (raw.bodyUsed) return await readAgain(c, type, most);
    const length = Number(c.req.header("Content-Length") ?? 0);
    if (isShort(c, length)) {
      refuseLonger(length, most);
      return await inTime(readShort(c, type, most));
    }
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = raw.body?.getReader();
    if (reader === undefined) return "";
    try {
      refuseLonger(length, most);
      return await inTime(readPieces(c, reader, type, most));
    } catch (error) {
      reader.cancel().catch(() => {}); // what has not arrived is not waited for
      throw error;
    }
  };
}

/** True if the length of the body is told, and small, and nothing else can come. */
function isShort(c: Context, length: number): boolean {
  return length > 0 && length <= AT_ONCE && c.req.header("Transfer-Encoding") === undefined;
}

async function readShort(c: Context, type: string, most: number): Promise<string> {
  const bytes = await orIncomplete(c.req.raw.bytes());
  if (bytes.length === 0) return "";
  if (!isOfType(c, type)) throw unsupportedMediaType(type);
  refuseLonger(bytes.length, most);
  return decode(wholeDecoder, bytes, false);
}

async function readPieces(
  c: Context,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  type: string,
  most: number,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value: chunk } = await orIncomplete(reader.read());
    if (done) return text + decode(decoder);
    if (length === 0 && chunk.length > 0 && !isOfType(c, type)) throw unsupportedMediaType(type);
    length += chunk.length;
    refuseLonger(length, most);
    text += decode(decoder, chunk);
  }
}

/** What `read` gives. If it fails the client went away: nobody reads the answer, and nothing is wrong here. */
async function orIncomplete<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch {
    throw new HttpProblem(400, "body_incomplete", "The body ended before all of it was here");
  }
}

/** A middleware of the host app has read the body, and Hono kept it. */
async function readAgain(c: Context, type: string, most: number): Promise<string> {
  const text = await c.req.text();
  refuseLonger(text.length, most);
  if (text !== "" && !isOfType(c, type)) throw unsupportedMediaType(type);
  return text;
}

function refuseLonger(length: number, most: number): void {
  if (length <= most) return;
  const unit = most === MAX_BODY_BYTES ? " (6 MiB)" : "";
  throw new HttpProblem(413, "body_too_large", `The body must have at most ${most} bytes${unit}`);
}

function tooSlow(): HttpProblem {
  const detail = `The body must be here within ${PATIENCE / 1000} s`;
  return new HttpProblem(408, "body_too_slow", detail, { headers: { Connection: "close" } });
}

/** Without `chunk`: the end. Other bytes than UTF-8 would be replaced: what is stored would not be what was sent. */
function decode(decoder: TextDecoder, chunk?: Uint8Array, stream = chunk !== undefined): string {
  try {
    return decoder.decode(chunk, { stream });
  } catch {
    throw malformedJson("must be UTF-8");
  }
}

/** True if the body is said to be of `type`, in UTF-8 or without a word of its encoding. */
function isOfType(c: Context, type: string): boolean {
  const given = c.req.header("Content-Type") ?? "";
  if (given === type) return true;
  const [found = "", ...parameters] = given.toLowerCase().split(/ *; */);
  const [encoding = "", ...more] = parameters.filter((parameter) => parameter !== "");
  return found.trim() === type && more.length === 0 && /^(charset="?utf-8"?)?$/.test(encoding.trim());
}
