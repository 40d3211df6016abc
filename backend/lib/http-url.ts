import { InputRangeError, InputTypeError } from "./errors.ts";

const MAX_URL_LENGTH = 2_048;

/**
 * Reads the address of a request to a stranger.
 *
 * Names the field in every refusal and never repeats the URL, which may hold a secret. What the host resolves
 * to is not looked at: that is checked when the request is made.
 *
 * @param path The field as the caller wrote it. Errors begin with it.
 * @throws {InputTypeError} It is not an absolute `http:` or `https:` URL, or it holds a user name or password.
 * @throws {InputRangeError} It is longer than 2,048 characters.
 */
export function parseHttpUrl(text: string, path = "url"): URL {
  if (text.length > MAX_URL_LENGTH) {
    throw new InputRangeError(
      path,
      `must be at most ${MAX_URL_LENGTH} characters long, found ${text.length}`,
    );
  }
  const url = URL.parse(text);
  if (url === null) throw new InputTypeError(path, "must be a URL such as https://example.com/hook");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new InputTypeError(path, `must begin with https:// or http://, found ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputTypeError(
      path,
      "must not hold a user name or password; send an authorization header instead",
    );
  }
  return url;
}
