import { assertEquals } from "@std/assert";
import { pageOf } from "./list-page.ts";

Deno.test("pageOf() tells how many entries were read where a page ends before it is full, and the list goes on", () => {
  const more = { nextCursor: "c", scanned: 2_000 };

  assertEquals(pageOf([1, 2], more, 3), { data: [1, 2], nextCursor: "c", scanned: 2_000 });
  assertEquals(pageOf([1, 2], more, 2), { data: [1, 2], nextCursor: "c" });
  assertEquals(pageOf(Array(49).fill(0), more).scanned, 2_000);
  assertEquals(pageOf(Array(50).fill(0), more).scanned, undefined);
  assertEquals(pageOf([1], { nextCursor: null, scanned: 9 }, 3), { data: [1], nextCursor: null });
});
