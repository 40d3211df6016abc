import type { JobError } from "./job.ts";

/** How many characters a stored message may have: room for a kibibyte of somebody's answer and what led to it. */
const MAX_MESSAGE = 1_300;

/** How many characters a stored stack may have. */
const MAX_STACK = 1_000;

/** How many bytes of JSON name, message and stack of a stored error may take together. */
const MAX_BYTES = 2_000;

/**
 * Returns what a handler threw as it is stored. Anything can be thrown: a string, null, an object that is no
 * Error, one whose properties throw when read. Never throws.
 *
 * A message has at most 1,300 characters, a stack 1,000, and both 2 KiB of JSON together: the stack is cut first.
 */
export function toJobError(thrown: unknown, attempt: number, at: number): JobError {
  const { name, message, stack } = read(thrown);
  const error: JobError = { name: clip(name, 100, 400), message: "", attempt, at };
  error.message = clip(message, MAX_MESSAGE, MAX_BYTES - jsonBytes(error.name) - 40);
  if (stack !== undefined) {
    const left = MAX_BYTES - jsonBytes(error.name) - jsonBytes(error.message);
    error.stack = clip(stack, MAX_STACK, left);
  }
  return error;
}

function read(thrown: unknown): { name: string; message: string; stack?: string } {
  try {
    if (typeof thrown !== "object" || thrown === null) {
      const message = typeof thrown === "string" ? thrown : `Threw ${String(thrown)}`;
      return { name: "Error", message };
    }
    const { name, message, stack } = thrown as Record<string, unknown>;
    const text = typeof message === "string" ? message : undefined;
    return {
      name: typeof name === "string" && name !== "" ? name : "Error",
      message: text ?? `Threw ${JSON.stringify(thrown) ?? String(thrown)}`,
      ...(typeof stack === "string" ? { stack: withCause(stack, thrown) } : {}),
    };
  } catch {
    return { name: "Error", message: "Threw something that cannot be read" };
  }
}

/** The root of the trouble often is the cause alone ("fetch failed"), which a stack does not show. */
function withCause(stack: string, thrown: object): string {
  if (!(thrown instanceof Error) || thrown.cause === undefined) return stack;
  const lines = stack.split("\n");
  lines.splice(1, 0, `    caused by ${String(thrown.cause)}`);
  return lines.join("\n");
}

/** The bytes that `text` takes inside JSON. */
function jsonBytes(text: string): number {
  let bytes = 0;
  for (const char of text) bytes += bytesOf(char);
  return bytes;
}

function bytesOf(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return char === "\n" || char === "\t" || char === "\r" ? 2 : 6;
  if (code < 0x80) return char === '"' || char === "\\" ? 2 : 1;
  if (code < 0x800) return 2;
  if (code < 0x10000) return code >= 0xd800 && code <= 0xdfff ? 6 : 3;
  return 4;
}

/** Returns the longest beginning of `text` within both limits, with an ellipsis if it was cut. */
export function clip(text: string, chars: number, bytes: number): string {
  let size = 0;
  let length = 0;
  let fits = 0; // the length up to which an ellipsis still has room
  for (const char of text) {
    size += bytesOf(char);
    if (length + char.length > chars || size > bytes) return `${text.slice(0, fits)}…`;
    length += char.length;
    if (length < chars && size + 3 <= bytes) fits = length;
  }
  return text;
}
