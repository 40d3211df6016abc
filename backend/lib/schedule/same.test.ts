import { assertEquals } from "@std/assert";
import { isSame } from "./same.ts";

Deno.test("isSame() compares JSON by what it says, not by the order of its fields", () => {
  assertEquals(isSame({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }), true);
  for (
    const [one, other] of [[1, "1"], [null, {}], [[], {}], [[1, 2], [2, 1]], [{ a: 1 }, { b: 1 }], [
      { a: 1 },
      {
        a: 1,
        b: 2,
      },
    ], [{ toString: 1 }, {}]]
  ) {
    assertEquals(isSame(one, other), false, JSON.stringify([one, other]));
    assertEquals(isSame(other, one), false);
  }
});
