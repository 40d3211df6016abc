/** Stands in for `@std/crypto` while JSR is out of reach, over `node:crypto`: what is used of it and nothing else. */
import { timingSafeEqual as equal } from "node:crypto";

function bytesOf(source: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/**
 * True when both hold the same bytes; takes as long wherever they differ. Bytes of different length are never
 * equal, which is told at once: compare digests where the length is a secret too.
 */
export function timingSafeEqual(
  a: ArrayBufferView | ArrayBufferLike,
  b: ArrayBufferView | ArrayBufferLike,
): boolean {
  return a.byteLength === b.byteLength && equal(bytesOf(a), bytesOf(b));
}
