/** Jobs that were claimed together and whose records share a key. */
export interface Bundle {
  /** The last of them when they were added, which the key names. */
  last: string;
  /** How many of them were claimed. */
  count: number;
}

/** Of so many bundles a process remembers what it has written: of those it lost jobs of, others write the last. */
const MOST = 10_000;

/** Which jobs of a bundle have been written again. */
interface Written {
  /** How many were claimed. */
  count: number;
  seqs: Set<string>;
}

/** Bundles some of whose jobs a commit writes again, by their names, with all that this process has written by then. */
export type Unbundled = Map<string, Written>;

/** Remembers which jobs of bundles this process has written again, so that a bundle goes with the last of them. */
export class BundleCounts {
  readonly #written: Unbundled = new Map();

  /** True if a commit that writes `unbundled` writes the last job of `bundle` with `seq`. */
  isLast({ last, count }: Bundle, seq: string, unbundled: Unbundled): boolean {
    const seqs = (unbundled.get(last) ?? this.#written.get(last))?.seqs;
    return (seqs?.size ?? 0) === count - 1 && !seqs?.has(seq);
  }

  /** The commit that `unbundled` belongs to writes job `seq` of `bundle` again. */
  add({ last, count }: Bundle, seq: string, unbundled: Unbundled): void {
    let written = unbundled.get(last);
    if (written === undefined) {
      unbundled.set(last, written = { count, seqs: new Set(this.#written.get(last)?.seqs) });
    }
    written.seqs.add(seq);
  }

  /** That commit is on disk. */
  committed(unbundled: Unbundled): void {
    for (const [last, written] of unbundled) {
      this.#written.delete(last);
      if (written.seqs.size < written.count) this.#written.set(last, written);
    }
    for (const last of this.#written.keys()) {
      if (this.#written.size <= MOST) break;
      this.#written.delete(last);
    }
  }
}
