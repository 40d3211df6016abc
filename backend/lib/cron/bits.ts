/**
 * A set of whole numbers from 0 to 63, kept as bits: the next member is found without a loop, which is what makes
 * a search fast.
 */
export class Bits {
  #low = 0;
  #high = 0;

  /** Adds `first`, `first + step`… up to `last`. */
  add(first: number, last = first, step = 1): void {
    for (let value = first; value <= last; value += step) {
      if (value < 32) this.#low |= 1 << value;
      else this.#high |= 1 << (value - 32);
    }
  }

  has(value: number): boolean {
    return ((value < 32 ? this.#low >>> value : this.#high >>> (value - 32)) & 1) === 1;
  }

  /** The members from 0 to 31, one bit each. */
  get word(): number {
    return this.#low;
  }

  /** The smallest member that is `from` or greater; -1 if there is none. */
  next(from: number): number {
    if (from < 32) {
      const rest = this.#low & (-1 << from);
      if (rest !== 0) return lowestBit(rest);
      from = 32;
    }
    const rest = this.#high & (-1 << (from - 32));
    return rest === 0 || from > 63 ? -1 : 32 + lowestBit(rest);
  }

  /** The greatest member that is `from` or smaller; -1 if there is none. */
  prev(from: number): number {
    if (from < 0) return -1;
    if (from >= 32) {
      const rest = this.#high & (-1 >>> (63 - from));
      if (rest !== 0) return 32 + highestBit(rest);
      from = 31;
    }
    const rest = this.#low & (-1 >>> (31 - from));
    return rest === 0 ? -1 : highestBit(rest);
  }

  /** All members, smallest first. */
  values(): number[] {
    const all: number[] = [];
    for (let value = this.next(0); value >= 0; value = this.next(value + 1)) all.push(value);
    return all;
  }
}

/** The position of the lowest bit of `word` that is set, which must not be 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The position of the highest bit of `word` that is set, which must not be 0. */
export function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}
