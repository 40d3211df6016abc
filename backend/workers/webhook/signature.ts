import { Webhook } from "standardwebhooks";
import { InputRangeError, InputTypeError } from "../../lib/errors.ts";

const PREFIX = "whsec_";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

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
  if (!secret.startsWith(PREFIX)) {
    if (secret.length > MAX_RAW_CHARACTERS) {
      throw new InputRangeError(path, `must be at most ${MAX_RAW_CHARACTERS} characters long`);
    }
    if (!RAW.test(secret)) throw new InputTypeError(path, "must be visible ASCII characters, without spaces");
    return;
  }
  const encoded = secret.slice(PREFIX.length);
  if (!BASE64.test(encoded)) throw new InputTypeError(path, `must be base64 after "${PREFIX}"`);
  const bytes = atob(encoded).length;
  if (bytes < MIN_KEY_BYTES || bytes > MAX_KEY_BYTES) {
    throw new InputRangeError(
      path,
      `must be ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes after "${PREFIX}", found ${bytes}`,
    );
  }
}

/**
 * Returns the headers by which a receiver knows the message, and, with a secret, that it is genuine
 * (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`).
 */
export function messageHeaders({ id, at, payload }: SignedMessage, secret?: string): Record<string, string> {
  const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1_000)) };
  if (secret === undefined) return headers;
  const signer = secret.startsWith(PREFIX)
    ? new Webhook(secret)
    : new Webhook(new TextEncoder().encode(secret), { format: "raw" });
  return { ...headers, "webhook-signature": signer.sign(id, new Date(at), payload) };
}
