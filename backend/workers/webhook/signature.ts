import { Webhook } from "standardwebhooks";
import { InputRangeError, InputTypeError } from "../../lib/errors.ts";
import { checkStandardSecret, SECRET_PREFIX } from "../../lib/webhook/secret.ts";

/** Printable ASCII: what both sides surely turn into the same bytes. */
const RAW = /^[\x21-\x7e]+$/;
const MAX_RAW_CHARACTERS = 256;

/** A message to sign. */
export interface SignedMessage {
  /** The same for every attempt, so that the receiver can tell a repeat. */
  id: string;
  /** When this attempt is made, epoch milliseconds. */
  at: number;
  payload: string;
}

/**
 * Checks a secret: `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it, or else any text of 1
 * to 256 visible ASCII characters, used as it is. Errors never repeat it.
 *
 * @throws {InputTypeError} It is neither.
 * @throws {InputRangeError} It is too short or too long.
 */
export function checkSecret(secret: string, path: string): void {
  if (secret.startsWith(SECRET_PREFIX)) return checkStandardSecret(secret, path);
  if (secret.length > MAX_RAW_CHARACTERS) {
    throw new InputRangeError(path, `must be at most ${MAX_RAW_CHARACTERS} characters long`);
  }
  if (!RAW.test(secret)) throw new InputTypeError(path, "must be visible ASCII characters, without spaces");
}

/**
 * Returns the headers by which a receiver knows the message, and, with secrets, that it is genuine
 * (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`). There is one signature for each secret:
 * receivers accept the message if any of them is right.
 */
export function messageHeaders(
  { id, at, payload }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1_000)) };
  if (secrets.length === 0) return headers;
  const signatures = secrets.map((secret) => signerOf(secret).sign(id, new Date(at), payload));
  return { ...headers, "webhook-signature": signatures.join(" ") };
}

function signerOf(secret: string): Webhook {
  return secret.startsWith(SECRET_PREFIX)
    ? new Webhook(secret)
    : new Webhook(new TextEncoder().encode(secret), { format: "raw" });
}
