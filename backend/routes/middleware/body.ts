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
  return async (c) => {
    const { raw } = c.req;
    if (raw.bodyUsed) return await readAgain(c, type, most);
    const isShort = saysShort(c);
    if (!isShort && raw.body === null) return ""; // not looked at otherwise: that makes a stream
    const late = Promise.withResolvers<"late">();
    const enough = deadline.start(() => late.resolve("late"));
    try {
      return await (isShort ? readShort : readText)(c, { late: late.promise, type, most });
    } finally {
      enough();
    }
  };
}

/** How a body is read once its time runs. */
interface Reading {
  late: Promise<"late">;
  type: string;
  most: number;
}

/** True if the length of the body is told, and small, and nothing else can come. */
function saysShort(c: Context): boolean {
  const length = Number(c.req.header("Content-Length") ?? 0);
  return length > 0 && length <= AT_ONCE && c.req.header("Transfer-Encoding") === undefined;
}

async function readShort(c: Context, { late, type, most }: Reading): Promise<string> {
  refuseLonger(Number(c.req.header("Content-Length")), most);
  const bytes = await Promise.race([c.req.raw.bytes().catch(() => "lost" as const), late]);
  if (bytes === "lost") throw incomplete();
  if (bytes === "late") throw tooSlow();
  if (bytes.length === 0) return "";
  if (!isOfType(c, type)) throw unsupportedMediaType(type);
  refuseLonger(bytes.length, most);
  return decode(wholeDecoder, bytes, false);
}

async function readText(c: Context, reading: Reading): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = c.req.raw.body?.getReader();
  if (reader === undefined) return "";
  try {
    return await readPieces(c, reader, reading);
  } catch (error) {
    reader.cancel().catch(() => {}); // what has not arrived is not waited for
    throw error;
  }
}

async function readPieces(
  c: Context,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { late, type, most }: Reading,
): Promise<string> {
  refuseLonger(Number(c.req.header("Content-Length") ?? 0), most);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for (;;) {
    // The client went away: nobody reads this, and nothing is wrong here.
    const next = await Promise.race([reader.read().catch(() => "lost" as const), late]);
    if (next === "lost") throw incomplete();
    if (next === "late") throw tooSlow();
    if (next.done) return text + decode(decoder);
    const chunk = next.value;
    if (length === 0 && chunk.length > 0 && !isOfType(c, type)) throw unsupportedMediaType(type);
    length += chunk.length;
    refuseLonger(length, most);
    text += decode(decoder, chunk);
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

function incomplete(): HttpProblem {
  return new HttpProblem(400, "body_incomplete", "The body ended before all of it was here");
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
  const [found = "", ...parameters] = (c.req.header("Content-Type") ?? "").toLowerCase().split(/ *; */);
  const [encoding = "", ...more] = parameters.filter((parameter) => parameter !== "");
  return found.trim() === type && more.length === 0 && /^(charset="?utf-8"?)?$/.test(encoding.trim());
}
