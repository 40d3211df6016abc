/** Keys KV reads at once. */
const AT_ONCE = 10;

/** The entries of any number of keys, in their order. They are not of one moment. */
export async function getAll<T>(kv: Deno.Kv, keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
  const some: Promise<Deno.KvEntryMaybe<T>[]>[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) some.push(kv.getMany<T[]>(keys.slice(at, at + AT_ONCE)));
  return (await Promise.all(some)).flat();
}
