import { InputRangeError, InputTypeError } from "../errors.ts";

/** What a secret begins with whose rest is base64, as Standard Webhooks writes them. */
export const SECRET_PREFIX = "whsec_";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
/** As many as the signature is long: more would add nothing. */
const MADE_KEY_BYTES = 32;

/**
 * Checks a secret as Standard Webhooks has it: `whsec_` and the base64 of 24 to 64 bytes. Errors never repeat it.
 *
 * @throws {InputTypeError} It is none.
 * @throws {InputRangeError} It is too short or too long.
 */
export function checkStandardSecret(secret: string, path: string): void {
  const encoded = secret.slice(SECRET_PREFIX.length);
  if (!secret.startsWith(SECRET_PREFIX) || !BASE64.test(encoded)) {
    throw new InputTypeError(path, `must be "${SECRET_PREFIX}" and base64 after it`);
  }
  const bytes = atob(encoded).length;
  if (bytes < MIN_KEY_BYTES || bytes > MAX_KEY_BYTES) {
    throw new InputRangeError(
      path,
      `must be ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes after "${SECRET_PREFIX}", found ${bytes}`,
    );
  }
}

/** Makes a secret of random bytes. */
export function makeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(MADE_KEY_BYTES));
  return SECRET_PREFIX + btoa(String.fromCharCode(...bytes));
}
