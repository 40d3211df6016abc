import { InputRangeError, InputTypeError } from "../errors.ts";

/** What HTTP calls a token. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** One line of printable characters that does not begin or end with a space; may be empty. */
const VALUE = /^(?:[\x21-\x7e\xa1-\xff](?:[\t\x20-\x7e\xa1-\xff]*[\x21-\x7e\xa1-\xff])?)?$/;

/** Headers that say how the message travels, where to, and who signed it: only the sender may set them. */
// deno-fmt-ignore
const RESERVED = new Set([
  "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "proxy-authenticate",
  "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  "webhook-id", "webhook-signature", "webhook-timestamp",
]);

const MAX_HEADERS = 50;
const MAX_HEADER_CHARACTERS = 8_192;

/**
 * Checks the headers a caller wants to send.
 *
 * Errors name the header, never its value, which may be a secret.
 *
 * @throws {InputTypeError} A name or value could break out of its line, a name is reserved or given twice.
 * @throws {InputRangeError} More than 50 headers, or more than 8,192 characters in all.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>, path: string): void {
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS) {
    throw new InputRangeError(path, `must be at most ${MAX_HEADERS}, found ${entries.length}`);
  }
  const seen = new Set<string>();
  let characters = 0;
  for (const [name, value] of entries) {
    checkHeader(name, value, path === "" ? name : `${path}.${name}`);
    if (seen.has(name.toLowerCase())) {
      throw new InputTypeError(path, `must hold "${name}" only once, in any case`);
    }
    seen.add(name.toLowerCase());
    characters += name.length + value.length;
  }
  if (characters > MAX_HEADER_CHARACTERS) {
    throw new InputRangeError(
      path,
      `must be at most ${MAX_HEADER_CHARACTERS} characters in all, found ${characters}`,
    );
  }
}

function checkHeader(name: string, value: string, path: string): void {
  if (!NAME.test(name)) {
    throw new InputTypeError(path, "must be a header name: letters, digits and !#$%&'*+-.^_`|~");
  }
  if (RESERVED.has(name.toLowerCase())) {
    throw new InputTypeError(path, "must not be set: the sender sets it itself");
  }
  if (!VALUE.test(value)) {
    throw new InputTypeError(path, "must be one line of Latin-1 characters, without spaces at its ends");
  }
}
