import { assertEquals } from "@std/assert";
import { nearest } from "./nearest.ts";

Deno.test("nearest() counts letters put in, left out, changed and swapped, whatever their case", () => {
  const names = ["Europe/Paris", "Europe/Prague", "Asia/Tokyo"];

  assertEquals(nearest("Europe/Pariss", names, 2), "Europe/Paris");
  assertEquals(nearest("europe/prs", names, 2), "Europe/Paris");
  assertEquals(nearest("EUROPE/PARUS", names, 2), "Europe/Paris");
  assertEquals(nearest("Aisa/Tokyo", names, 1), "Asia/Tokyo");
  assertEquals(nearest("Asia/Tokyo", names, 0), "Asia/Tokyo");
});

Deno.test("nearest() gives none beyond the limit, and the first of several", () => {
  assertEquals(nearest("xyz", ["abc"], 2), null);
  assertEquals(nearest("", ["abc"], 2), null);
  assertEquals(nearest("bat", ["cat", "hat"], 2), "cat");
});
