/** What a database handle was asked for. */
export interface Calls {
  /** Atomics committed. */
  commits: number;
  /** Keys they set. */
  sets: number;
  /** Keys they deleted. */
  deletes: number;
  /** Keys they checked. */
  checks: number;
  /** `get` and `getMany`, but for those of looks. */
  gets: number;
  lists: number;
  /** What an inbox is read for: looks at what other processes did, each with a list. They come when a bell rings. */
  looks: number;
}

/** No calls. */
export function noCalls(): Calls {
  return { commits: 0, sets: 0, deletes: 0, checks: 0, gets: 0, lists: 0, looks: 0 };
}

/** What counts as what. */
const COUNTED: Record<string, keyof Calls> = {
  commit: "commits",
  set: "sets",
  delete: "deletes",
  check: "checks",
  get: "gets",
  getMany: "gets",
  list: "lists",
};

/** The database `kv`, whose calls are counted in `calls`. For tests. */
export function countCalls(kv: Deno.Kv, calls: Calls): Deno.Kv {
  return counted(
    kv,
    calls,
    (name, result) =>
      name === "atomic" ? counted(result as Deno.AtomicOperation, calls, (_, same) => same) : result,
  );
}

/** `target` with its calls counted; what a chained call returns is `target` again, so the proxy is returned. */
function counted<T extends object>(
  target: T,
  calls: Calls,
  wrap: (name: PropertyKey, result: unknown) => unknown,
): T {
  const proxy: T = new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const kind = COUNTED[String(name)];
        const isLook = name === "get" && (args[0] as Deno.KvKey).includes("inbox");
        if (kind !== undefined) calls[isLook ? "looks" : kind]++;
        const result = value.apply(target, args);
        return result === target ? proxy : wrap(name, result);
      };
    },
  });
  return proxy;
}
