/**
 * A number from 0 to 2^32 − 1 for the `H` of a field: always the same for a seed, and with no pattern between
 * seeds that are alike or between the fields of one. A change of it would move every schedule that uses `H`.
 */
export function hashOf(seed: string, field: string): number {
  let hash = 0x811c9dc5; // FNV-1a, over both halves of each UTF-16 unit
  const text = `${field}:${seed}`;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b); // the end of MurmurHash3: FNV leaves the last unit visible
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
