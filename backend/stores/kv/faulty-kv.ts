/** What becomes of a commit. */
export type Fault =
  /** It is refused before anything is applied. */
  | { when: "before"; error: Error }
  /** It is applied, and its answer is lost. */
  | { when: "after"; error: Error };

/** Decides the fate of each commit, by its number from 1; null: nothing happens to it. */
export type Faults = (commit: number) => Fault | null;

/** What SQLite says when another process is writing. */
export const LOCKED = new TypeError("database is locked");
/** What SQLite says when the disk is full. */
export const FULL = new Error("database or disk is full");

/** What a commit answers. */
export type Committed = Promise<Deno.KvCommitResult | Deno.KvCommitError>;

/** The database `kv`, with `commit` called instead of each atomic's own commit. */
export function interceptCommits(kv: Deno.Kv, commit: (op: Deno.AtomicOperation) => Committed): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      if (name === "atomic") return () => interceptCommit(target.atomic(), commit);
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function interceptCommit(
  op: Deno.AtomicOperation,
  commit: (op: Deno.AtomicOperation) => Committed,
): Deno.AtomicOperation {
  const proxy: Deno.AtomicOperation = new Proxy(op, {
    get(target, name) {
      if (name === "commit") return () => commit(target);
      const method = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        method.apply(target, args);
        return proxy;
      };
    },
  });
  return proxy;
}

/** A real database handle whose commits can go wrong. For tests. */
export class FaultyKv {
  commits = 0;
  /** Commits that were applied. */
  applied = 0;

  private constructor(readonly faults: Faults) {}

  /** Opens the database at `path`. The result is used as a `Deno.Kv`. */
  static async open(path: string, faults: Faults): Promise<{ kv: Deno.Kv; counts: FaultyKv }> {
    const counts = new FaultyKv(faults);
    return { kv: interceptCommits(await Deno.openKv(path), (op) => counts.#commit(op)), counts };
  }

  async #commit(op: Deno.AtomicOperation): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const fault = this.faults(++this.commits);
    if (fault?.when === "before") throw fault.error;
    const result = await op.commit();
    if (result.ok) this.applied++;
    if (fault?.when === "after") throw fault.error;
    return result;
  }
}
