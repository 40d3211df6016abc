import { assertEquals } from "@std/assert";
import { BoundedNames } from "./bounded-names.ts";

Deno.test("BoundedNames keeps the first names apart, for ever, and no others", () => {
  const names = new BoundedNames(2);

  const labels = ["a", "b", "c", "a", "other", "c", "b"].map((name) => names.labelOf(name));

  assertEquals(labels, ["a", "b", "other", "a", "other", "other", "b"]);
});
