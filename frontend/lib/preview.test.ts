import { assert, assertEquals } from "@std/assert";
import { previewOf, visible } from "./preview.ts";

Deno.test("previewOf() writes data in one line", () => {
  const data = { to: "ada", n: -1, ok: true, none: null, list: [1, [2], {}], "a b": [] };
  assertEquals(previewOf(data), '{ to: "ada", n: -1, ok: true, none: null, list: [1, [2], {}], "a b": [] }');
  assertEquals(previewOf(null), "null");
});

Deno.test("previewOf() reads no more than it shows", () => {
  let read = 0;
  const list = Array.from({ length: 100_000 }, () => "x".repeat(50));
  const watched = new Proxy(list, {
    get: (target, name) => {
      read++;
      return Reflect.get(target, name);
    },
  });
  assertEquals(previewOf(watched).length, 161);
  assert(read < 100, `${read} reads`);
  let deep: unknown = null;
  for (let depth = 0; depth < 50_000; depth++) deep = [deep];
  assertEquals(previewOf(deep), `${"[".repeat(160)}…`);
});

Deno.test("visible() writes out what cannot be seen or turns text around, and cuts between characters", () => {
  assertEquals(visible("a\u202eb\u200bc\nd"), "a\\u202eb\\u200bc\\u000ad");
  assertEquals(visible("ab😀", 3), "ab…");
  assertEquals(visible("é漢字"), "é漢字");
});
