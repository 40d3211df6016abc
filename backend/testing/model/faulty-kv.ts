import { interceptCommits } from "../../stores/kv/faulty-kv.ts";

/** What goes wrong with a commit. */
export type Fault =
  /** It throws, and nothing was applied. */
  | "refused"
  /** It throws although it was applied: the answer was lost. */
  | "lost"
  /** Another process holds the database: throws at once, nothing was applied. */
  | "locked"
  /** The process dies before it is applied: nobody ever hears of it. */
  | "dies before"
  /** The process dies once it is applied: nobody ever hears of it. */
  | "dies after";

/** Deno KV whose commits fail as planned: one fault a commit, in order, until there are no more. */
export class FaultyKv {
  readonly #kv: Deno.Kv;
  #plan: Fault[] = [];
  #reads = 0;
  #hung: (() => void)[] = [];
  #tellOfDeath = () => {};

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** The next commits fail like this, and then the next `reads` single reads. */
  plan(faults: readonly Fault[], reads = 0): void {
    this.#plan = [...faults];
    this.#reads = reads;
  }

  /** Resolves when a commit dies as planned. */
  death(): Promise<void> {
    return new Promise((resolve) => this.#tellOfDeath = resolve);
  }

  /** Lets commits that died fail at last, so that their store can be closed. Nothing fails any more. */
  release(): void {
    this.plan([]);
    for (const fail of this.#hung.splice(0)) fail();
  }

  /** The database as its store sees it. */
  get handle(): Deno.Kv {
    return new Proxy(interceptCommits(this.#kv, (op) => this.#commit(op)), {
      get: (kv, name) => {
        const value = Reflect.get(kv, name, kv);
        if (name !== "get") return value;
        return (...args: unknown[]) => {
          if (this.#reads > 0 && this.#plan.length === 0) {
            this.#reads--;
            return Promise.reject(new Error("Planned: the read failed"));
          }
          return value(...args);
        };
      },
    });
  }

  async #commit(op: Deno.AtomicOperation): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const fault = this.#plan.shift();
    if (fault === undefined) return await op.commit();
    if (fault === "refused") throw new Error("Planned: the commit failed");
    if (fault === "locked") throw new TypeError("database is locked");
    if (fault === "dies before") return await this.#die();
    const result = await op.commit();
    if (!result.ok) { // this one lost a race; the fault is for one that is applied
      this.#plan.unshift(fault);
      return result;
    }
    if (fault === "dies after") return await this.#die();
    throw new Error("Planned: the answer was lost");
  }

  #die(): Promise<never> {
    this.#tellOfDeath();
    return new Promise((_, reject) => this.#hung.push(() => reject(new Error("Planned: the process died"))));
  }
}
