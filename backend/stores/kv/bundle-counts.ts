/** Jobs that were claimed together and whose records share a key. */
export interface Bundle {
  /** The job that the key names. */
  first: string;
  /** How many of them were claimed. */
  count: number;
}

/** Of so many bundles a process remembers what it has written; those that others finish are forgotten, oldest first. */
const MOST = 10_000;

/** Which jobs of a bundle have been written again. */
interface Written {
  /** How many were claimed. */
  count: number;
  seqs: Set<string>;
}

/** Bundles some of whose jobs a commit writes again, by their first jobs, with all that this process has written by then. */
export type Unbundled = Map<string, Written>;

/** Remembers which jobs of bundles this process has written again, so that a bundle goes with the last of them. */
export class BundleCounts {
  readonly #written: Unbundled = new Map();

  /** True if a commit that writes `unbundled` writes the last job of `bundle` with `seq`. */
  isLast({ first, count }: Bundle, seq: string, unbundled: Unbundled): boolean {
    const seqs = (unbundled.get(first) ?? this.#written.get(first))?.seqs;
    return (seqs?.size ?? 0) === count - 1 && !seqs?.has(seq);
  }

  /** The commit that `unbundled` belongs to writes job `seq` of `bundle` again. */
  add({ first, count }: Bundle, seq: string, unbundled: Unbundled): void {
    let written = unbundled.get(first);
    if (written === undefined) {
      unbundled.set(first, written = { count, seqs: new Set(this.#written.get(first)?.seqs) });
    }
    written.seqs.add(seq);
  }

  /** That commit is on disk. */
  committed(unbundled: Unbundled): void {
    for (const [first, written] of unbundled) {
      this.#written.delete(first);
      if (written.seqs.size < written.count) this.#written.set(first, written);
    }
    for (const first of this.#written.keys()) {
      if (this.#written.size <= MOST) break;
      this.#written.delete(first);
    }
  }
}
