/**
 * The one of `candidates` that differs from `text` in the fewest letters put in, left out, changed or swapped with the
 * next, whatever their case; null if all differ in more than `limit`.
 */
export function nearest(text: string, candidates: Iterable<string>, limit: number): string | null {
  const wanted = text.toLowerCase();
  let best: string | null = null;
  let bound = limit;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > bound) continue;
    const distance = distanceOf(wanted, candidate.toLowerCase(), bound);
    if (distance > bound || (distance === bound && best !== null)) continue;
    [best, bound] = [candidate, distance];
  }
  return best;
}

/** The number of such changes from `a` to `b`; any greater number once it is clear that it exceeds `bound`. */
function distanceOf(a: string, b: string, bound: number): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (older[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > bound) return least;
    [older, old] = [old, row];
  }
  return old[b.length] ?? 0;
}
