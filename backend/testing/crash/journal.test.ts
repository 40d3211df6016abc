import { assertEquals } from "@std/assert";
import { underWay } from "./journal.ts";

Deno.test("underWay() returns the requests that were begun and not answered", () => {
  assertEquals([...underWay("+ a\n+ b\n- a\n+ c\n- c\n+ a\n")], ["b", "a"]);
  assertEquals([...underWay("")], []);
});

Deno.test("underWay() leaves out a line that was cut", () => {
  assertEquals([...underWay("+ a\n+ long-i")], ["a"]);
});
