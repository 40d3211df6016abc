import { assert, assertEquals } from "@std/assert";
import { changesOf } from "./audit-entry.ts";

const note = { action: "job.update", subject: "a" };

Deno.test("changesOf() keeps the fields that differ, whatever the order of what they hold", () => {
  const before = { id: "a", priority: 1, tags: ["x"], data: { a: 1, b: 2 }, gone: 1, updatedAt: 1 };
  const after = { id: "a", priority: 2, tags: ["x", "y"], data: { b: 2, a: 1 }, come: 1, updatedAt: 2 };

  assertEquals(changesOf({ ...note, before, after }), {
    before: { priority: 1, tags: ["x"], gone: 1, come: null },
    after: { priority: 2, tags: ["x", "y"], gone: null, come: 1 },
  });
  assertEquals(changesOf({ ...note, before, after: before }), { before: null, after: null });
});

Deno.test("changesOf() keeps all of a thing that is new or gone", () => {
  assertEquals(changesOf({ ...note, before: { id: "a", n: 1 } }), { before: { id: "a", n: 1 }, after: null });
  assertEquals(changesOf({ ...note, after: { id: "a", n: 1 } }), { before: null, after: { id: "a", n: 1 } });
  assertEquals(changesOf(note), { before: null, after: null });
});

Deno.test("changesOf() cuts what is long, and ends when there is too much", () => {
  const fields = Array.from({ length: 5_000 }, (_, n) => [`field-${n}`, "x".repeat(n === 0 ? 1e6 : 500)]);
  const { after } = changesOf({ ...note, after: Object.fromEntries(fields) });

  assertEquals(String(after?.["field-0"]).length, 1_001);
  assertEquals(after?.["…"], "4986 more fields");
  assert(JSON.stringify(after).length < 10_000);
});

Deno.test("changesOf() keeps any name of a field a field", () => {
  const after = JSON.parse('{ "__proto__": 1, "constructor": 2 }');

  assertEquals(JSON.stringify(changesOf({ ...note, after }).after), '{"__proto__":1,"constructor":2}');
});
