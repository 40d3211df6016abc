import { assertEquals } from "@std/assert";
import { BundleCounts, type Unbundled } from "./bundle-counts.ts";

const BUNDLE = { last: "c", count: 3 };

/** Has a commit write `seqs` of the bundle again. @returns Which of them was the last, as far as that is known. */
function write(counts: BundleCounts, seqs: readonly string[], isStored = true): string[] {
  const unbundled: Unbundled = new Map();
  const last = seqs.filter((seq) => {
    const isLast = counts.isLast(BUNDLE, seq, unbundled);
    counts.add(BUNDLE, seq, unbundled);
    return isLast;
  });
  if (isStored) counts.committed(unbundled);
  return last;
}

Deno.test("BundleCounts knows the last of a bundle, in one commit or over several", () => {
  assertEquals(write(new BundleCounts(), ["a", "b", "c"]), ["c"]);
  const counts = new BundleCounts();
  assertEquals([write(counts, ["b"]), write(counts, ["c"]), write(counts, ["a"])], [[], [], ["a"]]);
});

Deno.test("BundleCounts counts nothing twice, and nothing of a commit that was not stored", () => {
  const counts = new BundleCounts();
  assertEquals(write(counts, ["a", "b"], false), []);
  assertEquals([write(counts, ["a", "a", "b"]), write(counts, ["b"]), write(counts, ["c"])], [[], [], ["c"]]);
});

Deno.test("BundleCounts forgets the oldest of very many bundles, which a sweep then takes", () => {
  const counts = new BundleCounts();
  write(counts, ["a", "b"]);
  for (let i = 0; i < 10_000; i++) {
    const unbundled: Unbundled = new Map();
    counts.add({ last: `other ${i}`, count: 2 }, "x", unbundled);
    counts.committed(unbundled);
  }
  assertEquals(write(counts, ["c"]), []);
});
