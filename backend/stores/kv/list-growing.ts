/** The most entries read at once: more would keep other reads waiting. */
const MOST = 200;

/** How many are read after a first `size`: more each time, up to `most`. */
export function grown(size: number, most = MOST): number {
  return Math.min(4 * size, most);
}

/**
 * The entries of a range as they are read, a few at first and more each time: the first page of a list needs few, and a
 * search that goes on would spend its time asking.
 *
 * @param options `first`: how many are read at first; `most`: at the most.
 */
export async function* listGrowing(
  kv: Deno.Kv,
  range: Deno.KvListSelector,
  { first, most = MOST, reverse = false }: { first: number; most?: number; reverse?: boolean },
): AsyncGenerator<Deno.KvEntry<Uint8Array>[]> {
  let rest = range;
  for (let size = first;; size = grown(size, most)) {
    const options = { reverse, limit: size, batchSize: size };
    const entries = await Array.fromAsync(kv.list<Uint8Array>(rest, options));
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    if (entries.length < size) return;
    rest = reverse ? before(range, last.key) : behind(range, last.key);
  }
}

function before(range: Deno.KvListSelector, end: Deno.KvKey): Deno.KvListSelector {
  return "start" in range ? { start: range.start, end } : { prefix: range.prefix, end };
}

function behind(range: Deno.KvListSelector, key: Deno.KvKey): Deno.KvListSelector {
  const start = [...key, 0]; // nothing lies between the two: no key that is listed begins with another
  return "end" in range ? { start, end: range.end } : { prefix: range.prefix, start };
}
