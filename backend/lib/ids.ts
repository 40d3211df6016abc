import { v7, validate } from "uuid";

/**
 * Makes job sequence numbers: UUIDv7 strings that sort, as text, in the order they were made by one process,
 * also within one millisecond and when the clock steps back.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { createSeq } from "./ids.ts";
 *
 * const seq = createSeq();
 * assert(seq(1000) < seq(1000));
 * ```
 */
export function createSeq(): (now: number) => string {
  let last = 0;
  let count = 0;
  return (now) => {
    if (now > last) {
      last = now;
      count = 0;
    } else if (++count > 0xffff_ffff) {
      last++;
      count = 0;
    }
    return v7({ msecs: last, seq: count });
  };
}

/** True when `id` is shaped like a UUID, which only `seq` may be. */
export function isUuid(id: string): boolean {
  return validate(id);
}
