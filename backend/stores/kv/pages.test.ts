import { assert, assertEquals } from "@std/assert";
import { createSeq } from "../../lib/ids.ts";
import {
  decodePage,
  earliestPage,
  encodePage,
  findPage,
  NewPages,
  PAGE_BYTES,
  type PageItem,
  takeOut,
  walkPages,
} from "./pages.ts";

const PLACE: Deno.KvKey = ["p/ready", "default", "email", 0, 1_000];

function placingOf(seq: string, { time = 1_000, text = "", place = PLACE } = {}) {
  return { place, seq, text, size: text.length, time };
}

/** `count` seqs of one millisecond, in their order. */
function makeSeqs(count: number, at = 1_000): string[] {
  const next = createSeq();
  return Array.from({ length: count }, () => next(at));
}

/** A database with `pages` at places. */
async function store(pages: readonly (readonly [place: Deno.KvKey, seqs: readonly string[]])[]) {
  const kv = await Deno.openKv(":memory:");
  for (const [place, seqs] of pages) {
    const items = seqs.map((seq) => ({ seq, text: `of ${seq}` }));
    await kv.set([...place, items[0]!.seq], encodePage(items));
  }
  return kv;
}

async function seqsOf(walk: AsyncIterable<PageItem>): Promise<string[]> {
  return (await Array.fromAsync(walk)).map(({ seq }) => seq);
}

Deno.test("a page comes back as it was, with records of any text and without", () => {
  const [a = "", b = "", c = ""] = makeSeqs(3);
  const items = [
    { seq: a, text: "" },
    { seq: b, text: '{"type":"x"}\n"\\n\\n – ü \\u0000"' },
    { seq: c, text: "" },
  ];

  assertEquals(decodePage([...PLACE, a], encodePage(items)), items);
});

Deno.test("a page says which bundles its jobs are in, at length where it ends with another job", () => {
  const [a = "", b = "", c = "", d = ""] = makeSeqs(4);
  const bundled = [a, b, c].map((seq) => ({ seq, text: "x\n1", bundle: c }));
  const plain = bundled.map(({ seq, text }) => ({ seq, text }));
  const mixed = [...bundled, { seq: d, text: "y" }];

  assertEquals(decodePage([...PLACE, a], encodePage(bundled)), bundled);
  assertEquals(encodePage(bundled).length, encodePage(plain).length + 3);
  assertEquals(decodePage([...PLACE, a], encodePage(mixed)), mixed);
  assertEquals(decodePage([...PLACE, b], encodePage(mixed.slice(1))), mixed.slice(1));
});

Deno.test("a page that cannot be read tells its first job by its key", () => {
  assertEquals(decodePage([...PLACE, "a"], new Uint8Array([0, 255, 10, 10, 7])), [{ seq: "a", text: "" }]);
  assertEquals(decodePage([...PLACE, "a"], new Uint8Array(0)), [{ seq: "a", text: "" }]);
});

Deno.test("NewPages: jobs of one place share pages, in the order of their seqs, of bounded size and span", () => {
  const pages = new NewPages();
  const seqs = makeSeqs(100);
  for (const seq of seqs.toReversed()) pages.put(placingOf(seq));

  assertEquals(pages.all.map(({ items }) => items.length), [64, 36]);
  assertEquals(pages.all.map(({ key }) => key), [36, 0].map((i) => [...PLACE, seqs[i]!]));

  pages.put(placingOf("other place", { place: [...PLACE.slice(0, -1), 1_001] }));
  pages.put(placingOf("large", { text: "x".repeat(PAGE_BYTES) }));
  pages.put(placingOf("late", { time: 1_017 }));
  pages.put(placingOf("early", { time: 1_000 }));
  assertEquals(pages.all.slice(2).map(({ items }) => items.map(({ seq }) => seq)), [
    ["other place"],
    ["large"],
    ["late"],
    ["early"],
  ]);
});

Deno.test("NewPages: a key is paid for where a page begins, bytes for every job", () => {
  const pages = new NewPages();
  const cost = { mutations: 0, bytes: 0, keyBytes: 0, checks: 0 };
  const [a = "", b = ""] = makeSeqs(2);
  pages.addCost(placingOf(a, { text: "x".repeat(100) }), cost);
  assertEquals(cost.mutations, 1);
  assert(cost.keyBytes > 36 && cost.bytes > 100 + cost.keyBytes);
  pages.put(placingOf(a, { text: "x".repeat(100) }));

  const second = { mutations: 0, bytes: 0, keyBytes: 0, checks: 0 };
  pages.addCost(placingOf(b, { text: "x".repeat(100) }), second);
  assertEquals([second.mutations, second.keyBytes], [0, 0]);
  assert(second.bytes > 136);
});

Deno.test("takeOut() writes the rest again: under its key, or under its new first job", () => {
  const [a = "", b = "", c = ""] = makeSeqs(3);
  const items = [a, b, c].map((seq) => ({ seq, text: seq }));
  const page = { key: [...PLACE, a], items };

  const middle = takeOut(page, ({ seq }) => seq === b);
  assertEquals(middle, { sets: [[page.key, encodePage([items[0]!, items[2]!])]], gone: [] });
  const first = takeOut(page, ({ seq }) => seq === a);
  assertEquals(first, { sets: [[[...PLACE, b], encodePage(items.slice(1))]], gone: [page.key] });
  assertEquals(takeOut(page, () => true), { sets: [], gone: [page.key] });
});

Deno.test("findPage() finds the page of a job among pages that overlap, and none at another place", async () => {
  const seqs = makeSeqs(9);
  const pick = (...indexes: number[]) => indexes.map((i) => seqs[i] ?? "");
  using kv = await store([[PLACE, pick(0, 4, 8)], [PLACE, pick(1, 5)], [PLACE, pick(2)]]);

  for (const [i, first] of [[0, 0], [4, 0], [8, 0], [1, 1], [5, 1], [2, 2]] as const) {
    const page = await findPage(kv, PLACE, seqs[i] ?? "", earliestPage(seqs[i] ?? ""));
    assertEquals(page?.key, [...PLACE, seqs[first] ?? ""]);
  }
  assertEquals(await findPage(kv, PLACE, seqs[3] ?? ""), null);
  assertEquals(await findPage(kv, [...PLACE.slice(0, -1), 999], seqs[0] ?? ""), null);
});

Deno.test("walkPages() gives jobs place by place in the order of their seqs, forward and backward", async () => {
  const seqs = makeSeqs(9);
  const pick = (...indexes: number[]) => indexes.map((i) => seqs[i] ?? "");
  const later = [...PLACE.slice(0, -1), 1_001];
  using kv = await store([
    [PLACE, pick(0, 4, 6)],
    [PLACE, pick(1, 5)],
    [PLACE, pick(3)],
    [later, pick(2, 8)],
    [later, pick(7)],
  ]);
  const order = pick(0, 1, 3, 4, 5, 6, 2, 7, 8);

  const range = { prefix: PLACE.slice(0, -1) };
  assertEquals(await seqsOf(walkPages(kv, range)), order);
  assertEquals(await seqsOf(walkPages(kv, range, { reverse: true })), order.toReversed());
});
