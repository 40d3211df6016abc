import { v5, v7, validate } from "uuid";

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
  const pool = new Uint8Array(4_096);
  const random = new Uint8Array(16);
  const bytes = new Uint8Array(16);
  let used = pool.length;
  return (now) => {
    if (now > last) {
      last = now;
      count = 0;
    } else if (++count > 0xffff_ffff) {
      last++;
      count = 0;
    }
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    for (let i = 0; i < random.length; i++) random[i] = pool[used + i] ?? 0;
    used += random.length;
    v7({ msecs: last, seq: count, random }, bytes); // new ones each time would cost more than all the rest
    return textOf(bytes);
  };
}

function textOf(uuid: Uint8Array): string {
  const hex = uuid.toHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** No id that `createSeq` makes at `time` or later (epoch milliseconds) sorts before this. */
export function firstSeq(time: number): string {
  const hex = Math.min(Math.max(0, Math.ceil(time)), 2 ** 48 - 1).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** True when `id` is shaped like a UUID, which only `seq` may be. */
export function isUuid(id: string): boolean {
  return validate(id);
}

/** The namespace of `nameId`, made up once. */
const NAMES = "6f1d1c8e-2b1a-4a53-9d56-7a1f0f4c9b52";

/** A UUID that stands for `name`: always the same for it, and another for every other. */
export function nameId(name: string): string {
  return v5(name, NAMES);
}
